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
			.genome = r->members[i].genome.flat};
	*out = (struct truncation){.seed = s->seed,
		.generation = r->generation + 1,
		.next_id = r->next_id,
		.size = (int)s->population,
		.elite = (int)s->elite,
		.mutation_rate = s->mutation_rate,
		.space = space_default(),
		.batch_size = (int)s->batch_size,
		.data = s->data,
		.population = r->n_members ? population : NULL,
		.n = r->n_members};
}

/* What counts in breeding: fitness less the price of the graph's genes. */
static double pressed(const struct run_settings *s, const struct run_member *m)
{
	double price = s->size_pressure * (double)(m->genome.layers->n_nodes +
						   m->genome.layers->n_edges);

	return m->fitness > price ? m->fitness - price : 0;
}

void run_next_population(
	const struct run *r, struct arena *mem, struct neat_request *out)
{
	const struct run_settings *s = &r->settings;
	struct individual *members = arena_array(
		mem, r->n_members, sizeof *members);

	for (size_t i = 0; i < r->n_members; i++)
		members[i] = (struct individual){.id = r->members[i].id,
			.species = r->members[i].species,
			.parents = {-1, -1},
			.fitness = pressed(s, &r->members[i]),
			.genome = r->members[i].genome.layers};
	*out = (struct neat_request){.seed = s->seed,
		.size = (size_t)s->population,
		.batch_size = (int)s->batch_size,
		.data = s->data,
		.params = s->neat,
		.generation = r->generation + 1,
		.now = r->neat};
	out->now.generation = r->generation;
	out->now.next_id = r->next_id;
	out->now.members = members;
	out->now.n = r->n_members;
}

/* -- the answer, whichever algorithm gave it -- */

/* A member as it arrives. */
struct arrival {
	int64_t id, parents[2], species;
	unsigned mutations;
	int elite;
	struct genome_doc genome;
};

static struct arrival arrival(const struct run_turn *t, size_t i)
{
	const struct run_event *ev = t->ev;
	const struct individual *m;

	if (!ev->population) {
		const struct offspring *o = &ev->offspring[i];

		return (struct arrival){.id = o->id,
			.parents = {o->parents[0], o->parents[1]},
			.species = -1,
			.elite = o->elite,
			.genome = {.flat = o->genome}};
	}
	m = &ev->population->members[i];
	return (struct arrival){.id = m->id,
		.parents = {m->parents[0], m->parents[1]},
		.species = m->species,
		.mutations = m->mutations,
		.elite = m->elite,
		.genome = genome_doc_layers(m->genome, &t->run->settings.data)};
}

static size_t count_arrivals(const struct run_event *ev)
{
	return ev->population ? ev->population->n : ev->n_offspring;
}

/* The elite is the member we know, with its score: the genome must be that of
 * the id. */
static int take_elite(const struct run *r, const struct arrival *o,
	struct run_member *m, struct err *e)
{
	const struct run_member *known = run_member_find(r, o->id);

	if (!known)
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is called elite but was not there "
			"before",
			o->id);
	if (!genome_doc_equal(&known->genome, &o->genome))
		return err_set(e, ERR_RANGE,
			"genome %" PRId64 " is called elite but has changed",
			o->id);
	*m = *known;
	m->species = o->species;
	return 0;
}

static int take_child(const struct run_turn *t, const struct arrival *o,
	struct run_member *m, struct err *e)
{
	const struct run *r = t->run;

	if (o->id < r->next_id || o->id >= t->ev->next_id)
		return err_set(e, ERR_RANGE,
			"the new genome's id %" PRId64 " is not from %" PRId64
			" to below %" PRId64,
			o->id, r->next_id, t->ev->next_id);
	if (!genome_doc_valid(&o->genome) ||
		!flat_data_equal(&o->genome.flat.data, &r->settings.data))
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
		.genome = o->genome,
		.first_species = o->species,
		.species = o->species,
		.mutations = o->mutations};
	return 0;
}

static int check_counts(const struct run_turn *t, struct err *e)
{
	const struct run_event *ev = t->ev;
	int64_t wanted = t->run->settings.population;

	if (!ev->population != !settings_neat(&t->run->settings))
		return err_set(
			e, ERR_RANGE, "it was bred by another algorithm");
	if ((int64_t)count_arrivals(ev) != wanted)
		return err_set(e, ERR_RANGE,
			"it has %zu genomes instead of %" PRId64,
			count_arrivals(ev), wanted);
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
	size_t n = count_arrivals(t->ev);
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct arrival a = arrival(t, i);

		rc = a.elite ? take_elite(t->run, &a, &m[i], e)
			     : take_child(t, &a, &m[i], e);
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
	const struct population *neat)
{
	struct arena mem;

	arena_init(&mem, r->genomes.max_bytes);
	for (size_t i = 0; i < n; i++)
		members[i].genome = genome_doc_clone(&mem, &members[i].genome);
	if (neat)
		r->neat = keep_state(&mem, neat);
	free(r->members);
	arena_release(&r->genomes);
	r->genomes = mem;
	r->members = members;
	r->n_members = n;
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
		members = xcalloc(count_arrivals(t->ev), sizeof *members);
		rc = take_members(t, members, &why);
	}
	if (rc) {
		free(members);
		run_fail(t, "generation %" PRId64 " cannot be used: %.300s",
			t->ev->generation, why.text);
		return;
	}
	run_settle(r, members, count_arrivals(t->ev), t->ev->population);
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
