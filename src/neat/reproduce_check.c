/* reproduce_check.c -- refuses a population that cannot be, with a sentence. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "neat/reproduce_private.h"

/* Of all genomes of a population, so that the next one fits its memory. */
#define GENES_MAX ((size_t)5000000)

static int check_breeding(
	const struct breeding *how, size_t size, struct err *e)
{
	if (how->seed < 0 || how->seed > RNG_SEED_MAX)
		return err_set(
			e, ERR_RANGE, "the seed must be from 0 to 2^53-1");
	if (size < 1 || size > POPULATION_MAX)
		return err_set(e, ERR_RANGE,
			"the population is %zu but must be from 1 to %d", size,
			POPULATION_MAX);
	if (space_check(how->space, e))
		return ERR_RANGE;
	return params_check(how->params, e);
}

/* A genome that is sound and older than the counters. */
static int check_genome(const struct genome *g,
	const struct innovation_counters *c, struct err *e)
{
	int rc = genome_check(g, e);

	if (rc)
		return rc;
	if (g->n_nodes && g->nodes[g->n_nodes - 1].number >= c->node)
		return err_set(e, ERR_RANGE,
			"it has node %lld but the counter of nodes is %lld",
			(long long)g->nodes[g->n_nodes - 1].number,
			(long long)c->node);
	if (g->n_edges && g->edges[g->n_edges - 1].number >= c->edge)
		return err_set(e, ERR_RANGE,
			"it has edge %lld but the counter of edges is %lld",
			(long long)g->edges[g->n_edges - 1].number,
			(long long)c->edge);
	return 0;
}

/* Numbers stay exact in JSON, whatever one generation can add. */
static int check_counters(const struct innovation_counters *c, struct err *e)
{
	const int64_t most = GENE_NUMBER_MAX - 3 * POPULATION_MAX;

	if (c->node < 0 || c->node > most || c->edge < 0 || c->edge > most)
		return err_set(e, ERR_RANGE,
			"the counters of innovations must be from 0 to %lld",
			(long long)most);
	return 0;
}

static int check_kinds(
	const struct genome *g, const struct genome *first, struct err *e)
{
	if (g->kind != first->kind || g->recurrent != first->recurrent)
		return err_set(e, ERR_RANGE,
			"it is not of the same kind as the first genome");
	return 0;
}

int reproduce_check_first(const struct breeding *how,
	const struct genome *const *genomes, size_t n,
	const struct innovation_counters *counters, struct err *e)
{
	int rc = check_breeding(how, n, e);

	if (rc == 0)
		rc = check_counters(counters, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = check_genome(genomes[i], counters, e);
		if (rc == 0)
			rc = check_kinds(genomes[i], genomes[0], e);
		if (rc)
			err_prefix(e, "genome %zu", i);
	}
	return rc;
}

/* -- a population that was scored -- */

