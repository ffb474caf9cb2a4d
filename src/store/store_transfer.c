/* store_transfer.c -- every row of a store into another, checked on both sides,
 * in one transaction.
 *
 * A table is gone through in the order of its key, a page at a time, by the
 * same code in both stores: in the one the rows are checked and handed on, in
 * the other they are read back before the transaction ends.  Both must have
 * come to the same sum. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store_private.h"

#define PAGE 100
#define COLUMNS_MAX 16
#define KEY_MAX 3
#define SQL_BYTES 1000
#define PAGE_ARENA_MAX ((size_t)4 << 30)

/* A table's columns: the first n_key are its key; of one with a checksum, those
 * from `summed` up to the one named checksum are what it is of. */
struct table {
	const char *name, *columns;
	const char *types; /* 'i', 'r', 't' of each column */
	int n_key, summed, checksum;
};

/* Those that others refer to come first.  What is not here is a database's own:
 * who leads, how many transactions there were, blobs. */
static const struct table tables[] = {
	{"run",
		"number, uuid, created_ms, updated_ms, running_ms, "
		"generation, state, settings, document, digest, "
		"idempotency_key, request_hash, checksum, trace, label, "
		"archived",
		"itiiiittttttttti", 1, 1, 12},
	{"generation",
		"run, generation, members, scored, best, mean, created_ms, "
		"scored_ms, species, checksum",
		"iitirriitt", 2, 1, 9},
	{"genome",
		"run, id, born, parent_a, parent_b, genome, scored, fitness, "
		"failure, result, crashes, species, mutations, checksum",
		"iiiiitirttiiit", 2, 1, 13},
	{"species",
		"run, generation, id, born, improved, size, best, mean, "
		"champion, checksum",
		"iiiiiirrit", 3, 1, 9},
	{"rung", "run, genome, rung, fitness, loss, result, checksum",
		"iiirrtt", 3, 1, 6},
	{"training", "run, key, genome, rung, checksum", "itiit", 2, 1, 4},
	{"event", "run, number, created_ms, type, data", "iiitt", 2, 0, 0},
	{"roster",
		"run, id, born, species, scored, fitness, failure, rung, "
		"trainings, cpu_s, parameters, flops",
		"iiiiirtiirii", 2, 0, 0},
	{"population", "number, uuid, created_ms, dataset, seed", "ititi", 1, 0,
		0},
	{"model", "population, id, genome, scored, score, answer", "iitirt", 2,
		0, 0},
};
#define TABLES (sizeof tables / sizeof *tables)
#define RUN_NUMBER 0
#define RUN_UUID 1
#define RUN_DIGEST 9

struct named_run {
	int64_t number;
	char uuid[UUID_TEXT_BYTES];
};

struct transfer {
	struct store *from, *to;
	const struct store_watch *watch;
	struct store_moved *moved;
	struct named_run *runs; /* by number */
	size_t n_runs;
	int64_t all;
};

/* One table gone through in one of the stores. */
struct walk {
	struct transfer *of;
	const struct table *table;
	struct store *store;
	int writes; /* on the connection of the open transaction */
	/* What becomes of a row that was found to be as it was written. */
	int (*row)(struct walk *w, const struct store_value *v, struct err *e);
	struct store_value after[KEY_MAX]; /* the last row's key */
	char text_key[SHA256_HEX_BYTES + 64];
	struct store_sum sum; /* of all its rows */
	int64_t rows;
};

static int columns_of(const struct table *t)
{
	return (int)strlen(t->types);
}

/* -- a page -- */

/* "a, b" of "a, b, c": the first n columns. */
static void first_columns(const struct table *t, int n, char out[200])
{
	const char *end = t->columns;

	for (int i = 0; i < n; i++)
		end += strcspn(end + (i > 0), ",") + (i > 0);
	snprintf(out, 200, "%.*s", (int)(end - t->columns), t->columns);
}

static void start_page(struct walk *w, struct query *q)
{
	static const char *const places[] = {"?", "?, ?", "?, ?, ?"};
	const struct table *t = w->table;
	char sql[SQL_BYTES], key[200];

	first_columns(t, t->n_key, key);
	snprintf(sql, sizeof sql,
		"SELECT %s FROM %s WHERE (%s) > (%s) ORDER BY %s LIMIT ?",
		t->columns, t->name, key, places[t->n_key - 1], key);
	if (w->writes)
		query_write(q, w->store, sql);
	else
		query_read(q, w->store, sql);
	for (int i = 0; i < t->n_key; i++)
		if (t->types[i] == 't')
			query_put_text(q, w->after[i].text);
		else
			query_put_int(q, w->after[i].integer);
	query_put_int(q, PAGE);
}

