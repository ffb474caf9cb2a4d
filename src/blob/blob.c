/* blob.c -- blobs of any place: found by its URL, named by their bytes, checked
 * when they are read, swept when nobody is about to name one. */
#include "blob/blob.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "blob/blob_backend.h"

/* Another kind of place is another row; the first one has plain paths. */
static const struct blob_backend *const backends[] = {
	&blob_folder, &blob_postgres, &blob_s3};

#define N_BACKENDS (sizeof backends / sizeof *backends)
#define SWEEPS_AN_AGE 24

struct blobs {
	const struct blob_backend *backend;
	struct blob_place *place;
	pthread_rwlock_t lock; /* shared by those who entered */
	int64_t spare_s;
	_Atomic int64_t swept_ms; /* when the last sweep began; 0: none */
};

/* -- places -- */

static const struct blob_backend *find_backend(const char *url, struct err *e)
{
	const size_t n = strspn(url, "abcdefghijklmnopqrstuvwxyz0123456789");

	if (n == 0 || url[n] != ':')
		return backends[0];
	for (size_t i = 0; i < N_BACKENDS; i++)
		if (strlen(backends[i]->scheme) == n &&
			memcmp(backends[i]->scheme, url, n) == 0)
			return backends[i];
	err_set(e, ERR_INVALID,
		"blobs are not kept in \"%.*s:\": known are folder:, "
		"postgresql: and s3:",
		(int)(n < 40 ? n : 40), url);
	return NULL;
}

struct blobs *blobs_open(const char *url, struct err *e)
{
	const struct blob_backend *backend = find_backend(url, e);
	struct blob_place *place = backend ? backend->open(url, e) : NULL;
	struct blobs *b;

	if (!place)
		return NULL;
	b = xcalloc(1, sizeof *b);
	b->backend = backend;
	b->place = place;
	pthread_rwlock_init(&b->lock, NULL);
	return b;
}

void blobs_close(struct blobs *b)
{
	if (!b)
		return;
	b->backend->close(b->place);
	pthread_rwlock_destroy(&b->lock);
	free(b);
}

/* -- in and out -- */

int blob_put(struct blobs *b, const void *bytes, size_t n,
	char name[SHA256_HEX_BYTES], struct err *e)
{
	char hash[SHA256_HEX_BYTES];
	int rc;

	sha256_of(bytes, n, hash);
	rc = b->backend->put(b->place, hash, bytes, n, e);
	if (rc == 0)
		memcpy(name, hash, sizeof hash);
	return rc;
}

static int damaged(const char *name, struct err *e)
{
	return err_set(e, ERR_WORLD, "the blob %s is damaged", name);
}

/* What comes is summed on its way. */
struct checking {
	struct sha256 *hash;
	size_t n;
	struct buf *out; /* to there, ... */
	int fd;          /* ... or, where that is NULL, into this file */
};

static int write_all(int fd, const char *bytes, size_t n, struct err *e)
{
	while (n > 0) {
		const ssize_t some = write(fd, bytes, n);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return err_set(e, ERR_WORLD,
				"there is no room for a blob's passing copy");
		bytes += some;
		n -= (size_t)some;
	}
	return 0;
}

static int take(void *checking, const void *bytes, size_t n, struct err *e)
{
	struct checking *c = checking;

	sha256_add(c->hash, bytes, n);
	c->n += n;
	return c->out ? buf_add(c->out, bytes, n, e)
		      : write_all(c->fd, bytes, n, e);
}

/* Nothing but 64 hex digits comes to a place. */
static int read_checked(
	struct blobs *b, const char *name, struct checking *c, struct err *e)
{
	const struct blob_sink to = {take, c};
	char found[SHA256_HEX_BYTES];
	int rc;

	if (!sha256_is_hex(name))
		return blob_absent(e);
	c->hash = sha256_new();
	rc = b->backend->read(b->place, name, &to, e);
	sha256_end(c->hash, found);
	if (rc == 0 && strcmp(found, name) != 0)
		rc = damaged(name, e);
	return rc;
}

int blob_get(struct blobs *b, const char *name, struct buf *out, struct err *e)
{
	struct checking c = {.out = out};
	const size_t before = out->len;
	int rc = read_checked(b, name, &c, e);

	if (rc && out->data) {
		out->len = before; /* a failed call adds nothing */
		out->data[before] = '\0';
	}
	return rc;
}

