/* truncation.c -- sort by fitness, let the first half breed. */
#include "neat/truncation.h"

#include <stdlib.h>

#include "base/rng.h"
#include "neat/chain.h"
#include "neat/flat_breed.h"

#define SIZE_LIMIT 10000

/* Genomes that may be drawn or bred before one passes the gate. */
#define TRIES 100
#define CHAIN_BYTES_MAX ((size_t)1 << 20)

static int by_id(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_fitness(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;

	if (x->fitness != y->fitness)
		return x->fitness > y->fitness ? -1 : 1;
	return by_id(a, b);
}

static int check_numbers(const struct truncation *t, struct err *e)
{
	if (t->size < 1 || t->size > SIZE_LIMIT)
		return err_set(e, ERR_RANGE,
			"the size is %d but must be from 1 to %d", t->size,
			SIZE_LIMIT);
	if (t->elite < 0 || t->elite >= t->size)
		return err_set(e, ERR_RANGE,
			"the elite is %d but must be from 0 to %d, fewer than "
			"the population",
			t->elite, t->size - 1);
	if (!(t->mutation_rate >= 0 && t->mutation_rate <= 1))
		return err_set(
			e, ERR_RANGE, "the mutation rate must be from 0 to 1");
	if (t->seed < 0 || t->seed > RNG_SEED_MAX || t->generation < 0)
		return err_set(e, ERR_RANGE,
			"the seed must be from 0 to 2^53-1 and the generation "
			"not negative");
	if (t->next_id < 0 || t->next_id > RNG_SEED_MAX - t->size)
		return err_set(e, ERR_RANGE,
			"the next id must be from 0 to 2^53-1 less the size");
	return space_check(t->space, e);
}

static int check_member(
	const struct truncation *t, const struct member *m, struct err *e)
{
	if (m->id < 0 || m->id >= t->next_id)
		return err_set(e, ERR_RANGE,
			"genome %lld has an id that is not below the next id, "
			"%lld",
			(long long)m->id, (long long)t->next_id);
	if (!(m->fitness >= 0 && m->fitness <= 1))
		return err_set(e, ERR_RANGE,
			"the fitness of genome %lld is not from 0 to 1",
			(long long)m->id);
	if (!flat_valid(&m->genome))
		return err_set(e, ERR_RANGE, "genome %lld is out of bounds",
			(long long)m->id);
	if (!data_shape_equal(&m->genome.data, &t->data))
		return err_set(e, ERR_RANGE,
			"genome %lld is made for another shape of data than "
			"the request's",
			(long long)m->id);
	return 0;
}

/* The population from the fittest down, in `ranked` (t->n). */
static int rank_population(
	const struct truncation *t, const struct member **ranked, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		int rc = check_member(t, &t->population[i], e);

		if (rc)
			return rc;
		ranked[i] = &t->population[i];
	}
	qsort(ranked, t->n, sizeof *ranked, by_id);
	for (size_t i = 1; i < t->n; i++)
		if (ranked[i]->id == ranked[i - 1]->id)
			return err_set(e, ERR_RANGE,
				"two genomes have the id %lld",
				(long long)ranked[i]->id);
	qsort(ranked, t->n, sizeof *ranked, by_fitness);
	return 0;
}

static int admitted(const struct truncation *t, const struct flat *g)
{
	struct arena mem;
	int passes;

	if (!t->gate || !t->gate->admits)
		return 1;
	arena_init(&mem, CHAIN_BYTES_MAX);
	passes = gate_admits(t->gate, chain_from_flat(&mem, g));
	arena_release(&mem);
	return passes;
}

/* The smallest genome, which is a chain, trained as `g` is. */
static struct flat least_like(const struct truncation *t, const struct flat *g)
{
	struct flat least = *g;

	chain_to_flat(t->gate->least, &t->data, &least, NULL);
	least.optimizer = g->optimizer;
	least.learning_rate = g->learning_rate;
	least.batch_size = g->batch_size;
	least.dropout = g->dropout;
	return least;
}

static struct flat draw(const struct truncation *t, struct rng *r)
{
	struct flat g;

	for (int i = 0; i < TRIES; i++) {
		flat_random(&g, &t->data, t->batch_size, t->space, r);
		if (admitted(t, &g))
			return g;
	}
	return least_like(t, &g);
}

