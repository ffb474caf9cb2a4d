/* broker_upload.c -- data sets that a client brings: what files the set is, the
 * bytes of these one after another, and what it shall be called.
 *
 * What has arrived stays, so a client that broke off asks where to go on.  A
 * set is there when its samples have the hash that its name in the path says.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/field.h"
#include "data/class_names_json.h"
#include "data/dataset_draft.h"
#include "data/dataset_names.h"
#include "data/dataset_writer.h"
#include "service/broker/broker.h"
#include "service/broker/dataset_view.h"

#define DRAFT "put"
#define ROOM_LEFT ((uint64_t)1 << 30) /* for the store, whatever is sent */

/* -- what has arrived -- */

static size_t received(const struct dataset_draft *d)
{
	size_t all = 0;

	for (size_t k = 0; k < d->manifest->n; k++) {
		const size_t n = dataset_draft_has(d, k);

		all += n;
		if (n < d->manifest->shards[k].bytes)
			break;
	}
	return all;
}

static int is_there(
	struct broker *b, const char *hash, char path[DATASET_PATH_MAX])
{
	return dataset_writer_path(b->datasets_dir, hash, path, NULL) == 0 &&
	       access(path, F_OK) == 0;
}

static json_t *progress(const struct manifest *m, size_t n, int complete)
{
	return json_pack("{s:s,s:I,s:I,s:b}", "hash", m->hash, "bytes",
		(json_int_t)m->bytes, "received", (json_int_t)n, "complete",
		complete);
}

static int check_hash(const char *hash, struct err *e)
{
	if (sha256_is_hex(hash))
		return 0;
	return err_set(e, ERR_INVALID,
		"a data set is named by its SHA-256, 64 lower-case hexadecimal "
		"digits");
}

/* The draft of that hash, whose manifest is to be released. */
static int find_draft(struct broker *b, const char *hash, struct manifest *m,
	struct dataset_draft *d, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = check_hash(hash, e);

	if (rc)
		return rc;
	if (snprintf(path, sizeof path, "%s/" DRAFT "-%s.nds", b->datasets_dir,
		    hash) >= (int)sizeof path)
		return err_set(e, ERR_WORLD, "the data folder's path is long");
	if (manifest_saved(path, m, NULL) || strcmp(m->hash, hash) != 0)
		return err_set(e, ERR_NOT_FOUND,
			"no data set of that hash is on its way here");
	rc = dataset_draft_init(d, b->datasets_dir, DRAFT, m, e);
	if (rc)
		manifest_release(m);
	return rc;
}

/* -- PUT /v1/datasets/{hash}/manifest -- */

static int check_room(
	struct broker *b, const struct manifest *m, size_t here, struct err *e)
{
	struct statvfs fs;
	uint64_t room, left = m->bytes - here;

	if (statvfs(b->datasets_dir, &fs))
		return err_set(e, ERR_WORLD, "the disk does not answer");
	room = (uint64_t)fs.f_bavail * fs.f_frsize;
	if (left + ROOM_LEFT <= room)
		return 0;
	return err_set(e, ERR_TOO_BIG,
		"the data set takes %" PRIu64 " MB more and the broker has "
		"room for %" PRIu64 " MB",
		left >> 20, room > ROOM_LEFT ? (room - ROOM_LEFT) >> 20 : 0);
}

static int is_same(const struct manifest *a, const struct manifest *b)
{
	json_t *x = manifest_json(a), *y = manifest_json(b);
	const int same = json_equal(x, y);

	json_decref(x);
	json_decref(y);
	return same;
}

/* The same samples may come in other files: of another maker's names. */
static void begin_anew_if_other(struct broker *b, const struct manifest *m)
{
	struct dataset_draft d;
	struct manifest old;

	if (find_draft(b, m->hash, &old, &d, NULL))
		return;
	if (!is_same(m, &old))
		pieces_remove(&d.pieces);
	manifest_release(&old);
}

static int announce(
	struct broker *b, const struct manifest *m, size_t *here, struct err *e)
{
	struct dataset_draft d;
	int rc = dataset_draft_init(&d, b->datasets_dir, DRAFT, m, e);