static const struct species *find_species(
	const struct population *p, int64_t id)
{
	size_t lo = 0, hi = p->n_species;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (p->species[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < p->n_species && p->species[lo].id == id ? &p->species[lo]
							    : NULL;
}

static int check_species(const struct population *p, struct err *e)
{
	for (size_t i = 0; i < p->n_species; i++) {
		const struct species *s = &p->species[i];

		if (s->id < 0 || s->id >= p->next_species ||
			(i > 0 && s[-1].id >= s->id))
			return err_set(e, ERR_RANGE,
				"species %lld is not below the next one, %lld, "
				"or not in order",
				(long long)s->id, (long long)p->next_species);
		if (s->born < 0 || s->born > p->generation ||
			s->improved < s->born || s->improved > p->generation)
			return err_set(e, ERR_RANGE,
				"species %lld must be born, and improve, from "
				"then to generation %lld",
				(long long)s->id, (long long)p->generation);
		if (!isfinite(s->best))
			return err_set(e, ERR_RANGE,
				"the best fitness of species %lld is not "
				"finite",
				(long long)s->id);
	}
	return 0;
}

static int check_member(
	const struct population *p, const struct individual *m, struct err *e)
{
	int rc = check_genome(m->genome, &p->innovations, e);

	if (rc)
		return rc;
	if (m->id < 0 || m->id >= p->next_id)
		return err_set(e, ERR_RANGE,
			"its id is not below the next id, %lld",
			(long long)p->next_id);
	if (!(m->fitness >= 0) || !isfinite(m->fitness))
		return err_set(e, ERR_RANGE,
			"its fitness must be finite and not below 0");
	if (!find_species(p, m->species))
		return err_set(e, ERR_RANGE,
			"its species, %lld, is not in the list",
			(long long)m->species);
	return check_kinds(m->genome, p->members[0].genome, e);
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* No id twice, and no species without a member. */
static int check_ids(
	struct arena *mem, const struct population *p, struct err *e)
{
	int64_t *ids = arena_array(mem, p->n, sizeof *ids);
	size_t species = 0;

	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->members[i].id;
	qsort(ids, p->n, sizeof *ids, by_number);
	for (size_t i = 1; i < p->n; i++)
		if (ids[i] == ids[i - 1])
			return err_set(e, ERR_RANGE,
				"two genomes have the id %lld",
				(long long)ids[i]);
	for (size_t i = 0; i < p->n; i++)
		ids[i] = p->members[i].species;
	qsort(ids, p->n, sizeof *ids, by_number);
	for (size_t i = 0; i < p->n; i++)
		species += i == 0 || ids[i] != ids[i - 1];
	if (species != p->n_species)
		return err_set(e, ERR_RANGE,
			"%zu species are listed but the members are of %zu",
			p->n_species, species);
	return 0;
}

static int check_numbers(const struct population *p, struct err *e)
{
	if (p->n < 1 || p->n > POPULATION_MAX)
		return err_set(e, ERR_RANGE,
			"the population has %zu genomes but must have from 1 "
			"to %d",
			p->n, POPULATION_MAX);
	if (p->generation < 0 || p->generation >= GENE_NUMBER_MAX ||
		p->improved < 0 || p->improved > p->generation ||
		!isfinite(p->best))
		return err_set(e, ERR_RANGE,
			"the generation, or the one that the best fitness is "
			"from, cannot be");
	if (p->next_id < 0 || p->next_id > GENE_NUMBER_MAX - POPULATION_MAX ||
		p->next_species < 0 ||
		p->next_species > GENE_NUMBER_MAX - POPULATION_MAX)
		return err_set(e, ERR_RANGE,
			"the next id or the next species is out of bounds");
	if (!(p->threshold >= 0) || !isfinite(p->threshold))
		return err_set(e, ERR_RANGE,
			"the threshold must be finite and not below 0");
	return 0;
}

/* A child has no more genes than its parents, but for a few. */
static int check_room(
	const struct breeding *how, const struct population *p, struct err *e)
{
	size_t largest = 0, most = GENES_MAX / how->size;

	for (size_t i = 0; i < p->n; i++)
		if (genome_size(p->members[i].genome) > largest)
			largest = genome_size(p->members[i].genome);
	if (largest <= most)
		return 0;
	return err_set(e, ERR_RANGE,
		"a genome has %zu genes, but in a population of %zu it may "
		"have %zu",
		largest, how->size, most);
}

int reproduce_check(struct arena *mem, const struct breeding *how,
	const struct population *now, struct err *e)
{
	int rc = check_breeding(how, how->size, e);

	if (rc == 0)
		rc = check_numbers(now, e);
	if (rc == 0)
		rc = check_counters(&now->innovations, e);
	if (rc == 0)
		rc = check_species(now, e);
	for (size_t i = 0; rc == 0 && i < now->n; i++) {
		rc = check_member(now, &now->members[i], e);
		if (rc)
			err_prefix(e, "genome %lld",
				(long long)now->members[i].id);
	}
	if (rc == 0)
		rc = check_ids(mem, now, e);
	return rc ? rc : check_room(how, now, e);
}
