/* dataset_fetch.c -- a thread that asks for one range after another. */
#include "service/evolutioner/dataset_fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cache_folder.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "data/dataset.h"
#include "data/dataset_draft.h"
#include "data/dataset_manifest.h"
#include "data/dataset_names.h"
#include "data/dataset_writer.h"
#include "http/client.h"

#define PIECE_BYTES ((size_t)4 << 20)
#define PIECE_MS 60000    /* 0.6 Mbit a second is enough */
#define MANIFEST_MS 60000 /* the broker may hash the file first */
#define AGAIN_MS 3000     /* after a failure */

struct dataset_fetch {
	struct dataset_fetch_options o;
	char *cache_dir;
	pthread_mutex_t lock; /* guards what follows */
	pthread_t thread;
	int started; /* and is to be joined */
	int busy, stopping;
	char hash[SHA256_HEX_BYTES]; /* what is, or was last, on its way */
	size_t got, bytes;           /* of it; 0 before the manifest */
	struct err why;              /* how it ended */
	int64_t ended_ms;
};

static int stopping(void *fetch)
{
	struct dataset_fetch *f = fetch;
	int yes;

	pthread_mutex_lock(&f->lock);
	yes = f->stopping;
	pthread_mutex_unlock(&f->lock);
	return yes;
}

static void note_progress(struct dataset_fetch *f, size_t got, size_t bytes)
{
	pthread_mutex_lock(&f->lock);
	f->got = got;
	f->bytes = bytes;
	pthread_mutex_unlock(&f->lock);
}

/* -- what it is -- */

static int check_manifest(const struct dataset_fetch *f, const char *hash,
	const struct manifest *m, struct err *e)
{
	if (strcmp(m->hash, hash) != 0)
		return err_set(e, ERR_INVALID,
			"the broker's manifest is not that of the data set");
	if (m->bytes > f->o.max_bytes)
		return err_set(e, ERR_TOO_BIG,
			"the data set takes %zu MB and the cache may take %zu "
			"MB; give it more with --cache-mb",
			m->bytes >> 20, f->o.max_bytes >> 20);
	return 0;
}

/* The caller releases it. */
static int ask_manifest(struct dataset_fetch *f, const char *broker,
	const char *hash, struct manifest *out, struct err *e)
{
	char url[512];
	struct http_call c = {.method = "GET",
		.follow = 1,
		.url = url,
		.token = f->o.token,
		.timeout_ms = MANIFEST_MS,
		.cancelled = stopping,
		.cancelled_ctx = f};
	json_t *doc;
	int rc;

	snprintf(url, sizeof url, "%s/v1/datasets/%s/manifest", broker, hash);
	rc = http_call_json(&c, &doc, NULL, e);
	if (rc)
		return rc;
	rc = manifest_read(doc, out, e);
	json_decref(doc);
	if (rc)
		return rc;
	rc = check_manifest(f, hash, out, e);
	if (rc)
		manifest_release(out);
	return rc;
}

/* -- its bytes -- */

/* A shard of a set on its way. */
struct shard {
	const char *broker;
	const struct dataset_draft *draft;
	size_t k;
	size_t before; /* bytes of all shards before it */
};

static const struct manifest_shard *wanted(const struct shard *s)
{
	return &s->draft->manifest->shards[s->k];
}

/* `n` bytes from `at` on. */
static int fetch_piece(struct dataset_fetch *f, const struct shard *s,
	size_t at, size_t n, struct err *e)
{
	char url[640], range[64];
	struct http_call c = {.method = "GET",
		.follow = 1,
		.url = url,
		.range = range,
		.token = f->o.token,
		.timeout_ms = PIECE_MS,
		.answer_max = n + 1,
		.cancelled = stopping,
		.cancelled_ctx = f};
	struct http_answer a;
	int rc;

	snprintf(url, sizeof url, "%s/v1/datasets/%s/shards/%s", s->broker,
		s->draft->manifest->hash, wanted(s)->sha256);
	snprintf(range, sizeof range, "bytes=%zu-%zu", at, at + n - 1);
	rc = http_call(&c, &a, e);
	if (rc)
		return rc;
	if (a.status != 206 || a.n != n)
		rc = err_set(e, ERR_WORLD,
			"the broker answered %d to a request for %zu bytes of "
			"a data set, with %zu",
			a.status, n, a.n);
	else
		rc = dataset_draft_write(s->draft, s->k, at, a.body, n, e);
	http_answer_release(&a);
	return rc;
}

static int fetch_shard(
	struct dataset_fetch *f, const struct shard *s, struct err *e)
{
	const size_t piece = f->o.piece_bytes ? f->o.piece_bytes : PIECE_BYTES;
	size_t at = dataset_draft_has(s->draft, s->k);

	while (at < wanted(s)->bytes) {
		const size_t left = wanted(s)->bytes - at;
		const size_t n = left < piece ? left : piece;
		int rc = fetch_piece(f, s, at, n, e);

		if (rc)
			return rc;
		at += n;
		note_progress(f, s->before + at, s->draft->manifest->bytes);
	}
	return dataset_draft_check(s->draft, s->k, e);
}

/* -- from one broker, or the next -- */

/* A person gave it a name, and may have nothing else of it any more. */
static int is_imported(const void *cache_dir, const char *name)
{
	return dataset_name_keeps(cache_dir, name);
}

