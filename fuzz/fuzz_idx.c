/* fuzz_idx.c -- a data set's folder of four IDX files, plain or gzipped.
 *
 * The input is the lengths of the first three files, two bytes each, the lower
 * first, and then the four files; what is cut short is as long as it is. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/format_idx.h"

#define FILES 4
#define HEAD (2 * (FILES - 1))

static const char *const names[FILES] = {"train-images-idx3-ubyte",
	"train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
	"t10k-labels-idx1-ubyte"};

/* Made once: a folder whose files are links to memory. */
static char folder[] = "/tmp/nevod-fuzz-XXXXXX";
static int fd[FILES] = {-1, -1, -1, -1};

static void remove_folder(void)
{
	char path[sizeof folder + 64];

	for (int i = 0; i < FILES; i++) {
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static void make_folder(void)
{
	char path[sizeof folder + 64], memory[64];

	must(mkdtemp(folder) != NULL);
	atexit(remove_folder);
	for (int i = 0; i < FILES; i++) {
		fd[i] = memfd_create("fuzz", MFD_CLOEXEC);
		snprintf(memory, sizeof memory, "/proc/self/fd/%d", fd[i]);
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		must(fd[i] >= 0 && symlink(memory, path) == 0);
	}
}

static void write_files(const uint8_t *data, size_t size)
{
	const uint8_t *at = data + HEAD;
	size_t left = size - HEAD;

	for (int i = 0; i < FILES; i++) {
		size_t n = left;

		if (i < FILES - 1)
			n = data[2 * i] | (size_t)data[2 * i + 1] << 8;
		if (n > left)
			n = left;
		must(ftruncate(fd[i], 0) == 0);
		must(pwrite(fd[i], at, n, 0) == (ssize_t)n);
		at += n;
		left -= n;
	}
}

/* What has been announced, and how much of it has come. */
struct seen {
	struct dataset_info info;
	size_t n[DATASET_PARTS];
	size_t sum; /* so that every pixel is read */
};

static int announce(void *ctx, const struct dataset_info *d, struct err *e)
{
	struct seen *s = ctx;

	s->info = *d;
	return dataset_info_check(d, e);
}

static int add(void *ctx, const struct dataset_samples *some, struct err *e)
{
	struct seen *s = ctx;
	const uint8_t *pixels = some->pixels;
	size_t bytes = some->n * dataset_image_bytes(&s->info);

	(void)e;
	must(some->part == DATASET_TEST || s->n[DATASET_TEST] == 0);
	for (size_t i = 0; i < some->n; i++)
		must(some->labels[i] < s->info.classes);
	for (size_t i = 0; i < bytes; i++)
		s->sum += pixels[i];
	s->n[some->part] += some->n;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen s;
	const struct dataset_sink sink = {announce, add, &s};

	if (size < HEAD)
		return 0;
	if (fd[0] < 0)
		make_folder();
	write_files(data, size);
	s = (struct seen){.sum = 0};
	if (format_idx.read(folder, &sink, NULL) == 0)
		must(s.n[DATASET_TRAIN] == s.info.n_train &&
			s.n[DATASET_TEST] == s.info.n_test);
	return 0;
}
