/* store_fixture.c -- a fresh store for a test, and rows to write into it. */
#include "store_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#define MEM_MAX ((size_t)256 << 20)

int fixture_begin(
	const struct store_place *p, struct store **s, struct arena *mem)
{
	struct err e = {0};

	if (p->begin())
		return -1;
	arena_init(mem, MEM_MAX);
	*s = store_open(p->url(), &e);
	if (!*s)
		print_error("%s\n", e.text);
	return *s ? 0 : -1;
}

void fixture_end(
	const struct store_place *p, struct store *s, struct arena *mem)
{
	store_close(s);
	arena_release(mem);
	p->end();
}

struct store_run a_run(const char *uuid)
{
	struct store_run r = {.created_ms = 1000,
		.updated_ms = 1000,
		.generation = -1,
		.state = "created",
		.settings = "{\"seed\":1}",
		.document = "{}"};

	strcpy(r.uuid, uuid);
	return r;
}

int ended(struct store *s, int rc, struct err *e)
{
	if (rc == 0)
		return store_commit(s, e);
	store_rollback(s);
	return rc;
}

void put_run(struct store *s, const char *uuid)
{
	struct store_run r = a_run(uuid);

	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_run_insert(s, &r, NULL), 0);
	assert_int_equal(store_commit(s, NULL), 0);
}

void put_genomes(struct store *s, const char *run, int64_t born, int64_t first,
	int64_t last)
{
	assert_int_equal(store_begin(s, NULL), 0);
	for (int64_t id = first; id <= last; id++)
		assert_int_equal(store_genome_insert(s, run,
					 &(struct store_genome){.id = id,
						 .born = born,
						 .parents = {-1, -1},
						 .genome = "{\"nodes\":[]}"},
					 NULL),
			0);
	assert_int_equal(store_commit(s, NULL), 0);
}
