/* broker_bench.c -- see broker_bench.h. */
#include "broker_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "store/store_sqlite.h"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

int broker_bench_set_up(void **state)
{
	struct service_options o = {
		.genome_urls = {"http://127.0.0.1:9"}, .n_genomes = 1};
	struct broker_bench *b = xcalloc(1, sizeof *b);
	char path[TEMP_FOLDER_BYTES + 16];
	struct err e;

	*state = b;
	temp_folder_make(b->folder);
	o.data_dir = b->folder;
	b->dispatch = fake_dispatch_new();
	if (broker_open_on(&b->broker, &o, b->dispatch, &quiet, &e))
		return -1;
	snprintf(path, sizeof path, "%s/nevod.db", b->folder);
	if (sqlite3_open(path, &b->behind) != SQLITE_OK)
		return -1;
	sqlite3_busy_timeout(b->behind, 10000);
	return 0;
}

int broker_bench_tear_down(void **state)
{
	struct broker_bench *b = *state;

	sqlite3_close(b->behind);
	broker_close(&b->broker);
	temp_folder_remove(b->folder);
	free(b);
	return 0;
}

static void put_members(struct store *s, const struct run *r)
{
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];
		const struct genome_doc genome = run_genome(r, m);
		json_t *doc = genome_doc_write(&genome);
		char *text = canonical_text(doc, NULL);

		assert_int_equal(store_genome_insert(s, r->uuid,
					 &(struct store_genome){.id = m->id,
						 .parents = {-1, -1},
						 .species = -1,
						 .genome = text},
					 NULL),
			0);
		free(text);
		json_decref(doc);
	}
	assert_int_equal(
		store_generation_put(s, r->uuid,
			&(struct store_generation){.members = "[0,1,2,3]"},
			NULL),
		0);
}

static void put_run(struct store *s, const struct run *r)
{
	json_t *settings = settings_write(&r->settings);
	json_t *document = run_document(r);
	char *settings_text = canonical_text(settings, NULL);
	char *document_text = canonical_text(document, NULL);
	struct store_run row = {.settings = settings_text,
		.document = document_text,
		.generation = r->generation,
		.created_ms = 1,
		.state = run_state_name(r->state)};

	memcpy(row.uuid, r->uuid, sizeof row.uuid);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_run_insert(s, &row, NULL), 0);
	put_members(s, r);
	assert_int_equal(store_commit(s, NULL), 0);
	free(settings_text);
	free(document_text);
	json_decref(settings);
	json_decref(document);
}

void broker_bench_store_run(struct broker_bench *b)
{
	struct run_settings settings = bench_settings();
	struct bench bench;

	bench_init(&bench, &settings);
	bench_send(&bench, RUN_EV_CONTINUE);
	bench_breed(&bench, 0, -1);
	put_run(b->broker.store, &bench.run);
	bench_release(&bench);
}

void broker_bench_sql(struct broker_bench *b, const char *sql)
{
	assert_int_equal(
		sqlite3_exec(b->behind, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The migration that gives old rows their checksums gives them to any. */
void broker_bench_edit(struct broker_bench *b, const char *sql)
{
	broker_bench_sql(b, sql);
	assert_int_equal(store_sqlite_add_sum(b->behind, NULL), 0);
	for (int i = 0; i < store_sqlite_migrations_count; i++)
		if (strstr(store_sqlite_migrations[i], "row_sum("))
			broker_bench_sql(b, store_sqlite_migrations[i]);
}

json_t *broker_bench_ask(struct broker_bench *b, const char *method,
	const char *target, const json_t *body, int status)
{
	struct http_options o = {.service = "broker", .ctx = &b->broker};
	struct http_local a;
	json_t *answer;

	o.routes = broker_routes(&o.n_routes);
	http_local_ask(&o, method, target, body, &a);
	if (a.status != status)
		fail_msg("%s %s: %d %s", method, target, a.status, a.body);
	answer = json_incref(a.json);
	http_local_release(&a);
	return answer;
}