	if (rc)
		return rc;
	begin_anew_if_other(b, m);
	*here = received(&d);
	rc = check_room(b, m, *here, e);
	return rc ? rc : manifest_save(m, d.pieces.path, e);
}

static int read_manifest(
	const struct http_request *q, struct manifest *m, struct err *e)
{
	const char *hash = http_param(q, "hash");
	int rc = check_hash(hash, e);

	if (rc == 0)
		rc = manifest_read(http_body(q), m, e);
	if (rc || strcmp(m->hash, hash) == 0)
		return rc;
	manifest_release(m);
	return err_at(e, ERR_INVALID, "", "hash",
		"\"hash\" must be that of the path");
}

void broker_dataset_announce(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	char path[DATASET_PATH_MAX];
	struct broker *b = ctx;
	struct manifest m;
	struct err e = {0};
	size_t here = 0;
	int rc = read_manifest(q, &m, &e), there;

	if (rc) {
		broker_reply_failure(b, r, &e);
		return;
	}
	pthread_mutex_lock(&b->upload_lock);
	there = is_there(b, m.hash, path);
	if (!there)
		rc = announce(b, &m, &here, &e);
	pthread_mutex_unlock(&b->upload_lock);
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(
			r, 200, progress(&m, there ? m.bytes : here, there));
	manifest_release(&m);
}

/* -- PUT /v1/datasets/{hash}/bytes?at=N -- */

/* Writes what is in the next shard. */
static int write_some(const struct dataset_draft *d, size_t at,
	const char *bytes, size_t n, struct err *e)
{
	const size_t shard = d->manifest->shards[0].bytes;
	const size_t k = at / shard, from = at % shard;
	int rc;

	if (n > d->manifest->bytes - at)
		return err_set(e, ERR_INVALID,
			"%zu bytes from %zu on are more than the data set's "
			"%zu",
			n, at, d->manifest->bytes);
	if (n > d->manifest->shards[k].bytes - from)
		return err_set(e, ERR_INVALID,
			"%zu bytes from %zu on are of two shards", n, at);
	rc = dataset_draft_write(d, k, from, bytes, n, e);
	if (rc || from + n < d->manifest->shards[k].bytes)
		return rc;
	rc = dataset_draft_check(d, k, e);
	if (rc)
		return err_set(e, ERR_CONFLICT,
			"shard %zu did not arrive as the manifest has it: send "
			"it again",
			k);
	return 0;
}

static int append(const struct dataset_draft *d, const struct http_request *q,
	struct err *e)
{
	const size_t here = received(d);
	int64_t at = 0;
	size_t n;
	const char *bytes = http_bytes(q, &n);
	int rc = http_query_int(q, "at", 0, INT64_MAX, &at, e);

	if (rc)
		return rc;
	if ((size_t)at != here)
		return err_set(e, ERR_CONFLICT,
			"%zu bytes are here: go on from there", here);
	if (n == 0)
		return err_set(e, ERR_INVALID, "there are no bytes");
	return write_some(d, here, bytes, n, e);
}

void broker_dataset_append(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct dataset_draft d;
	struct broker *b = ctx;
	struct manifest m;
	struct err e = {0};
	int rc;

	pthread_mutex_lock(&b->upload_lock);
	rc = find_draft(b, http_param(q, "hash"), &m, &d, &e);
	if (rc == 0) {
		rc = append(&d, q, &e);
		if (rc == 0)
			http_reply_json(r, 200, progress(&m, received(&d), 0));
		manifest_release(&m);
	}
	pthread_mutex_unlock(&b->upload_lock);
	if (rc)
		broker_reply_failure(b, r, &e);
}

/* -- PUT /v1/datasets/{hash} -- */

struct naming {
	char name[DATASET_NAME_MAX + 1];
	json_t *class_names;
};

