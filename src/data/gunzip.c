/* gunzip.c -- zlib's inflate, a member at a time.
 *
 * zlib's own gzread does not miss a trailer that is cut off, and this does. */
#include "data/gunzip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/arena.h"

#define IN_BYTES 65536
#define GZIP_WINDOW (15 + 16) /* zlib's word for: with a gzip header */

/* deflate never packs tighter than this, so what a file can make us allocate
 * is bounded by its own size, whatever its header promises. */
#define DEFLATE_RATIO_MAX 1032

struct gunzip {
	int fd;
	char *name;
	z_stream z;
	int in_member; /* else between two, or before the first */
	int members;   /* ended so far */
	uint8_t in[IN_BYTES];
};

int gunzip_is(const uint8_t magic[2])
{
	return magic[0] == 0x1f && magic[1] == 0x8b;
}

/* Makes sure that there is input.  1, 0 at the file's end, or an error. */
static int refill(struct gunzip *g, struct err *e)
{
	ssize_t got;

	if (g->z.avail_in > 0)
		return 1;
	do
		got = read(g->fd, g->in, IN_BYTES);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return err_set(e, ERR_WORLD, "cannot read %s: %s", g->name,
			strerror(errno));
	g->z.next_in = g->in;
	g->z.avail_in = (unsigned)got;
	return got > 0;
}

/* Enters the next member.  1, 0 if there is none, or an error. */
static int begin_member(struct gunzip *g, struct err *e)
{
	int more = refill(g, e);

	/* Tapes and block devices pad with zeros. */
	while (more > 0 && g->members > 0 && *g->z.next_in == 0) {
		g->z.next_in++;
		g->z.avail_in--;
		more = refill(g, e);
	}
	if (more <= 0)
		return more;
	if (g->members > 0)
		inflateReset(&g->z);
	g->in_member = 1;
	return 1;
}

static int damaged(const struct gunzip *g, int code, struct err *e)
{
	if (code == Z_MEM_ERROR)
		return err_set(e, ERR_WORLD, "no memory to unpack %s", g->name);
	if (g->members > 0 && g->z.total_in <= 2)
		return err_set(e, ERR_INVALID,
			"%s has bytes behind its end that are not gzip's",
			g->name);
	return err_set(e, ERR_INVALID, "%s is damaged: %s", g->name,
		g->z.msg ? g->z.msg : "not gzip");
}

/* One call of inflate: 0, or an error. */
static int step(struct gunzip *g, struct err *e)
{
	int more = refill(g, e), code;

	if (more < 0)
		return more;
	if (more == 0)
		return err_set(e, ERR_INVALID, "%s is cut short", g->name);
	code = inflate(&g->z, Z_NO_FLUSH);
	if (code == Z_STREAM_END) {
		g->in_member = 0;
		g->members++;
		return 0;
	}
	return code == Z_OK || code == Z_BUF_ERROR ? 0 : damaged(g, code, e);
}

static ssize_t some(void *s, void *to, size_t n, struct err *e)
{
	struct gunzip *g = s;
	const unsigned want = n < INT32_MAX ? (unsigned)n : INT32_MAX;
	int rc = 1;

	g->z.next_out = to;
	g->z.avail_out = want;
	while (rc >= 0 && g->z.avail_out == want) {
		if (!g->in_member && (rc = begin_member(g, e)) <= 0)
			break;
		rc = step(g, e);
	}
	return rc < 0 ? rc : (ssize_t)(want - g->z.avail_out);
}

static void release(void *s)
{
	struct gunzip *g = s;

	inflateEnd(&g->z);
	close(g->fd);
	free(g->name);
	free(g);
}

struct stream *gunzip_new(int fd, const char *name, uint64_t bytes)
{
	static const struct stream_kind kind = {some, release};
	struct gunzip *g = xcalloc(1, sizeof *g);

	g->fd = fd;
	g->name = xstrdup(name);
	if (inflateInit2(&g->z, GZIP_WINDOW) != Z_OK)
		abort(); /* no memory, as xcalloc would */
	return stream_new(&kind, g, name, bytes * DEFLATE_RATIO_MAX);
}
