/* memory_folder.h -- a folder whose files are links to memory, made once. */
#ifndef FUZZ_MEMORY_FOLDER_H
#define FUZZ_MEMORY_FOLDER_H

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define MEMORY_FILES_MAX 4

static char memory_folder[] = "/tmp/nevod-fuzz-XXXXXX";
static const char *memory_names[MEMORY_FILES_MAX];
static int memory_fd[MEMORY_FILES_MAX];
static size_t memory_files;

static inline void memory_folder_remove(void)
{
	char path[sizeof memory_folder + 64];

	for (size_t i = 0; i < memory_files; i++) {
		snprintf(path, sizeof path, "%s/%s", memory_folder,
			memory_names[i]);
		unlink(path);
	}
	rmdir(memory_folder);
}

static inline void memory_folder_make(const char *const *names, size_t n)
{
	char path[sizeof memory_folder + 64], memory[64];

	must(mkdtemp(memory_folder) != NULL);
	atexit(memory_folder_remove);
	for (size_t i = 0; i < n; i++) {
		memory_names[i] = names[i];
		memory_fd[i] = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(memory, sizeof memory, "/proc/self/fd/%d",
			memory_fd[i]);
		snprintf(path, sizeof path, "%s/%s", memory_folder, names[i]);
		must(memory_fd[i] >= 0 && symlink(memory, path) == 0);
	}
	memory_files = n;
}

/* Cuts the input into the files: it begins with the lengths of all but the
 * last, two bytes each, the lower first.  What is cut short is as long as it
 * is. */
static inline void memory_folder_fill(const uint8_t *data, size_t size)
{
	const size_t head = 2 * (memory_files - 1);
	const uint8_t *at = data + (size < head ? size : head);
	size_t left = size < head ? 0 : size - head;

	for (size_t i = 0; i < memory_files; i++) {
		size_t n = left;

		if (size >= head && i + 1 < memory_files)
			n = data[2 * i] | (size_t)data[2 * i + 1] << 8;
		if (n > left)
			n = left;
		must(ftruncate(memory_fd[i], 0) == 0);
		must(pwrite(memory_fd[i], at, n, 0) == (ssize_t)n);
		at += n;
		left -= n;
	}
}

#endif
