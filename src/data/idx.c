/* idx.c -- IDX through zlib, which reads plain files as they are. */
#include "data/idx.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"
#include "data/dataset_info.h"

#define TYPE_UBYTE 8
#define READ_AT_ONCE ((size_t)1 << 24)

/* deflate never packs tighter than this, so what a file can make us allocate
 * is bounded by its own size, whatever its header promises. */
#define DEFLATE_RATIO_MAX 1032

struct idx_reader {
	struct idx_sizes sizes;
	size_t left; /* values not read yet */
	gzFile gz;
	char *name;        /* the file's, without its folder */
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
static int read_ending(int fd, off_t size, struct idx_reader *r)
{
	uint8_t magic[2];

	if (size < 4 || pread(fd, magic, 2, 0) != 2)
		return -1;
	r->gzipped = magic[0] == 0x1f && magic[1] == 0x8b;
	return pread(fd, r->ending, 4, size - 4) == 4 ? 0 : -1;
}

/* Takes over the descriptor. */
static int use_file(int fd, struct idx_reader *r, struct err *e)
{
	struct stat st;
	int rc = 0;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		rc = err_set(
			e, ERR_INVALID, "%s is not a regular file", r->name);
	else if (read_ending(fd, st.st_size, r))
		rc = err_set(e, ERR_INVALID, "%s is cut short", r->name);
	else if (!(r->gz = gzdopen(fd, "rb")))
		rc = err_set(e, ERR_WORLD, "out of memory");
	else
		r->max_bytes = (size_t)st.st_size * DEFLATE_RATIO_MAX;
	if (rc)
		close(fd);
	return rc;
}

/* O_NONBLOCK: a FIFO put in a file's place must not hold us up. */
static int open_file(const char *path, struct idx_reader *r, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0)
		return use_file(fd, r, e);
	if (errno == ENOENT)
		return err_set(
			e, ERR_NOT_FOUND, "there is no file %s", r->name);
	return err_set(
		e, ERR_WORLD, "cannot open %s: %s", r->name, strerror(errno));
}

/* Why a read gave fewer bytes than wanted. */
static int short_read(const struct idx_reader *r, struct err *e)
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
	const struct idx_reader *r, uint8_t *to, size_t n, struct err *e)
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

static uint32_t ending_size(const struct idx_reader *r)
{
	const uint8_t *b = r->ending;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

/* Reading past the end is what makes zlib look at the gzip trailer. */
static int read_end(const struct idx_reader *r, struct err *e)
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

static int read_magic(struct idx_reader *r, struct err *e)
{
	uint8_t magic[4];
	int rc = read_exactly(r, magic, sizeof magic, e);

	if (rc)
		return rc;
	r->sizes.rank = magic[3];
	if (magic[0] || magic[1] || magic[2] != TYPE_UBYTE || magic[3] < 1 ||
		magic[3] > IDX_RANK_MAX)
		return err_set(e, ERR_INVALID,
			"%s is not an IDX file of unsigned bytes with 1 to %d "
			"dimensions",
			r->name, IDX_RANK_MAX);
	return 0;
}

/* Fills in the sizes, and how many values they promise. */
static int read_sizes(struct idx_reader *r, struct err *e)
{
	uint8_t size[4];

	r->left = 1;
	for (int i = 0; i < r->sizes.rank; i++) {
		size_t *dim = &r->sizes.dims[i];
		int rc = read_exactly(r, size, sizeof size, e);

		if (rc)
			return rc;
		*dim = big_endian(size);
		if (!*dim || *dim > IDX_BYTES_MAX / r->left)
			return err_set(e, ERR_INVALID,
				"the sizes in %s are 0 or come to more than "
				"%zu bytes",
				r->name, IDX_BYTES_MAX);
		r->left *= *dim;
	}
	if (r->left > r->max_bytes)
		return err_set(e, ERR_INVALID, "%s is cut short", r->name);
	return 0;
}

int idx_open(const char *path, struct idx_reader **out, struct err *e)
{
	struct idx_reader *r = xcalloc(1, sizeof *r);
	int rc;

	r->name = xstrdup(base_name(path));
	rc = open_file(path, r, e);
	if (rc == 0)
		rc = read_magic(r, e);
	if (rc == 0)
		rc = read_sizes(r, e);
	if (rc)
		idx_close(r);
	else
		*out = r;
	return rc;
}

void idx_close(struct idx_reader *r)
{
	if (!r)
		return;
	if (r->gz)
		gzclose_r(r->gz);
	free(r->name);
	free(r);
}

const struct idx_sizes *idx_sizes(const struct idx_reader *r)
{
	return &r->sizes;
}

int idx_next(struct idx_reader *r, uint8_t *values, size_t n, struct err *e)
{
	int rc;

	assert(n <= r->left);
	rc = read_exactly(r, values, n, e);
	if (rc)
		return rc;
	r->left -= n;
	return r->left == 0 ? read_end(r, e) : 0;
}

/* Of a size that a file can make us ask for, so malloc may fail. */
static int read_values(struct idx_reader *r, struct idx *x, struct err *e)
{
	size_t n = r->left;
	int rc;

	x->sizes = r->sizes;
	x->values = malloc(n);
	if (!x->values)
		return err_set(e, ERR_WORLD,
			"no memory for the %zu bytes of %s", n, r->name);
	rc = idx_next(r, x->values, n, e);
	if (rc)
		free(x->values);
	return rc;
}

int idx_read(const char *path, struct idx *out, struct err *e)
{
	struct idx_reader *r;
	struct idx x;
	int rc = idx_open(path, &r, e);

	if (rc)
		return rc;
	rc = read_values(r, &x, e);
	idx_close(r);
	if (rc == 0)
		*out = x;
	return rc;
}

void idx_release(struct idx *x)
{
	free(x->values);
	*x = (struct idx){0};
}

int idx_images(const struct idx_sizes *s, const char *what,
	struct idx_images *out, struct err *e)
{
	const size_t *side = s->dims + s->rank - 2;
	size_t channels = s->rank == 4 ? s->dims[1] : 1;

	if (s->rank < 2)
		return err_set(e, ERR_INVALID,
			"%s have 1 dimension, as labels have; images have 2 "
			"(H,W), 3 (N,H,W) or 4 (N,C,H,W)",
			what);
	if (channels > DATASET_CHANNELS_MAX || side[0] > DATASET_SIDE_MAX ||
		side[1] > DATASET_SIDE_MAX)
		return err_set(e, ERR_INVALID,
			"%s are %zux%zux%zu; the limit is %dx%dx%d", what,
			channels, side[0], side[1], DATASET_CHANNELS_MAX,
			DATASET_SIDE_MAX, DATASET_SIDE_MAX);
	*out = (struct idx_images){s->rank == 2 ? 1 : s->dims[0], (int)channels,
		(int)side[0], (int)side[1]};
	return 0;
}
