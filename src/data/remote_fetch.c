/* remote_fetch.c -- GET after GET, each place that a redirect leads to checked
 * like the first. */
#include "data/remote_fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/download.h"

#define REDIRECTS_MAX 5
#define TRIES 6 /* that bring nothing, one after another */
#define FIRST_PAUSE_MS 500
#define LISTEN_EVERY_MS 100

struct remote_state {
	uint64_t all; /* bytes */
	struct http_downloaded
		heads[]; /* of each file; a status of 404: none */
};

/* A file on its way. */
struct arrival {
	const struct remote_fetch *f;
	int fd;
	uint64_t before, here, all; /* bytes of other files, of this, of all */
};

static int stops(void *fetch)
{
	const struct remote_fetch *f = fetch;

	return f->stop && f->stop(f->ctx);
}

static int arrival_stops(void *arrival)
{
	return stops((void *)((struct arrival *)arrival)->f);
}

/* -- one GET, wherever it leads -- */

/* Leaving https behind is no redirect that anybody wants. */
static int check_step(const char *from, const char *to, struct err *e)
{
	if (strncmp(from, "https:", 6) == 0 && strncmp(to, "http:", 5) == 0)
		return err_set(
			e, ERR_DENIED, "a redirect leads from https to http");
	return 0;
}

static int get(const struct remote_fetch *f, const struct remote_file *file,
	struct http_download *d, struct http_downloaded *out, struct err *e)
{
	char url[HTTP_REDIRECT_BYTES];
	int rc = 0;

	d->sign = f->set->is_signed ? &f->set->signing : NULL;
	snprintf(url, sizeof url, "%s", file->url);
	for (int i = 0; i <= REDIRECTS_MAX; i++) {
		d->url = url;
		rc = remote_policy_check(f->policy, url, f->set->files[0].url,
			&d->public_only, e);
		if (rc == 0)
			rc = http_download(d, out, e);
		if (rc || out->status < 300 || out->status > 399 ||
			!out->redirect[0])
			return rc;
		if (d->sign)
			return err_set(e, ERR_WORLD,
				"the store leads elsewhere: is AWS_REGION that "
				"of the bucket?");
		rc = check_step(url, out->redirect, e);
		if (rc)
			return rc;
		strcpy(url, out->redirect);
	}
	return err_set(e, ERR_WORLD, "more than %d redirects", REDIRECTS_MAX);
}

/* What a status means that is none of success. */
static int refused(int status, struct err *e)
{
	if (status == 404 || status == 410)
		return err_set(e, ERR_NOT_FOUND, "the server has no such file");
	if (status == 401 || status == 403)
		return err_set(e, ERR_DENIED,
			"the server does not give it to us (status %d)",
			status);
	if (status == 416)
		return err_set(e, ERR_INVALID, "the file is empty");
	return err_set(
		e, ERR_WORLD, "the server answered with status %d", status);
}

/* -- again, if that may help -- */

static int may_help(int rc, int status)
{
	return rc == ERR_WORLD &&
	       (status < 400 || status > 499 || status == 408 || status == 429);
}

/* Waits longer after each failure; true if there is another try. */
static int pause_before(const struct remote_fetch *f, int failures)
{
	const int64_t until_ms = clock_mono_ms() +
				 ((int64_t)FIRST_PAUSE_MS << failures);

	if (failures + 1 >= TRIES)
		return 0;
	while (clock_mono_ms() < until_ms) {
		if (stops((void *)f))
			return 0;
		clock_sleep_ms(LISTEN_EVERY_MS);
	}
	return 1;
}

/* -- what the files are -- */

static int look_at(const struct remote_fetch *f, const struct remote_file *file,
	struct http_downloaded *out, struct err *e)
{
	int rc, failures = 0;

	do {
		struct http_download d = {.first_byte_alone = 1,
			.cancelled = stops,
			.ctx = (void *)f};

		*out = (struct http_downloaded){.status = 0};
		rc = get(f, file, &d, out, e);
		/* A store that lists nothing says 403 of what is not there. */
		if (rc == 0 && file->optional && out->status >= 400 &&
			out->status <= 499) {
			out->status = 404;
			return 0;
		}
		if (rc == 0 && (out->status < 200 || out->status > 299))
			rc = refused(out->status, e);
	} while (may_help(rc, out->status) && pause_before(f, failures++));
	if (rc == 0 && !out->has_bytes)
		rc = err_set(e, ERR_WORLD,
			"the server does not say how long the file is");
	return rc;
}

/* A query may be another every time, where it is a passing permission. */
static void add_to_key(struct sha256 *key, const struct remote_file *file,
	const struct http_downloaded *h)
{
	char line[400];
	size_t n = h->etag[0] || h->modified[0] ? strcspn(file->url, "?")
						: strlen(file->url);

	sha256_add(key, file->url, n);
	n = (size_t)snprintf(line, sizeof line, " %d %" PRIu64 " %s %s\n",
		h->status == 404, h->bytes, h->etag, h->modified);
	sha256_add(key, line, n);
}

struct remote_state *remote_look(
	const struct remote_fetch *f, struct sha256 *key, struct err *e)
{
	struct remote_state *s = xcalloc(
		1, sizeof *s + f->set->n * sizeof *s->heads);

	for (size_t i = 0; i < f->set->n; i++) {
		const struct remote_file *file = &f->set->files[i];
		struct http_downloaded *h = &s->heads[i];

		if (look_at(f, file, h, e)) {
			if (e)
				err_prefix(e, "%.100s", file->name);
			remote_state_free(s);
			return NULL;
		}
		if (h->status == 404)
			h->bytes = 0;
		s->all += h->bytes;
		add_to_key(key, file, h);
	}
	return s;
}

