/* fuzz_images.c -- a file of images: PNG, JPEG, or IDX, plain or gzipped. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "data/images.h"

/* The readers take a path; this one needs no disk. */
static int in_memory(const uint8_t *data, size_t size, char *path, size_t room)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[64];
	int fd = in_memory(data, size, path, sizeof path);

	for (int i = 0; i < 4; i++) {
		const struct images_shape shape = {i % 2 ? 3 : 1, 5, 7,
			i < 2 ? DATASET_UINT8 : DATASET_FLOAT32};
		struct images x;

		if (images_read(path, &shape, &x, NULL))
			continue;
		must(x.n > 0 && x.channels > 0 && x.height > 0 && x.width > 0);
		images_release(&x);
	}
	close(fd);
	return 0;
}
