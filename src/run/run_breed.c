/* run_breed.c -- generations: what is asked of the genome service, and what of
 * its answer is believed. */
#include "run/run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "run/run_private.h"
#include "wire/seeds_json.h"

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

struct genome_doc run_genome(const struct run *r, const struct run_member *m)
{
	return (struct genome_doc){.graph = m->genome,
		.data = r->settings.data,
		.form = settings_algorithm(&r->settings)->form};
}

struct individual run_individual(
	const struct run *r, const struct run_member *m)
{
	return (struct individual){.id = m->id,
		.species = m->species,
		.parents = {-1, -1},
		.fitness = run_standing(r, m),
		.genome = m->genome};
}

void run_next_generation(
	const struct run *r, struct arena *mem, struct generation_request *out)
{
	const struct run_settings *s = &r->settings;
	struct individual *members = arena_array(
		mem, r->n_members, sizeof *members);

	for (size_t i = 0; i < r->n_members; i++)
		members[i] = run_individual(r, &r->members[i]);
	*out = (struct generation_request){.algorithm = s->algorithm,
		.seed = s->seed,
		.generation = r->generation + 1,
		.size = s->population,
		.batch_size = s->batch_size,
		.space = s->space,
		.limits = s->limits,
		.data = s->data,
		.now = r->bred};
	memcpy(out->own, s->own, sizeof out->own);
	if (out->generation == 0 && s->seeds)
		seeds_read(mem, s->seeds, "", NULL, &out->seeds, &out->n_seeds,
			NULL);
	out->now.generation = r->generation;
	out->now.next_id = r->next_id;
	out->now.members = members;
	out->now.n = r->n_members;
}

/* -- the answer -- */

/* The elite is the member we know, with its score: the genome must be that of
 * the id. */
static int take_elite(const struct run *r, const struct individual *o,
	struct run_member *m, struct err *e)
{
	const struct run_member *known = run_member_find(r, o->id);

	if (!known)
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is called elite but was not there "
			"before",
			o->id);
	if (!genome_equal(known->genome, o->genome))
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is called elite but has changed",
			o->id);
	*m = *known;
	m->species = o->species;
	return 0;
}

static int take_child(const struct run_turn *t, const struct individual *o,
	struct run_member *m, struct err *e)
{
	const struct run *r = t->run;
	const struct population *p = t->ev->population;

	if (o->id < r->next_id || o->id >= p->next_id)
		return err_set(e, ERR_RANGE,
			"the new genome's id %" PRId64 " is not from %" PRId64
			" to below %" PRId64,
			o->id, r->next_id, p->next_id);
	*m = (struct run_member){.id = o->id,
		.born = p->generation,
		.parents = {o->parents[0], o->parents[1]},
		.genome = o->genome,
		.first_species = o->species,
		.species = o->species,
		.mutations = o->mutations};
	if (!run_genome_valid(r, m))
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is out of bounds", o->id);
	for (int i = 0; i < 2; i++)
		if (o->parents[i] < -1 || o->parents[i] >= r->next_id)
			return err_set(e, ERR_RANGE,
				"genome %" PRId64 " has the parent %" PRId64
				", which is unknown",
				o->id, o->parents[i]);
	if (r->settings.inherit)
		run_take_legacy(r, m);
	return 0;
}

static int check_counts(const struct run_turn *t, struct err *e)
{
	const struct population *p = t->ev->population;
	int64_t wanted = t->run->settings.population;

	if ((int64_t)p->n != wanted)
		return err_set(e, ERR_RANGE,
			"it has %zu genomes instead of %" PRId64, p->n, wanted);
	if (p->next_id < t->run->next_id || p->next_id > RNG_SEED_MAX)
		return err_set(e, ERR_RANGE,
			"its next id %" PRId64 " is not from %" PRId64
			" to %" PRId64,
			p->next_id, t->run->next_id, RNG_SEED_MAX);
	return 0;
}

static int check_species(
	const struct run *r, const struct individual *o, struct err *e)
{
	int wanted = settings_algorithm(&r->settings)->species;

	if ((o->species >= 0) == wanted)
		return 0;
	return err_set(e, ERR_RANGE,
		wanted ? "genome %" PRId64 " has no species"
		       : "genome %" PRId64 " has a species, which the "
			 "algorithm does not know",
		o->id);
}

static int take_members(
	const struct run_turn *t, struct run_member *m, struct err *e)
{
	const struct population *p = t->ev->population;
	const size_t n = p->n;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct individual *o = &p->members[i];

		rc = check_species(t->run, o, e);
		if (rc == 0)
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

static struct population keep_state(
	struct arena *mem, const struct population *p)
{
	struct population kept = *p;

	kept.species = arena_array(mem, p->n_species, sizeof *p->species);
	for (size_t i = 0; i < p->n_species; i++)
		kept.species[i] = p->species[i];
	kept.members = NULL;
	kept.n = 0;
	kept.generation = kept.next_id = 0;
	return kept;
}

void run_settle(struct run *r, struct run_member *members, size_t n,
	const struct population *bred)
{
	struct arena mem;

	arena_init(&mem, r->genomes.max_bytes);
	for (size_t i = 0; i < n; i++)
		members[i].genome = genome_clone(&mem, members[i].genome);
	r->bred = keep_state(&mem, bred);
	free(r->members);
	arena_release(&r->genomes);
	r->genomes = mem;
	r->members = members;
	r->n_members = n;
	run_count_waiting(r);
}

void run_take_generation(struct run_turn *t)
{
	const struct population *p = t->ev->population;
	struct run *r = t->run;
	struct run_member *members = NULL;
	struct err why = {0};
	int rc;

	if (r->phase != PHASE_BREEDING || p->generation != r->generation + 1)
		return;
	rc = check_counts(t, &why);
	if (rc == 0) {
		members = xcalloc(p->n, sizeof *members);
		rc = take_members(t, members, &why);
	}
	if (rc) {
		free(members);
		run_fail(t, "generation %" PRId64 " cannot be used: %.300s",
			p->generation, why.text);
		return;
	}
	run_weigh(r, members, p->n);
	run_settle(r, members, p->n, p);
	r->generation = p->generation;
	r->next_id = p->next_id;
	r->phase = PHASE_SCORING;
	run_emit(t, RUN_CMD_SAVE_MEMBERS);
	if (run_generation_scored(r)) {
		run_complete_generation(t);
		return;
	}
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}
