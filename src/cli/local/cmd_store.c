/* cmd_store.c -- `nevod store copy`: runs from one kind of store into another,
 * with their weights. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "blob/blob.h"
#include "cli/local/store_place.h"
#include "cli/options/command.h"
#include "cli/options/interrupt.h"
#include "cli/view/progress.h"
#include "cli/view/report.h"
#include "http/client.h"
#include "store/store.h"

#define BLOB_MAX ((size_t)1 << 30)
#define RUNS_PAGE 100
#define RUNS_ARENA_MAX ((size_t)4 << 30)

/* One of the two sides. */
struct side {
	const char *called; /* "FROM" */
	struct store_place place;
	struct store *store;
	struct blobs *blobs;
};

struct copying {
	struct side from, to;
	struct progress progress;
	struct store_moved moved;
	int64_t n_blobs, bytes;
	int64_t missing; /* champions whose weights are not there */
};

/* -- weights, which must be there before a row names them -- */

static int copy_blob(void *copying, const char *name, struct err *e)
{
	struct copying *c = copying;
	char there[SHA256_HEX_BYTES], line[80];
	struct buf bytes;
	int rc;

	if (interrupted(NULL))
		return err_set(e, ERR_CANCELLED, "the copy was given up");
	buf_init(&bytes, BLOB_MAX);
	rc = blob_get(c->from.blobs, name, &bytes, e);
	if (rc == 0)
		rc = blob_put(c->to.blobs, bytes.data ? bytes.data : "",
			bytes.len, there, e);
	if (rc == 0) {
		c->n_blobs++;
		c->bytes += (int64_t)bytes.len;
		snprintf(line, sizeof line, "weights: %lld files, %.1f MB",
			(long long)c->n_blobs, (double)c->bytes * 1e-6);
		progress_draw(&c->progress, line, clock_mono_ms());
	}
	buf_release(&bytes);
	return rc;
}

/* -- rows -- */

static int row_told(void *copying, int64_t rows, int64_t all)
{
	struct copying *c = copying;
	char line[80];

	if (rows % 100 && rows != all)
		return interrupted(NULL);
	snprintf(line, sizeof line, "rows: %lld of %lld", (long long)rows,
		(long long)all);
	progress_draw(&c->progress, line, clock_mono_ms());
	return interrupted(NULL);
}

/* -- what rows name -- */

static void look_for_weights(struct copying *c, const struct store_run *run)
{
	json_t *document = run->damage ? NULL
				       : json_loads(run->document, 0, NULL);
	const char *name = json_string_value(
		json_object_get(document, "weights"));
	size_t n;

	if (name && name[0] && blob_size(c->to.blobs, name, &n, NULL))
		c->missing++;
	json_decref(document);
}

/* A person who named the wrong place for weights would notice when the first
 * one is gone. */
static int count_missing(struct copying *c, struct err *e)
{
	int64_t before = INT64_MAX;
	struct store_run *rows;
	size_t n = RUNS_PAGE;
	struct arena mem;
	int rc = 0;

	arena_init(&mem, RUNS_ARENA_MAX);
	while (rc == 0 && n == RUNS_PAGE) {
		arena_release(&mem);
		rc = store_runs(c->to.store, &mem, NULL, 1, before, RUNS_PAGE,
			&rows, &n, e);
		for (size_t i = 0; rc == 0 && i < n; i++) {
			before = rows[i].number;
			look_for_weights(c, &rows[i]);
		}
	}
	arena_release(&mem);
	return rc;
}

/* -- the two sides -- */

static int open_side(struct side *s, struct err *e)
{
	s->store = store_open(s->place.store, e);
	if (!s->store)
		return err_prefix(e, "%s", s->called);
	s->blobs = blobs_open(s->place.blobs, e);
	return s->blobs ? 0 : err_prefix(e, "weights of %s", s->called);
}

static void close_side(struct side *s)
{
	blobs_close(s->blobs);
	store_close(s->store);
}

static int check_source(struct side *s, struct err *e)
{
	int64_t rows = 0;
	int rc = store_rows(s->store, &rows, e);

	if (rc == 0 && rows == 0)
		rc = err_set(e, ERR_NOT_FOUND, "there is nothing in it");
	return rc ? err_prefix(e, "%s", s->called) : 0;
}

/* Before anything is written there. */
static int check_target(struct side *s, struct err *e)
{
	int64_t rows = 0;
	int rc = store_rows(s->store, &rows, e);

	if (rc == 0 && rows > 0)
		rc = err_set(e, ERR_CONFLICT,
			"it has %lld rows already: it must be an empty store, "
			"or none yet",
			(long long)rows);
	return rc ? err_prefix(e, "%s", s->called) : 0;
}