static void take_row(const struct table *t, struct query *q, struct arena *mem,
	struct store_value v[COLUMNS_MAX])
{
	for (int i = 0; i < columns_of(t); i++)
		if (t->types[i] == 'i')
			v[i] = (struct store_value){
				STORE_INT, .integer = query_int(q)};
		else if (t->types[i] == 'r')
			v[i] = (struct store_value){
				STORE_REAL, .real = query_real(q)};
		else
			v[i] = (struct store_value){
				STORE_TEXT, .text = query_text(q, mem)};
}

static void remember_key(struct walk *w, const struct store_value *v)
{
	for (int i = 0; i < w->table->n_key; i++) {
		w->after[i] = v[i];
		if (v[i].type != STORE_TEXT)
			continue;
		snprintf(w->text_key, sizeof w->text_key, "%s", v[i].text);
		w->after[i].text = w->text_key;
	}
}

/* -- is a row as it was written? -- */

static int by_number(const void *number, const void *run)
{
	const int64_t a = *(const int64_t *)number;
	const int64_t b = ((const struct named_run *)run)->number;

	return (a > b) - (a < b);
}

/* Of whose rows a row is, as its sum has it; NULL: of no run that is there. */
static const char *owner(const struct walk *w, const struct store_value *v)
{
	const struct transfer *t = w->of;
	const struct named_run *r;

	if (w->table == &tables[0])
		return "";
	r = t->n_runs ? bsearch(&v[RUN_NUMBER].integer, t->runs, t->n_runs,
				sizeof *t->runs, by_number)
		      : NULL;
	return r ? r->uuid : NULL;
}

static int check_row(
	const struct walk *w, const struct store_value *v, struct err *e)
{
	const struct table *t = w->table;
	const char *run, *written = v[t->checksum].text;
	char text[STORE_SUM_BYTES];
	struct store_sum sum;

	if (!t->checksum)
		return 0;
	run = owner(w, v);
	if (run) {
		store_sum_begin(&sum, t->name, run);
		for (int i = t->summed; i < t->checksum; i++)
			store_sum_add(&sum, &v[i]);
		store_sum_end(&sum, text);
		if (written && strcmp(written, text) == 0)
			return 0;
	}
	if (t == &tables[0])
		run = v[RUN_UUID].text;
	return err_set(e, ERR_DAMAGED,
		"the store is damaged: a row of %s of run %s is not as it was "
		"written; nothing was copied",
		t->name, run ? run : "that is not there");
}

/* -- through a table -- */

static int walk_page(
	struct walk *w, struct arena *mem, int *rows, struct err *e)
{
	struct store_value v[COLUMNS_MAX];
	struct query q;
	int rc;

	start_page(w, &q);
	for (*rows = 0; (rc = query_next(&q, e)) == 1; ++*rows) {
		take_row(w->table, &q, mem, v);
		rc = check_row(w, v, e);
		if (rc == 0 && w->row)
			rc = w->row(w, v, e);
		if (rc)
			break;
		for (int i = 0; i < columns_of(w->table); i++)
			store_sum_add(&w->sum, &v[i]);
		remember_key(w, v);
		w->rows++;
	}
	query_end(&q);
	return rc;
}

static int walk_table(struct walk *w, char sum[STORE_SUM_BYTES], struct err *e)
{
	const struct table *t = w->table;
	struct arena mem;
	int rows = PAGE, rc = 0;

	for (int i = 0; i < t->n_key; i++)
		w->after[i] = t->types[i] == 't'
				      ? (struct store_value){STORE_TEXT,
						.text = ""}
				      : (struct store_value){STORE_INT,
						.integer = INT64_MIN};
	store_sum_begin(&w->sum, t->name, "");
	arena_init(&mem, PAGE_ARENA_MAX);
	while (rc == 0 && rows == PAGE) {
		arena_release(&mem);
		rc = walk_page(w, &mem, &rows, e);
	}
	arena_release(&mem);
	store_sum_end(&w->sum, sum);
	return rc;
}

/* -- over -- */

static void note_run(struct transfer *t, const struct store_value *v)
{
	struct named_run *r;

	if ((t->n_runs & (t->n_runs - 1)) == 0) /* room for a power of two */
		t->runs = xrealloc(t->runs,
			(t->n_runs ? 2 * t->n_runs : 1) * sizeof *t->runs);
	r = &t->runs[t->n_runs++];
	r->number = v[RUN_NUMBER].integer;
	snprintf(r->uuid, sizeof r->uuid, "%s", v[RUN_UUID].text);
	t->moved->runs++;
	t->moved->digests += v[RUN_DIGEST].text && v[RUN_DIGEST].text[0];
}

