/* file_stream.c -- looks at how a file begins; plain files as they are. */
#include "data/file_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "data/gunzip.h"

struct plain {
	int fd;
	char *name;
};

static ssize_t plain_some(void *s, void *to, size_t n, struct err *e)
{
	struct plain *p = s;
	ssize_t got;

	do
		got = read(p->fd, to, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(e, ERR_WORLD, "cannot read %s: %s", p->name,
			strerror(errno));
	return got;
}

static void plain_close(void *s)
{
	struct plain *p = s;

	close(p->fd);
	free(p->name);
	free(p);
}

static struct stream *plain_new(int fd, const char *name, uint64_t bytes)
{
	static const struct stream_kind kind = {plain_some, plain_close};
	struct plain *p = xcalloc(1, sizeof *p);

	p->fd = fd;
	p->name = xstrdup(name);
	return stream_new(&kind, p, name, bytes);
}

/* Takes over the descriptor. */
static int use_file(
	int fd, const char *name, struct stream **out, struct err *e)
{
	uint8_t magic[2] = {0, 0};
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(
			e, ERR_INVALID, "%s is not a regular file", name);
	}
	if (pread(fd, magic, 2, 0) == 2 && gunzip_is(magic))
		*out = gunzip_new(fd, name, (uint64_t)st.st_size);
	else
		*out = plain_new(fd, name, (uint64_t)st.st_size);
	return 0;
}

/* O_NONBLOCK: a FIFO put in a file's place must not hold us up. */
int file_stream_open(const char *path, struct stream **out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *name = stream_base_name(path);

	if (fd >= 0)
		return use_file(fd, name, out, e);
	if (errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "there is no file %s", name);
	return err_set(
		e, ERR_WORLD, "cannot open %s: %s", name, strerror(errno));
}