static const struct field naming_rows[] = {
	{.key = "name",
		.type = FIELD_TEXT,
		.at = offsetof(struct naming, name),
		.lo = 1,
		.hi = DATASET_NAME_MAX},
	{.key = "class_names",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.at = offsetof(struct naming, class_names),
		.codec = &class_names_codec},
};
static const struct fields naming_fields = {
	FIELDS(struct naming, naming_rows), .what = "a data set's name"};

static int check_name(struct broker *b, const struct naming *n,
	const char *hash, struct err *e)
{
	char path[DATASET_PATH_MAX], own[DATASET_PATH_MAX];

	if (dataset_name_check(n->name, e))
		return err_at(e, ERR_RANGE, "", "name", "%s", e->text);
	if (dataset_name_find(b->datasets_dir, n->name, path, NULL, NULL))
		return 0;
	if (dataset_writer_path(b->datasets_dir, hash, own, e) == 0 &&
		strcmp(path, own) == 0)
		return 0;
	return err_at(e, ERR_CONFLICT, "", "name",
		"\"%s\" is another data set here", n->name);
}

/* All bytes of it are here: it becomes a set. */
static int complete(struct broker *b, const char *hash, struct err *e)
{
	char manifest[DATASET_PATH_MAX];
	struct dataset_draft d;
	struct manifest m;
	int rc = find_draft(b, hash, &m, &d, e);

	if (rc)
		return rc;
	if (received(&d) < m.bytes) {
		rc = err_set(e, ERR_CONFLICT,
			"%zu of %zu bytes are here: send the rest",
			received(&d), m.bytes);
	} else {
		manifest_path(d.pieces.path, manifest);
		rc = dataset_draft_keep(&d, e);
		unlink(manifest);
	}
	manifest_release(&m);
	/* The bytes are the client's, not ours. */
	return rc == ERR_INVALID ? (e->code = ERR_CONFLICT) : rc;
}

static int give_name(const char *dir, const char *path, const struct naming *n,
	json_t **out, struct err *e)
{
	struct class_names c = {.n = 0};
	struct dataset *d = dataset_open(path, e);
	int rc;

	if (!d)
		return e->code;
	rc = n->class_names ? class_names_take(n->class_names, &c, e) : 0;
	if (rc == 0 && c.n > 0 && c.n != (size_t)dataset_info(d)->classes)
		rc = err_at(e, ERR_RANGE, "", "class_names",
			"%zu names are given to %d classes", c.n,
			dataset_info(d)->classes);
	if (rc == 0 && c.n > 0)
		dataset_rename(
			d, (const char(*)[DATASET_NAME_BYTES])c.names, c.n);
	if (rc == 0)
		rc = dataset_name_keep(dir, n->name, dataset_info(d), e);
	if (rc == 0)
		*out = dataset_view(n->name, d);
	class_names_release(&c);
	dataset_close(d);
	return rc;
}

/* With the lock held. */
static int settle(struct broker *b, const char *hash, const struct naming *n,
	json_t **out, struct err *e)
{
	char path[DATASET_PATH_MAX];
	int rc = check_name(b, n, hash, e);

	if (rc == 0 && !is_there(b, hash, path))
		rc = complete(b, hash, e);
	if (rc == 0)
		rc = dataset_writer_path(b->datasets_dir, hash, path, e);
	return rc ? rc : give_name(b->datasets_dir, path, n, out, e);
}

void broker_dataset_name(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	const struct field_reader reader = {.origin = FIELD_REQUEST};
	const char *hash = http_param(q, "hash");
	struct naming n = {.class_names = NULL};
	struct broker *b = ctx;
	struct err e = {0};
	json_t *doc = NULL;
	int rc = check_hash(hash, &e);

	if (rc == 0)
		rc = fields_read(
			&naming_fields, http_body(q), "", &reader, &n, &e);
	if (rc == 0) {
		pthread_mutex_lock(&b->upload_lock);
		rc = settle(b, hash, &n, &doc, &e);
		pthread_mutex_unlock(&b->upload_lock);
	}
	if (rc)
		broker_reply_failure(b, r, &e);
	else
		http_reply_json(r, 200, doc);
}
