/* test_power_loss.c -- what was acknowledged is there when the power is back,
 * because of synchronous=FULL and of syncs that are true: without either some
 * is lost, or the test would see nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "power_disk.h"
#include "store_fixture.h"
#include "temp_folder.h"

#define TRIALS 24
#define CONTROLS 6
/* Of writes and syncs: 1,000 transactions, with some checkpoints. */
#define LONGEST 20000
#define GENOME_BYTES 3000

struct trial {
	char folder[TEMP_FOLDER_BYTES], after[TEMP_FOLDER_BYTES];
	char path[TEMP_FOLDER_BYTES + 16], found[TEMP_FOLDER_BYTES + 16],
		found_log[TEMP_FOLDER_BYTES + 16];
	struct rng rng;
	int64_t acknowledged;
};

static void begin(struct trial *t, uint64_t seed, int number)
{
	rng_stream(&t->rng, seed, (uint64_t)number, 0);
	t->acknowledged = 0;
	temp_folder_make(t->folder);
	temp_folder_make(t->after);
	snprintf(t->path, sizeof t->path, "%s/nevod.db", t->folder);
	snprintf(t->found, sizeof t->found, "%s/nevod.db", t->after);
	snprintf(
		t->found_log, sizeof t->found_log, "%s/nevod.db-wal", t->after);
}

static void end(struct trial *t)
{
	temp_folder_remove(t->folder);
	temp_folder_remove(t->after);
}

/* A genome and an event that tells of it, in one transaction. */
static void put_one(struct store *s, int64_t id)
{
	char text[GENOME_BYTES + 1], data[32];
	struct store_genome g = {.id = id, .parents = {-1, -1}, .genome = text};

	memset(text, 'a' + (int)(id % 26), GENOME_BYTES);
	text[GENOME_BYTES] = '\0';
	snprintf(data, sizeof data, "%lld", (long long)id);
	assert_int_equal(store_begin(s, NULL), 0);
	assert_int_equal(store_genome_insert(s, RUN_A, &g, NULL), 0);
	assert_int_equal(
		store_event_add(s, RUN_A, "evaluation", data, 1, NULL, NULL),
		0);
	assert_int_equal(store_commit(s, NULL), 0);
}

/* Works until the power goes, at any moment. */
static void work(struct trial *t)
{
	struct store *s = store_open(t->path, NULL);

	assert_non_null(s);
	put_run(s, RUN_A);
	power_disk_go_after((int64_t)rng_below(&t->rng, LONGEST));
	for (int64_t id = 0; !power_disk_is_gone(); id++) {
		put_one(s, id);
		if (!power_disk_is_gone())
			t->acknowledged = id + 1;
	}
	power_disk_return(t->found, t->found_log, &t->rng);
	store_close(s);
}

static int64_t count_events(struct store *s, struct arena *mem)
{
	struct store_event *events;
	int64_t after = 0, count = 0;
	size_t n;

	do {
		if (store_events(s, mem, RUN_A, after, 1000, &events, &n, NULL))
			return -1;
		count += (int64_t)n;
		after = n ? events[n - 1].number : after;
	} while (n > 0);
	return count;
}

/* How much of what was acknowledged is not as it was. */
static int64_t lost(const struct trial *t)
{
	struct store *s = store_open(t->found, NULL);
	struct store_genome g;
	int64_t genomes = 0, events;
	struct arena mem;

	if (!s)
		return t->acknowledged + 1; /* the run, too */
	arena_init(&mem, (size_t)64 << 20);
	while (genomes <= t->acknowledged &&
		store_genome_get(s, &mem, RUN_A, genomes, &g, NULL) == 0 &&
		g.genome[0] == 'a' + (int)(genomes % 26) &&
		strlen(g.genome) == GENOME_BYTES)
		genomes++;
	events = count_events(s, &mem);
	arena_release(&mem);
	store_close(s);
	/* The last transaction is there as a whole or not at all. */
	if (events != genomes && genomes >= t->acknowledged)
		return 1;
	return genomes < t->acknowledged ? t->acknowledged - genomes : 0;
}

/* Over all trials. */
static int64_t lost_by(enum power_syncs syncs, int trials)
{
	const uint64_t seed = (uint64_t)rng_seed_random();
	int64_t sum = 0, acknowledged = 0;

	for (int i = 0; i < trials; i++) {
		struct trial t;
		int64_t n;

		begin(&t, seed, i);
		power_disk_begin(syncs);
		work(&t);
		n = lost(&t);
		if (n && syncs == POWER_SYNCS_ALL)
			print_error("trial %d: %lld of %lld are lost\n", i,
				(long long)n, (long long)t.acknowledged);
		sum += n;
		acknowledged += t.acknowledged;
		end(&t);
	}
	print_message("seed %llu: %d power cuts, %lld transactions "
		      "acknowledged, %lld lost\n",
		(unsigned long long)seed, trials, (long long)acknowledged,
		(long long)sum);
	return sum;
}

static void what_was_acknowledged_is_there(void **state)
{
	(void)state;
	assert_int_equal(lost_by(POWER_SYNCS_ALL, TRIALS), 0);
}

static void with_synchronous_normal_it_would_be_lost(void **state)
{
	(void)state;
	assert_true(lost_by(POWER_SYNCS_NORMAL, CONTROLS) > 0);
}

static void with_a_sync_that_lies_it_would_be_lost(void **state)
{
	(void)state;
	assert_true(lost_by(POWER_SYNCS_LIE, CONTROLS) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_is_there),
		cmocka_unit_test(with_synchronous_normal_it_would_be_lost),
		cmocka_unit_test(with_a_sync_that_lies_it_would_be_lost),
	};

	power_disk_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
