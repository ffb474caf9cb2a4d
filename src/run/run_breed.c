/* run_breed.c -- generations: what is asked of the genome service, and what of
 * its answer is believed. */
#include "run/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "run/run_private.h"

int run_member_compare(const void *a, const void *b)
{
	int64_t x = ((const struct run_member *)a)->id;
	int64_t y = ((const struct run_member *)b)->id;

	return (x > y) - (x < y);
}

struct run_member *run_member_find(const struct run *r, int64_t id)
{
	struct run_member key = {.id = id};

	if (!r->members)
		return NULL;
	return bsearch(
		&key, r->members, r->n_members, sizeof key, run_member_compare);
}

void run_next_generation(
	const struct run *r, struct arena *mem, struct truncation *out)
{
	const struct run_settings *s = &r->settings;
	struct member *population = arena_array(
		mem, r->n_members, sizeof *population);

	for (size_t i = 0; i < r->n_members; i++)
		population[i] = (struct member){.id = r->members[i].id,
			.fitness = r->members[i].fitness,
			.genome = r->members[i].genome};
	*out = (struct truncation){.seed = s->seed,
		.generation = r->generation + 1,
		.next_id = r->next_id,
		.size = (int)s->population,
		.elite = (int)s->elite,
		.mutation_rate = s->mutation_rate,
		.batch_size = (int)s->batch_size,
		.data = s->data,
		.population = r->n_members ? population : NULL,
		.n = r->n_members};
}

/* The elite is the member we know, with its score: the genome must be that of
 * the id. */
static int take_elite(const struct run *r, const struct offspring *o,
	struct run_member *m, struct err *e)
{
	const struct run_member *known = run_member_find(r, o->id);

	if (!known)
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is called elite but was not there "
			"before",
			o->id);
	if (!flat_equal(&known->genome, &o->genome))
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is called elite but has changed",
			o->id);
	*m = *known;
	return 0;
}

static int take_child(const struct run_turn *t, const struct offspring *o,
	struct run_member *m, struct err *e)
{
	const struct run *r = t->run;

	if (o->id < r->next_id || o->id >= t->ev->next_id)
		return err_set(e, ERR_RANGE,
			"the new genome's id %" PRId64 " is not from %" PRId64
			" to below %" PRId64,
			o->id, r->next_id, t->ev->next_id);
	if (!flat_valid(&o->genome) ||
		!flat_data_equal(&o->genome.data, &r->settings.data))
		return err_set(e, ERR_RANGE,
			"genome %" PRId64
			" is out of bounds or for another shape of data",
			o->id);
	for (int i = 0; i < 2; i++)
		if (o->parents[i] < -1 || o->parents[i] >= r->next_id)
			return err_set(e, ERR_RANGE,
				"genome %" PRId64 " has the parent %" PRId64
				", which is unknown",
				o->id, o->parents[i]);
	*m = (struct run_member){.id = o->id,
		.born = t->ev->generation,
		.parents = {o->parents[0], o->parents[1]},
		.genome = o->genome};
	return 0;
}

static int check_counts(const struct run_turn *t, struct err *e)
{
	const struct run_event *ev = t->ev;
	int64_t wanted = t->run->settings.population;

	if ((int64_t)ev->n_offspring != wanted)
		return err_set(e, ERR_RANGE,
			"it has %zu genomes instead of %" PRId64,
			ev->n_offspring, wanted);
	if (ev->next_id < t->run->next_id || ev->next_id > RNG_SEED_MAX)
		return err_set(e, ERR_RANGE,
			"its next id %" PRId64 " is not from %" PRId64
			" to %" PRId64,
			ev->next_id, t->run->next_id, RNG_SEED_MAX);
	return 0;
}

static int take_members(
	const struct run_turn *t, struct run_member *m, struct err *e)
{
	size_t n = t->ev->n_offspring;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct offspring *o = &t->ev->offspring[i];

		rc = o->elite ? take_elite(t->run, o, &m[i], e)
			      : take_child(t, o, &m[i], e);
	}
	if (rc)
		return rc;
	qsort(m, n, sizeof *m, run_member_compare);
	for (size_t i = 1; i < n; i++)
		if (m[i].id == m[i - 1].id)
			return err_set(e, ERR_RANGE,
				"genome %" PRId64 " is in it twice", m[i].id);
	return 0;
}

void run_take_generation(struct run_turn *t)
{
	struct run *r = t->run;
	struct run_member *members = NULL;
	struct err why = {0};
	int rc;

	if (r->phase != PHASE_BREEDING ||
		t->ev->generation != r->generation + 1)
		return;
	rc = check_counts(t, &why);
	if (rc == 0) {
		members = xcalloc(t->ev->n_offspring, sizeof *members);
		rc = take_members(t, members, &why);
	}
	if (rc) {
		free(members);
		run_fail(t, "generation %" PRId64 " cannot be used: %.300s",
			t->ev->generation, why.text);
		return;
	}
	free(r->members);
	r->members = members;
	r->n_members = t->ev->n_offspring;
	r->generation = t->ev->generation;
	r->next_id = t->ev->next_id;
	r->phase = PHASE_SCORING;
	run_emit(t, RUN_CMD_SAVE_MEMBERS);
	if (run_generation_scored(r)) {
		run_complete_generation(t);
		return;
	}
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}