static int copy(struct copying *c, struct err *e)
{
	const struct store_watch watch = {row_told, c};
	int rc = store_place_is_there(&c->from.place, e);

	if (rc == 0)
		rc = open_side(&c->from, e);
	if (rc == 0)
		rc = check_source(&c->from, e);
	if (rc == 0)
		rc = open_side(&c->to, e);
	if (rc == 0)
		rc = check_target(&c->to, e);
	if (rc == 0 && strcmp(c->from.place.blobs, c->to.place.blobs) != 0)
		rc = blobs_each(c->from.blobs, copy_blob, c, e);
	if (rc == 0)
		rc = store_transfer(
			c->from.store, c->to.store, &watch, &c->moved, e);
	if (rc == 0)
		rc = count_missing(c, e);
	progress_clear(&c->progress);
	return rc;
}

/* -- the command -- */

static int say(const struct copying *c, int as_json, struct err *e)
{
	if (c->missing > 0)
		fprintf(stderr,
			"nevod: the weights of %lld champions are not there: "
			"where FROM has them is said by --from-blobs\n",
			(long long)c->missing);
	if (as_json)
		return report_print_json(
			json_pack("{s:I,s:I,s:I,s:I,s:I,s:I}", "runs",
				(json_int_t)c->moved.runs, "digests",
				(json_int_t)c->moved.digests, "rows",
				(json_int_t)c->moved.rows, "blobs",
				(json_int_t)c->n_blobs, "bytes",
				(json_int_t)c->bytes, "missing",
				(json_int_t)c->missing),
			e);
	printf("Copied and checked: %lld runs, %lld of them over with their "
	       "digests, in %lld rows; weights in %lld files, %.1f MB\n",
		(long long)c->moved.runs, (long long)c->moved.digests,
		(long long)c->moved.rows, (long long)c->n_blobs,
		(double)c->bytes * 1e-6);
	return 0;
}

static int read_sides(const struct options *o, struct copying *c, struct err *e)
{
	int rc;

	if (o->n_args != 3 || strcmp(o->args[0], "copy") != 0)
		return err_set(
			e, ERR_INVALID, "it is: nevod store copy FROM TO");
	rc = store_place_read(o->args[1], options_text(o, "from-blobs", NULL),
		&c->from.place, e);
	if (rc == 0)
		rc = store_place_read(o->args[2],
			options_text(o, "to-blobs", NULL), &c->to.place, e);
	if (rc == 0 && strcmp(c->from.place.store, c->to.place.store) == 0)
		rc = err_set(e, ERR_INVALID, "FROM and TO are the same store");
	return rc;
}

static int run_store(const struct options *o)
{
	struct copying c = {.from = {.called = "FROM"}, .to = {.called = "TO"}};
	struct err e = {0};
	int rc = read_sides(o, &c, &e);

	if (rc)
		return command_fail_here(&e);
	interrupt_catch();
	http_client_init();
	progress_init(&c.progress);
	rc = copy(&c, &e);
	close_side(&c.to);
	close_side(&c.from);
	if (rc == 0)
		rc = say(&c, options_flag(o, "json"), &e);
	if (rc == ERR_CANCELLED) {
		progress_say(&c.progress,
			"stopped; nothing was copied that a broker would see");
		return EXIT_INTERRUPTED;
	}
	return rc ? command_fail_here(&e) : EXIT_OK;
}

static const struct option place_options[] = {
	{"from-blobs", OPTION_TEXT, 0, 0, "WHERE",
		"weights of FROM are there: folder:DIR, postgresql:... or "
		"s3://BUCKET/PREFIX (in the database, or in blobs/ beside the "
		"file)"},
	{"to-blobs", OPTION_TEXT, 0, 0, "WHERE",
		"weights go there (likewise of TO)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option result_options[] = {
	{"json", OPTION_FLAG, 0, 0, NULL, "print the result as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"Weights", .options = place_options},
	{"Result", .options = result_options},
	{.title = NULL},
};

const struct command command_store = {
	.name = "store",
	.args = "copy FROM TO",
	.summary = "copy all runs and their weights into another kind of store",
	.details =
		"FROM and TO are postgresql://USER@HOST/NAME, a file of "
		"SQLite's, or the data\nfolder of a broker; no broker may be "
		"using either, and TO must be empty.  Every\nrow is checked by "
		"its checksum and read back before all of them are there at\n"
		"once; a copy that is stopped or killed leaves none.  Runs "
		"that were under way go\non when a broker starts there: do not "
		"start one on each.\n",
	.groups = groups,
	.max_args = 3,
	.run = run_store,
};
