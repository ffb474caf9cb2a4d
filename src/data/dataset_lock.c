/* dataset_lock.c -- file_lock, waited for, in a file that comes and goes. */
#include "data/dataset_lock.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define LOOK_AGAIN_MS 50

/* True if that file still has its name: its last holder may have removed it
 * while we waited, and then the lock that others see is another one. */
static int is_named(const char *path, int fd)
{
	struct stat named, held;

	return stat(path, &named) == 0 && fstat(fd, &held) == 0 &&
	       named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

int dataset_lock(
	const char *path, int (*stop)(void *ctx), void *ctx, struct err *e)
{
	for (;;) {
		int fd = file_lock(path, e);

		if (fd >= 0 && is_named(path, fd))
			return fd;
		if (fd >= 0)
			close(fd);
		else if (fd != ERR_CONFLICT)
			return fd;
		if (stop && stop(ctx))
			return err_set(e, ERR_CANCELLED, "given up");
		clock_sleep_ms(LOOK_AGAIN_MS);
	}
}

void dataset_unlock(const char *path, int fd)
{
	unlink(path);
	close(fd);
}
