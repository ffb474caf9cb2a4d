/* idx.c -- IDX through zlib, which reads plain files as they are. */
#include "data/idx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define TYPE_UBYTE 8
#define READ_AT_ONCE ((size_t)1 << 24)

/* deflate never packs tighter than this, so what a file can make us allocate
 * is bounded by its own size, whatever its header promises. */
#define DEFLATE_RATIO_MAX 1032

struct reader {
	gzFile gz;
	const char *name;  /* the file's, without its folder */
	size_t max_bytes;  /* that the file can unpack to */
	int gzipped;       /* then the file ends with its plain size, */
	uint8_t ending[4]; /* modulo 2^32, little-endian */
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* zlib does not miss a trailer that is cut off when its input buffer runs out
 * just there, so read_end compares the size that the trailer gives. */
static int read_ending(int fd, off_t size, struct reader *r)
{
	uint8_t magic[2];

	if (size < 4 || pread(fd, magic, 2, 0) != 2)
		return -1;
	r->gzipped = magic[0] == 0x1f && magic[1] == 0x8b;
	return pread(fd, r->ending, 4, size - 4) == 4 ? 0 : -1;
}

/* O_NONBLOCK: a FIFO put in a file's place must not hold us up. */
static int reader_open(const char *path, struct reader *r, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	r->name = base_name(path);
	if (fd < 0 && errno == ENOENT)
		return err_set(
			e, ERR_NOT_FOUND, "there is no file %s", r->name);
	if (fd < 0)
		return err_set(e, ERR_WORLD, "cannot open %s: %s", r->name,
			strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(
			e, ERR_INVALID, "%s is not a regular file", r->name);
	}
	if (read_ending(fd, st.st_size, r)) {
		close(fd);
		return err_set(e, ERR_INVALID, "%s is cut short", r->name);
	}
	r->gz = gzdopen(fd, "rb");
	if (!r->gz) {
		close(fd);
		return err_set(e, ERR_WORLD, "out of memory");
	}
	r->max_bytes = (size_t)st.st_size * DEFLATE_RATIO_MAX;
	return 0;
}

/* Why a read gave fewer bytes than wanted. */
static int short_read(const struct reader *r, struct err *e)
{
	int code;
	const char *why = gzerror(r->gz, &code);

	if (code == Z_ERRNO)
		return err_set(e, ERR_WORLD, "cannot read %s: %s", r->name,
			strerror(errno));
	if (code == Z_OK || code == Z_BUF_ERROR)
		return err_set(e, ERR_INVALID, "%s is cut short", r->name);
	return err_set(e, ERR_INVALID, "%s is damaged: %s", r->name, why);
}

static int read_exactly(
	const struct reader *r, uint8_t *to, size_t n, struct err *e)
{
	while (n > 0) {
		size_t want = n < READ_AT_ONCE ? n : READ_AT_ONCE;
		int got = gzread(r->gz, to, (unsigned)want);

		if (got <= 0)
			return short_read(r, e);
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

static uint32_t ending_size(const struct reader *r)
{
	const uint8_t *b = r->ending;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

/* Reading past the end is what makes zlib look at the gzip trailer. */
static int read_end(const struct reader *r, struct err *e)
{
	uint8_t byte;
	int code, got = gzread(r->gz, &byte, 1);

	if (got > 0)
		return err_set(e, ERR_INVALID,
			"%s holds more values than its header promises",
			r->name);
	gzerror(r->gz, &code);
	if (got < 0 || code != Z_OK)
		return short_read(r, e);
	if (r->gzipped && (uint32_t)gztell(r->gz) != ending_size(r))
		return err_set(e, ERR_INVALID,
			"%s is cut short, or made of several gzip members: "
			"unpack it first",
			r->name);
	return 0;
}

static size_t big_endian(const uint8_t b[4])
{
	return (size_t)b[0] << 24 | (size_t)b[1] << 16 | (size_t)b[2] << 8 |
	       (size_t)b[3];
}

/* Fills rank and dims, and their product in *total. */
static int read_header(
	const struct reader *r, struct idx *x, size_t *total, struct err *e)
{
	uint8_t magic[4], size[4];
	int rc = read_exactly(r, magic, sizeof magic, e);

	if (rc)
		return rc;
	x->rank = magic[3];
	if (magic[0] || magic[1] || magic[2] != TYPE_UBYTE || x->rank < 1 ||
		x->rank > IDX_RANK_MAX)
		return err_set(e, ERR_INVALID,
			"%s is not an IDX file of unsigned bytes with 1 to %d "
			"dimensions",
			r->name, IDX_RANK_MAX);
	*total = 1;
	for (int i = 0; i < x->rank; i++) {
		rc = read_exactly(r, size, sizeof size, e);
		if (rc)
			return rc;
		x->dims[i] = big_endian(size);
		if (!x->dims[i] || x->dims[i] > IDX_BYTES_MAX / *total)
			return err_set(e, ERR_INVALID,
				"the sizes in %s are 0 or come to more than "
				"%zu bytes",
				r->name, IDX_BYTES_MAX);
		*total *= x->dims[i];
	}
	return 0;
}

static int read_values(
	const struct reader *r, struct idx *x, size_t total, struct err *e)
{
	int rc;

	if (total > r->max_bytes)
		return err_set(e, ERR_INVALID, "%s is cut short", r->name);
	x->values = malloc(total);
	if (!x->values)
		return err_set(e, ERR_WORLD,
			"no memory for the %zu bytes of %s", total, r->name);
	rc = read_exactly(r, x->values, total, e);
	if (rc == 0)
		rc = read_end(r, e);
	if (rc)
		free(x->values);
	return rc;
}

int idx_read(const char *path, struct idx *out, struct err *e)
{
	struct reader r;
	struct idx x = {0};
	size_t total = 0;
	int rc = reader_open(path, &r, e);

	if (rc)
		return rc;
	rc = read_header(&r, &x, &total, e);
	if (rc == 0)
		rc = read_values(&r, &x, total, e);
	gzclose_r(r.gz);
	if (rc == 0)
		*out = x;
	return rc;
}

void idx_release(struct idx *x)
{
	free(x->values);
	*x = (struct idx){0};
}