static void insert_sql(const struct table *t, char out[SQL_BYTES])
{
	int n = snprintf(out, SQL_BYTES, "INSERT INTO %s (%s) VALUES (",
		t->name, t->columns);

	for (int i = 0; i < columns_of(t); i++)
		n += snprintf(
			out + n, SQL_BYTES - (size_t)n, "%s?", i ? "," : "");
	snprintf(out + n, SQL_BYTES - (size_t)n, ")");
}

static int tell(struct transfer *t, int64_t rows, struct err *e)
{
	t->moved->rows += rows;
	if (t->watch && t->watch->told &&
		t->watch->told(t->watch->ctx, t->moved->rows, t->all))
		return err_set(e, ERR_CANCELLED, "the copy was given up");
	return 0;
}

static int hand_on(struct walk *w, const struct store_value *v, struct err *e)
{
	const struct table *t = w->table;
	char sql[SQL_BYTES];
	struct query q;
	int rc;

	if (t == &tables[0])
		note_run(w->of, v);
	insert_sql(t, sql);
	query_write(&q, w->of->to, sql);
	for (int i = 0; i < columns_of(t); i++)
		if (v[i].type == STORE_INT)
			query_put_int(&q, v[i].integer);
		else if (v[i].type == STORE_REAL)
			query_put_real(&q, "a number", v[i].real);
		else
			query_put_text(&q, v[i].text);
	rc = query_run(&q, e);
	return rc ? rc : tell(w->of, 1, e);
}

static int copy_table(
	struct transfer *t, const struct table *table, struct err *e)
{
	struct walk there = {
		.of = t, .table = table, .store = t->from, .row = hand_on};
	struct walk here = {
		.of = t, .table = table, .store = t->to, .writes = 1};
	char sent[STORE_SUM_BYTES], came[STORE_SUM_BYTES];
	int rc = walk_table(&there, sent, e);

	if (rc == 0)
		rc = walk_table(&here, came, e);
	if (rc)
		return rc;
	if (there.rows == here.rows && strcmp(sent, came) == 0)
		return 0;
	return err_set(e, ERR_WORLD,
		"the copy differs in %s: %lld rows of sum %s have become %lld "
		"of sum %s; nothing was copied",
		table->name, (long long)there.rows, sent, (long long)here.rows,
		came);
}

/* Numbers that the database gives from now on follow those of the rows. */
static int set_numbers(struct store *s, struct err *e)
{
	const char *const *sql = s->backend->after_numbers;
	int rc = 0;

	for (; rc == 0 && sql && *sql; sql++) {
		struct query q;

		query_write(&q, s, *sql);
		rc = query_next(&q, e);
		query_end(&q);
		rc = rc < 0 ? rc : 0;
	}
	return rc;
}

static int copy_all(struct transfer *t, struct err *e)
{
	int rc = store_begin(t->to, e);

	if (rc)
		return rc;
	for (size_t i = 0; rc == 0 && i < TABLES; i++)
		rc = copy_table(t, &tables[i], e);
	if (rc == 0)
		rc = set_numbers(t->to, e);
	if (rc == 0)
		return store_commit(t->to, e);
	store_rollback(t->to);
	return rc;
}

/* -- what there is -- */

static int count_rows(
	struct store *s, const struct table *t, int64_t *n, struct err *e)
{
	char sql[80];
	struct query q;
	int rc;

	snprintf(sql, sizeof sql, "SELECT COUNT(*) FROM %s", t->name);
	query_read(&q, s, sql);
	rc = query_next(&q, e);
	if (rc == 1)
		*n += query_int(&q);
	query_end(&q);
	return rc == 1 ? 0 : rc;
}

int store_rows(struct store *s, int64_t *n, struct err *e)
{
	int rc = 0;

	*n = 0;
	for (size_t i = 0; rc == 0 && i < TABLES; i++)
		rc = count_rows(s, &tables[i], n, e);
	return rc;
}

int store_transfer(struct store *from, struct store *to,
	const struct store_watch *watch, struct store_moved *out, struct err *e)
{
	struct transfer t = {
		.from = from, .to = to, .watch = watch, .moved = out};
	int64_t there;
	int rc = store_rows(to, &there, e);

	*out = (struct store_moved){0, 0, 0};
	if (rc == 0 && there > 0)
		rc = err_set(e, ERR_CONFLICT,
			"the target has %lld rows already: it must be an empty "
			"store, or none yet",
			(long long)there);
	if (rc == 0)
		rc = store_rows(from, &t.all, e);
	if (rc == 0)
		rc = copy_all(&t, e);
	free(t.runs);
	return rc;
}