static void draw_first(const struct truncation *t, struct offspring *o)
{
	for (int i = 0; i < t->size; i++) {
		struct rng r;

		o[i] = (struct offspring){
			.id = t->next_id + i, .parents = {-1, -1}};
		rng_stream(&r, (uint64_t)t->seed, (uint64_t)t->generation,
			(uint64_t)o[i].id);
		o[i].genome = (size_t)i < t->n_seeds ? t->seeds[i]
						     : draw(t, &r);
	}
}

/* A child of two different members of the best half; where that is a single
 * one, of it alone.  *first is the first of them. */
static int breed_once(const struct truncation *t, const struct member **ranked,
	struct rng *r, const struct member **first, struct offspring *o,
	struct err *e)
{
	const struct flat_mutation m = {t->mutation_rate, t->space};
	size_t half = (t->n + 1) / 2, i, j;

	i = j = rng_below(r, half);
	if (half > 1) {
		j = rng_below(r, half - 1);
		j += j >= i;
	}
	*first = ranked[i];
	o->parents[0] = ranked[i]->id;
	o->parents[1] = j == i ? -1 : ranked[j]->id;
	return flat_child(
		&o->genome, &ranked[i]->genome, &ranked[j]->genome, &m, r, e);
}

/* Where no child passes: the parent trained otherwise, or what is smallest. */
static void breed_least(const struct truncation *t, const struct member *parent,
	struct rng *r, struct offspring *o)
{
	const struct flat_mutation m = {t->mutation_rate, t->space};
	const int passes = admitted(t, &parent->genome);

	o->parents[0] = passes ? parent->id : -1;
	o->parents[1] = -1;
	o->genome = passes ? parent->genome : least_like(t, &parent->genome);
	flat_retrain(&o->genome, &m, r);
}

static int breed(const struct truncation *t, const struct member **ranked,
	int64_t id, struct offspring *o, struct err *e)
{
	const struct member *parent;
	struct rng r;

	*o = (struct offspring){.id = id};
	rng_stream(
		&r, (uint64_t)t->seed, (uint64_t)t->generation, (uint64_t)id);
	for (int i = 0; i < TRIES; i++) {
		int rc = breed_once(t, ranked, &r, &parent, o, e);

		if (rc || admitted(t, &o->genome))
			return rc;
	}
	breed_least(t, parent, &r, o);
	return 0;
}

static int breed_all(const struct truncation *t, const struct member **ranked,
	struct offspring *o, struct err *e)
{
	int64_t id = t->next_id;
	int rc = 0;

	for (int i = 0; i < t->elite; i++)
		o[i] = (struct offspring){.id = ranked[i]->id,
			.parents = {-1, -1},
			.elite = 1,
			.genome = ranked[i]->genome};
	for (int i = t->elite; rc == 0 && i < t->size; i++)
		rc = breed(t, ranked, id++, &o[i], e);
	return rc;
}

static int check_population(const struct truncation *t, struct err *e)
{
	if (!data_shape_valid(&t->data) || t->batch_size < 1 ||
		t->batch_size > BATCH_SIZE_MAX)
		return err_set(e, ERR_RANGE,
			"the shape of the data or the batch size is out of "
			"bounds");
	if (t->generation == 0 && t->n > 0)
		return err_set(e, ERR_RANGE,
			"generation 0 is drawn at random and has no "
			"population before it");
	if (t->generation > 0 && (t->n < 1 || t->n > SIZE_LIMIT))
		return err_set(e, ERR_RANGE,
			"the population has %zu genomes but must have from 1 "
			"to %d",
			t->n, SIZE_LIMIT);
	if (t->generation > 0 && (size_t)t->elite > t->n)
		return err_set(e, ERR_RANGE,
			"the elite is %d but the population has %zu genomes",
			t->elite, t->n);
	return 0;
}

int truncation_next(struct arena *mem, const struct truncation *t,
	struct offspring **out, struct err *e)
{
	const struct member **ranked;
	struct offspring *o;
	int rc = check_numbers(t, e);

	if (rc == 0)
		rc = check_population(t, e);
	if (rc)
		return rc;
	o = arena_array(mem, (size_t)t->size, sizeof *o);
	if (t->generation == 0) {
		draw_first(t, o);
		*out = o;
		return 0;
	}
	ranked = arena_array(mem, t->n, sizeof *ranked);
	rc = rank_population(t, ranked, e);
	if (rc == 0)
		rc = breed_all(t, ranked, o, e);
	if (rc == 0)
		*out = o;
	return rc;
}