/* What has arrived already counts as used just now, so that it stays. */
static void make_room(struct dataset_fetch *f, const struct pieces *draft)
{
	size_t left = draft->bytes;
	char path[DATASET_PATH_MAX];
	struct stat st;

	for (size_t k = 0; k < pieces_count(draft); k++) {
		pieces_path(draft->path, k, path);
		if (cache_folder_use(path) && stat(path, &st) == 0 &&
			(size_t)st.st_size <= left)
			left -= (size_t)st.st_size;
	}
	cache_folder_make_room(f->cache_dir, left, f->o.max_bytes,
		&(struct cache_keeper){is_imported, f->cache_dir});
}

static int fetch_shards(struct dataset_fetch *f, const char *broker,
	const struct manifest *m, struct err *e)
{
	struct dataset_draft draft;
	struct shard s = {.broker = broker, .draft = &draft};
	int rc = dataset_draft_init(&draft, f->cache_dir, "get", m, e);

	if (rc)
		return rc;
	make_room(f, &draft.pieces);
	for (; rc == 0 && s.k < m->n; s.k++) {
		rc = fetch_shard(f, &s, e);
		s.before += m->shards[s.k].bytes;
	}
	return rc ? rc : dataset_draft_keep(&draft, e);
}

static int fetch(struct dataset_fetch *f, const char *hash, struct err *e)
{
	int rc = err_set(e, ERR_NOT_FOUND, "there is no broker to ask");

	for (size_t i = 0; i < f->o.n_brokers && rc; i++) {
		struct manifest m;

		rc = ask_manifest(f, f->o.brokers[i], hash, &m, e);
		if (rc == 0) {
			rc = fetch_shards(f, f->o.brokers[i], &m, e);
			manifest_release(&m);
		}
		if (rc == ERR_CANCELLED)
			break;
	}
	return rc;
}

static void *fetch_main(void *arg)
{
	struct dataset_fetch *f = arg;
	char hash[SHA256_HEX_BYTES];
	struct err e = {0};
	int rc;

	pthread_mutex_lock(&f->lock);
	strcpy(hash, f->hash);
	pthread_mutex_unlock(&f->lock);
	rc = fetch(f, hash, &e);
	if (rc)
		log_warn(f->o.log, "data-not-fetched", log_text("hash", hash),
			log_reason(e.text));
	else
		log_info(f->o.log, "data-fetched", log_text("hash", hash));
	pthread_mutex_lock(&f->lock);
	f->busy = 0;
	f->ended_ms = clock_mono_ms();
	f->why = rc ? e : (struct err){0};
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* -- who asks -- */

/* With the lock held. */
static int start(struct dataset_fetch *f, const char *hash, struct err *e)
{
	if (f->started)
		pthread_join(f->thread, NULL);
	strcpy(f->hash, hash);
	f->got = f->bytes = 0;
	f->why = (struct err){0};
	f->started = pthread_create(&f->thread, NULL, fetch_main, f) == 0;
	f->busy = f->started;
	if (!f->started)
		return err_set(e, ERR_WORLD, "cannot start a thread");
	return err_set(
		e, ERR_BUSY, "the data set is not here; it is asked for now");
}

/* With the lock held. */
static int tell(struct dataset_fetch *f, const char *hash, struct err *e)
{
	const int same = strcmp(f->hash, hash) == 0;

	if (f->busy && !same)
		return err_set(e, ERR_BUSY,
			"the data set is not here, and another one is on its "
			"way");
	if (f->busy)
		return err_set(e, ERR_BUSY,
			"the data set is on its way: %zu of %zu MB are here",
			f->got >> 20, f->bytes >> 20);
	if (same && f->why.code && clock_mono_ms() - f->ended_ms < AGAIN_MS) {
		*e = f->why;
		return e->code;
	}
	return start(f, hash, e);
}

/* True if all pieces are here; they count as used just now. */
static int use_all(const char *path)
{
	struct dataset *d = dataset_open(path, NULL);
	char piece[DATASET_PATH_MAX];
	size_t k = 0;

	if (!d)
		return 0;
	dataset_close(d);
	do
		pieces_path(path, k++, piece);
	while (cache_folder_use(piece));
	return 1;
}

int dataset_fetch_has(
	struct dataset_fetch *f, const char *hash, char path[DATASET_PATH_MAX])
{
	return sha256_is_hex(hash) &&
	       dataset_writer_path(f->cache_dir, hash, path, NULL) == 0 &&
	       use_all(path);
}

int dataset_fetch_get(struct dataset_fetch *f, const char *hash,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct err why = {0};
	int rc;

	if (dataset_fetch_has(f, hash, path))
		return 0;
	if (f->o.n_brokers == 0)
		return err_set(e, ERR_NOT_FOUND, "there is no broker to ask");
	pthread_mutex_lock(&f->lock);
	rc = tell(f, hash, &why);
	pthread_mutex_unlock(&f->lock);
	if (e)
		*e = why;
	return rc;
}

struct dataset_fetch *dataset_fetch_new(const struct dataset_fetch_options *o)
{
	struct dataset_fetch *f = xcalloc(1, sizeof *f);

	f->o = *o;
	f->cache_dir = xstrdup(o->cache_dir);
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void dataset_fetch_free(struct dataset_fetch *f)
{
	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->stopping = 1;
	pthread_mutex_unlock(&f->lock);
	if (f->started)
		pthread_join(f->thread, NULL);
	pthread_mutex_destroy(&f->lock);
	free(f->cache_dir);
	free(f);
}