void remote_state_free(struct remote_state *s)
{
	free(s);
}

/* -- their bytes -- */

static void has_come(struct arrival *a, uint64_t here)
{
	a->here = here;
	if (a->f->told)
		a->f->told(a->f->ctx, a->before + here, a->all);
}

static int take(
	void *arrival, uint64_t at, const char *bytes, size_t n, struct err *e)
{
	struct arrival *a = arrival;

	while (n > 0) {
		const ssize_t some = pwrite(a->fd, bytes, n, (off_t)at);

		if (some < 0 && errno == EINTR)
			continue;
		if (some <= 0)
			return err_set(e, ERR_WORLD, "cannot write it: %s",
				strerror(errno));
		bytes += some;
		n -= (size_t)some;
		at += (uint64_t)some;
	}
	has_come(a, at);
	return 0;
}

/* What If-Range takes: a weak tag is good for nothing here. */
static const char *validator(const struct http_downloaded *h)
{
	if (h->etag[0] == '"')
		return h->etag;
	return h->modified[0] ? h->modified : NULL;
}

static int same(
	const struct http_downloaded *a, const struct http_downloaded *b)
{
	return a->has_bytes && a->bytes == b->bytes &&
	       strcmp(a->etag, b->etag) == 0 &&
	       strcmp(a->modified, b->modified) == 0;
}

static int get_rest(struct arrival *a, const struct remote_file *file,
	const struct http_downloaded *head, int *status, struct err *e)
{
	struct http_download d = {.from = validator(head) ? a->here : 0,
		.if_range = validator(head),
		.take = take,
		.cancelled = arrival_stops,
		.ctx = a};
	struct http_downloaded now = {.status = 0};
	int rc = get(a->f, file, &d, &now, e);

	*status = now.status;
	if (rc)
		return rc;
	if (now.status < 200 || now.status > 299)
		return refused(now.status, e);
	if (!same(&now, head))
		return err_set(
			e, ERR_CONFLICT, "the file has changed meanwhile");
	if (a->here != head->bytes)
		return err_set(e, ERR_WORLD,
			"%" PRIu64 " of %" PRIu64 " bytes arrived", a->here,
			head->bytes);
	return 0;
}

/* Tries that bring something are no failures. */
static int get_all(struct arrival *a, const struct remote_file *file,
	const struct http_downloaded *head, struct err *e)
{
	int rc = 0, failures = 0, status = 0;

	while (a->here < head->bytes) {
		const uint64_t had = a->here;

		rc = get_rest(a, file, head, &status, e);
		if (rc == 0)
			break;
		if (a->here > had)
			failures = 0;
		if (!may_help(rc, status) || !pause_before(a->f, failures++))
			break;
	}
	return rc;
}

/* The length says how much of it is here. */
static int bring(struct arrival *a, const struct remote_file *file,
	const struct http_downloaded *head, const char *folder, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;
	int rc;

	snprintf(path, sizeof path, "%s/%s", folder, file->name);
	a->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (a->fd < 0 || fstat(a->fd, &st)) {
		rc = err_set(e, ERR_WORLD, "cannot make the file: %s",
			strerror(errno));
	} else {
		has_come(a, (uint64_t)st.st_size <= head->bytes
				    ? (uint64_t)st.st_size
				    : 0);
		rc = get_all(a, file, head, e);
		if (rc == 0 &&
			(ftruncate(a->fd, (off_t)head->bytes) || fsync(a->fd)))
			rc = err_set(e, ERR_WORLD, "cannot write it: %s",
				strerror(errno));
	}
	if (a->fd >= 0)
		close(a->fd);
	return rc;
}

static uint64_t bytes_here(const struct remote_fetch *f, const char *folder)
{
	char path[PATH_MAX];
	struct stat st;
	uint64_t n = 0;

	for (size_t i = 0; i < f->set->n; i++) {
		snprintf(path, sizeof path, "%s/%s", folder,
			f->set->files[i].name);
		n += stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
	}
	return n;
}

/* Before hours of fetching, not after. */
static int check_room(const struct remote_fetch *f,
	const struct remote_state *s, const char *folder, struct err *e)
{
	const uint64_t here = bytes_here(f, folder);
	struct statvfs fs;
	uint64_t room;

	if (statvfs(folder, &fs))
		return 0;
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (here >= s->all || s->all - here <= room)
		return 0;
	return err_set(e, ERR_WORLD,
		"%" PRIu64
		" MB are to be fetched and there is room for %" PRIu64 " MB",
		(s->all - here) >> 20, room >> 20);
}

int remote_bring(const struct remote_fetch *f, const struct remote_state *s,
	const char *folder, struct err *e)
{
	struct arrival a = {.f = f, .all = s->all};
	int rc = check_room(f, s, folder, e);

	for (size_t i = 0; rc == 0 && i < f->set->n; i++) {
		const struct http_downloaded *head = &s->heads[i];

		if (head->status == 404)
			continue;
		rc = bring(&a, &f->set->files[i], head, folder, e);
		if (rc && e)
			err_prefix(e, "%.100s", f->set->files[i].name);
		a.before += head->bytes;
	}
	return rc;
}