/* A file without a name, which goes when it is closed. */
static int passing_file(struct err *e)
{
	const char *folder = getenv("TMPDIR");
	char path[PATH_MAX];
	int fd = -1;

	if (snprintf(path, sizeof path, "%s/nevod-blob-XXXXXX",
		    folder && folder[0] ? folder : "/tmp") < (int)sizeof path)
		fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ERR_WORLD,
			"no passing file can be made for a blob: %s",
			strerror(errno));
	unlink(path);
	return fd;
}

static int copy_to_file(
	struct blobs *b, const char *name, int *fd, size_t *n, struct err *e)
{
	struct checking c = {.fd = passing_file(e)};
	int rc;

	if (c.fd < 0)
		return ERR_WORLD;
	rc = read_checked(b, name, &c, e);
	if (rc == 0 && lseek(c.fd, 0, SEEK_SET) != 0)
		rc = err_set(e, ERR_WORLD, "cannot read the blob %s: %s", name,
			strerror(errno));
	if (rc) {
		close(c.fd);
		return rc;
	}
	*fd = c.fd;
	*n = c.n;
	return 0;
}

/* Reads all of it once, and goes back to its beginning. */
static int check_file(int fd, const char *name, size_t *n, struct err *e)
{
	char found[SHA256_HEX_BYTES];
	int rc = file_sha256(fd, found, e);
	const off_t end = lseek(fd, 0, SEEK_END);

	if (rc)
		return rc;
	if (end < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return err_set(e, ERR_WORLD, "cannot read the blob %s: %s",
			name, strerror(errno));
	*n = (size_t)end;
	return strcmp(found, name) == 0 ? 0 : damaged(name, e);
}

int blob_file(
	struct blobs *b, const char *name, int *fd, size_t *n, struct err *e)
{
	int opened, rc;

	if (!sha256_is_hex(name))
		return blob_absent(e);
	if (!b->backend->file)
		return copy_to_file(b, name, fd, n, e);
	rc = b->backend->file(b->place, name, &opened, e);
	if (rc)
		return rc;
	rc = check_file(opened, name, n, e);
	if (rc)
		close(opened);
	else
		*fd = opened;
	return rc;
}

int blob_size(struct blobs *b, const char *name, size_t *n, struct err *e)
{
	return sha256_is_hex(name) ? b->backend->size(b->place, name, n, e)
				   : blob_absent(e);
}

/* -- all of them -- */

struct listing {
	int (*each)(void *ctx, const char *name, struct err *e);
	void *ctx;
};

static int tell_blob(void *listing, const char *name, struct err *e)
{
	const struct listing *l = listing;

	return sha256_is_hex(name) ? l->each(l->ctx, name, e) : 0;
}

int blobs_each(struct blobs *b,
	int (*each)(void *ctx, const char *name, struct err *e), void *ctx,
	struct err *e)
{
	struct listing l = {each, ctx};
	const struct blob_told told = {tell_blob, &l};

	return b->backend->each(b->place, 0, &told, e);
}

/* -- who names blobs, and what nothing names -- */

void blobs_enter(struct blobs *b)
{
	pthread_rwlock_rdlock(&b->lock);
}

void blobs_leave(struct blobs *b)
{
	pthread_rwlock_unlock(&b->lock);
}

void blobs_alone(struct blobs *b)
{
	pthread_rwlock_wrlock(&b->lock);
}

void blobs_spare(struct blobs *b, int64_t seconds)
{
	b->spare_s = seconds;
}

int blobs_sweep_due(struct blobs *b)
{
	const int64_t every_ms = b->spare_s * 1000 / SWEEPS_AN_AGE;

	return every_ms == 0 || b->swept_ms == 0 ||
	       clock_mono_ms() - b->swept_ms >= every_ms;
}

/* Whose blobs are to stay. */
struct sweep {
	struct blobs *of;
	int (*named)(void *ctx, const char *name);
	void *ctx;
};

static int sweep_one(void *sweep, const char *name, struct err *e)
{
	const struct sweep *s = sweep;
	const struct blobs *b = s->of;

	if (sha256_is_hex(name) && s->named(s->ctx, name))
		return 0;
	return b->backend->remove(b->place, name, b->spare_s, e);
}

int blobs_sweep(struct blobs *b, int (*named)(void *ctx, const char *name),
	void *ctx, struct err *e)
{
	struct sweep s = {b, named, ctx};
	const struct blob_told told = {sweep_one, &s};

	b->swept_ms = clock_mono_ms();
	return b->backend->each(b->place, b->spare_s, &told, e);
}
