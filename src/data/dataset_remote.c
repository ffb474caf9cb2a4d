/* dataset_remote.c -- asks the servers what the files are; fetches them if they
 * are not those that were read before.
 *
 * Two notes lead to the prepared set: one by what the files were, as there is
 * for files of this machine, and one by the URL alone, for those who may not
 * ask the server. */
#include "data/dataset_remote.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "data/dataset_files.h"
#include "data/dataset_lock.h"
#include "data/dataset_note.h"
#include "data/dataset_writer.h"
#include "data/remote_fetch.h"

#define FOLDER_BYTES (DATASET_PATH_MAX - REMOTE_NAME_BYTES - 1)

struct remote_read {
	const struct dataset_order *order;
	const char *cache_dir;
	struct remote_set set;
	int stopped;
};

static int stops(void *read)
{
	struct remote_read *r = read;
	const struct dataset_order *o = r->order;

	if (!r->stopped && o->fetched)
		r->stopped = o->fetched(o->ctx, 0, 0);
	return r->stopped;
}

static void told(void *read, uint64_t done, uint64_t all)
{
	struct remote_read *r = read;
	const struct dataset_order *o = r->order;

	if (!r->stopped && o->fetched)
		r->stopped = o->fetched(o->ctx, done, all);
}

/* The key of the URL and the reading alone. */
static void url_key(const struct dataset_order *o, char out[SHA256_HEX_BYTES])
{
	static const struct reading as_it_is;
	struct sha256 *key = sha256_new();

	sha256_add(key, o->name, strlen(o->name));
	sha256_add(key, "\n", 1);
	reading_key(o->how ? o->how : &as_it_is, key);
	sha256_end(key, out);
}

static int make_folder(const struct remote_read *r, const char *key,
	char out[FOLDER_BYTES], struct err *e)
{
	if (snprintf(out, FOLDER_BYTES, "%s/new-%s.d", r->cache_dir, key) >=
		FOLDER_BYTES)
		return err_set(
			e, ERR_WORLD, "the cache folder's path is too long");
	return file_mkdirs(out, e);
}

/* The files of the folder, or the one of the URL, into a prepared set. */
static int read_files(const struct remote_read *r, const char *folder,
	const char *key, char path[DATASET_PATH_MAX], struct class_names *names,
	struct err *e)
{
	struct dataset_order here = *r->order;
	char at[DATASET_PATH_MAX];

	snprintf(at, sizeof at, "%s%s%s", folder, r->set.is_folder ? "" : "/",
		r->set.is_folder ? "" : r->set.files[0].name);
	here.name = at;
	return dataset_files_read(&here, key, r->cache_dir, path, names, e);
}

static int fetch_and_read(struct remote_read *r, const struct remote_fetch *f,
	const struct remote_state *state, const char *key,
	char path[DATASET_PATH_MAX], struct class_names *names, struct err *e)
{
	char folder[FOLDER_BYTES], lock[FOLDER_BYTES + 8];
	int rc = make_folder(r, key, folder, e), fd;

	if (rc)
		return rc;
	snprintf(lock, sizeof lock, "%s.lock", folder);
	fd = dataset_lock(lock, stops, r, e);
	if (fd < 0)
		return fd;
	if (!dataset_files_before(key, r->cache_dir, path, names)) {
		if (r->order->say)
			r->order->say(r->order->ctx, "it is fetched");
		rc = file_mkdirs(folder, e); /* who held the lock removed it */
		if (rc == 0)
			rc = remote_bring(f, state, folder, e);
		if (rc == 0)
			rc = read_files(r, folder, key, path, names, e);
	}
	/* What has arrived of it is gone on with, unless it is no data set. */
	if (rc == 0 || rc == ERR_INVALID || rc == ERR_CONFLICT)
		file_remove_folder(folder);
	dataset_unlock(lock, fd);
	return rc;
}

static int read_now(struct remote_read *r, char path[DATASET_PATH_MAX],
	struct class_names *names, struct err *e)
{
	static const struct reading as_it_is;
	const struct remote_fetch f = {.set = &r->set,
		.policy = r->order->policy,
		.stop = stops,
		.told = told,
		.ctx = r};
	struct sha256 *sum = sha256_new();
	struct remote_state *state = remote_look(&f, sum, e);
	char key[SHA256_HEX_BYTES];
	int rc = 0;

	reading_key(r->order->how ? r->order->how : &as_it_is, sum);
	sha256_end(sum, key);
	if (!state)
		return e->code;
	if (!dataset_files_before(key, r->cache_dir, path, names))
		rc = fetch_and_read(r, &f, state, key, path, names, e);
	remote_state_free(state);
	return rc;
}

/* For those who may not ask: that the URL was read, and what it was. */
static void keep_note(const struct remote_read *r, const char *path,
	const struct class_names *names)
{
	char key[SHA256_HEX_BYTES], note[DATASET_PATH_MAX + 80];
	struct dataset *d = dataset_open(path, NULL);
	struct dataset_note n = {.names = *names};

	if (!d)
		return;
	url_key(r->order, key);
	memcpy(n.hash, dataset_info(d)->hash, sizeof n.hash);
	if (!r->order->how || reading_check(r->order->how, 0, "", NULL) == 0)
		snprintf(n.from, sizeof n.from, "%s", r->order->name);
	snprintf(note, sizeof note, "%s/source-%s", r->cache_dir, key);
	dataset_note_write(note, &n, NULL);
	dataset_close(d);
}

static int may_ask(const struct remote_read *r, struct err *e)
{
	const char *url = r->set.files[0].url;
	int unused;

	return remote_policy_check(r->order->policy, url, url, &unused, e);
}

int dataset_remote_read(const struct dataset_order *o, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct class_names *names, struct err *e)
{
	struct remote_read r = {.order = o, .cache_dir = cache_dir};
	char key[SHA256_HEX_BYTES];
	struct err why = {0};
	int rc = remote_set_read(o->name, &r.set, e);

	if (rc)
		return rc;
	rc = may_ask(&r, &why);
	url_key(o, key);
	if (rc == ERR_DENIED &&
		dataset_files_before(key, cache_dir, path, names))
		rc = 0;
	else if (rc == 0)
		rc = file_mkdirs(cache_dir, &why);
	if (rc == 0 && names->n == 0) {
		rc = read_now(&r, path, names, &why);
		if (rc == 0)
			keep_note(&r, path, names);
	}
	remote_set_release(&r.set);
	if (rc && e)
		*e = why;
	return rc;
}
