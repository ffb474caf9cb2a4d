/* reproduce.c -- children are made species by species, then put into species
 * themselves. */
#include "neat/reproduce.h"

#include "base/rng.h"
#include "neat/crossover.h"
#include "neat/mutate.h"
#include "neat/reproduce_private.h"
#include "neat/selection.h"

/* Sets the draws of representatives apart from those of genomes. */
#define REPRESENTATIVES UINT64_C(0x7265707265736e74)

/* Room for the versions that one child goes through. */
#define SCRATCH_BYTES_MAX ((size_t)1 << 28)

/* Tries of a child before it is one of other attributes alone, and of that
 * before it is none. */
#define CHILD_TRIES 20
#define VARY_TRIES 20

struct nursery {
	struct arena *mem;
	struct arena scratch; /* of the child being made */
	const struct breeding *how;
	const struct herd *herds;
	size_t n_herds;
	struct innovation_book book;
	struct population *next;
};

/* -- species of the new members -- */

/* One member of the generation before, drawn at random. */
static const struct genome *draw_representative(
	const struct nursery *n, const struct herd *h)
{
	uint64_t generation = (uint64_t)n->next->generation;
	struct rng r;

	rng_stream(&r,
		(uint64_t)rng_derive(
			(uint64_t)n->how->seed, generation, REPRESENTATIVES),
		generation, (uint64_t)h->species.id);
	return h->ranked[rng_below(&r, h->n)]->genome;
}

static int has_members(const struct population *p, int64_t species)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->members[i].species == species)
			return 1;
	return 0;
}

static void drop_empty(struct population *p)
{
	size_t kept = 0;

	for (size_t i = 0; i < p->n_species; i++)
		if (has_members(p, p->species[i].id))
			p->species[kept++] = p->species[i];
	p->n_species = kept;
}

/* Moves the threshold a step toward the number of species wanted. */
static double follow_target(
	double threshold, size_t n_species, size_t size, const struct params *p)
{
	double target = p->target_species;

	if (target == 0)
		target = (double)size / p->species_share;
	if (target < 2)
		target = 2;
	if ((double)n_species > target)
		return threshold + p->threshold_step;
	if ((double)n_species < target && threshold > 2 * p->threshold_step)
		return threshold - p->threshold_step;
	return threshold;
}

static void assign_species(struct nursery *n)
{
	struct population *next = n->next;
	size_t room = n->n_herds + next->n;
	const struct genome **representatives = arena_array(
		n->mem, room, sizeof *representatives);

	next->species = arena_array(n->mem, room, sizeof *next->species);
	next->n_species = n->n_herds;
	for (size_t i = 0; i < n->n_herds; i++) {
		next->species[i] = n->herds[i].species;
		representatives[i] = draw_representative(n, &n->herds[i]);
	}
	species_assign(next->members, next->n, n->how->params, next->threshold,
		next->generation, next->species, representatives,
		&next->n_species, &next->next_species);
	drop_empty(next);
	next->threshold = follow_target(
		next->threshold, next->n_species, next->n, n->how->params);
}

/* -- children -- */

static const struct individual *draw_parent(const struct herd *h, struct rng *r)
{
	return h->ranked[rng_below(r, h->n_parents)];
}

/* The champion of another species. */
static const struct individual *draw_stranger(
	const struct nursery *n, const struct herd *own, struct rng *r)
{
	size_t i = rng_below(r, n->n_herds - 1);

	i += i >= (size_t)(own - n->herds);
	return n->herds[i].ranked[0];
}

static struct mutator mutator_of(struct nursery *n)
{
	return (struct mutator){
		.mem = &n->scratch,
		.book = &n->book,
		.params = n->how->params,
		.space = n->how->space,
	};
}

static void mutate_child(struct nursery *n, struct individual *child,
	struct genome *g, struct rng *r)
{
	const struct mutator m = mutator_of(n);

	child->mutations |= mutate(&m, g, r);
}

/* Makes a child and returns its first parent. */
static const struct individual *clone(struct nursery *n, const struct herd *h,
	struct individual *child, struct rng *r)
{
	const struct individual *parent = draw_parent(h, r);
	struct genome *g = genome_copy(&n->scratch, parent->genome);

	child->parents[0] = parent->id;
	mutate_child(n, child, g, r);
	child->genome = g;
	return parent;
}

/* A second parent for `a`, by the ranks that draw_parent draws. */
static const struct individual *draw_partner(const struct nursery *n,
	const struct herd *h, const struct individual *a, struct rng *r)
{
	const struct params *p = n->how->params;
	size_t i;

	if (n->n_herds > 1 && rng_chance(r, p->interspecies_rate))
		return draw_stranger(n, h, r);
	if (p->distinct_parents == 0 || h->n_parents == 1)
		return draw_parent(h, r);
	i = rng_below(r, h->n_parents - 1);
	return h->ranked[h->ranked[i] == a ? h->n_parents - 1 : i];
}

/* True if `child`, whose edges are those of `a`, has one enabled again. */
static int woke(const struct genome *child, const struct genome *a)
{
	for (size_t i = 0; i < child->n_edges; i++)
		if (child->edges[i].enabled && !a->edges[i].enabled)
			return 1;
	return 0;
}

/* Parents that are one and the same give a copy, which must mutate; its
 * disabled genes may wake like any child's, unless self_clone is set. */
static const struct individual *mate(struct nursery *n, const struct herd *h,
	struct individual *child, struct rng *r)
{
	const struct params *p = n->how->params;
	const struct individual *a = draw_parent(h, r), *b, *swap;
	struct genome *g;

	b = draw_partner(n, h, a, r);
	if (individual_fitter(b, a)) {
		swap = a;
		a = b;
		b = swap;
	}
	if (b == a && p->self_clone > 0)
		g = genome_copy(&n->scratch, a->genome);
	else
		g = genome_crossover(&n->scratch, a->genome, b->genome, p, r);
	child->mutations = woke(g, a->genome) ? MUTATION_WAKE : 0;
	child->parents[0] = a->id;
	child->parents[1] = b == a ? -1 : b->id;
	if (b == a || !rng_chance(r, p->mate_only_rate))
		mutate_child(n, child, g, r);
	child->genome = g;
	return a;
}

static int admitted(const struct nursery *n, const struct genome *g)
{
	return !n->how->gate || gate_admits(n->how->gate, g);
}

/* A child that a parent has by other attributes alone. */
static void vary(struct nursery *n, const struct individual *parent,
	struct individual *child, struct rng *r)
{
	const struct mutator m = mutator_of(n);
	struct genome *g = genome_copy(&n->scratch, parent->genome);

	child->parents[0] = parent->id;
	child->mutations = mutate_attributes(&m, g, r);
	child->genome = g;
}

/* What is left where no child passes: the parent, or what is smallest. */
static void copy_least(const struct nursery *n, const struct individual *parent,
	struct individual *child)
{
	child->genome = n->how->gate->least;
	if (!admitted(n, parent->genome))
		return;
	child->genome = parent->genome;
	child->parents[0] = parent->id;
}

static const struct individual *beget(struct nursery *n, const struct herd *h,
	struct individual *child, struct rng *r)
{
	if (rng_chance(r, n->how->params->mutate_only_rate))
		return clone(n, h, child, r);
	return mate(n, h, child, r);
}

/* Children are made until one passes the gate, of other attributes alone after
 * some tries: a parent near a limit has few that keep to it. */
static void make_child(
	struct nursery *n, const struct herd *h, struct individual *child)
{
	const struct individual blank = {
		.id = n->next->next_id++, .parents = {-1, -1}};
	const struct individual *parent = NULL;
	int left = CHILD_TRIES + VARY_TRIES, passes;
	struct rng r;

	rng_stream(&r, (uint64_t)n->how->seed, (uint64_t)n->next->generation,
		(uint64_t)blank.id);
	do {
		arena_release(&n->scratch);
		*child = blank;
		if (left > VARY_TRIES)
			parent = beget(n, h, child, &r);
		else
			vary(n, parent, child, &r);
		passes = admitted(n, child->genome);
	} while (!passes && --left > 0);
	if (!passes) {
		*child = blank;
		copy_least(n, parent, child);
	}
	child->genome = genome_clone(n->mem, child->genome);
	arena_release(&n->scratch);
}

static void copy_champion(
	struct nursery *n, const struct herd *h, struct individual *child)
{
	*child = *h->ranked[0];
	child->elite = 1;
	child->genome = genome_clone(n->mem, child->genome);
}

static void make_children(struct nursery *n)
{
	struct individual *child = n->next->members;

	for (size_t i = 0; i < n->n_herds; i++) {
		const struct herd *h = &n->herds[i];
		size_t left = h->offspring;

		if (left && (double)h->n > n->how->params->champion_size) {
			copy_champion(n, h, child++);
			left--;
		}
		while (left--)
			make_child(n, h, child++);
	}
}

/* -- populations -- */

int reproduce_first(struct arena *mem, const struct breeding *how,
	const struct genome *const *genomes, size_t n,
	const struct innovation_counters *counters, struct population *out,
	struct err *e)
{
	struct population first = {.n = n,
		.innovations = *counters,
		.next_id = (int64_t)n,
		.best = -1};
	int rc = reproduce_check_first(how, genomes, n, counters, e);
	struct nursery nursery = {.mem = mem, .how = how, .next = &first};

	if (rc)
		return rc;
	first.threshold = how->params->threshold;
	first.members = arena_array(mem, n, sizeof *first.members);
	for (size_t i = 0; i < n; i++)
		first.members[i] = (struct individual){.id = (int64_t)i,
			.parents = {-1, -1},
			.genome = genomes[i]};
	assign_species(&nursery);
	*out = first;
	return 0;
}

int reproduce_next(struct arena *mem, const struct breeding *how,
	const struct population *now, struct population *next, struct err *e)
{
	struct population made = *now;
	struct nursery n = {.mem = mem, .how = how, .next = &made};
	int rc = reproduce_check(mem, how, now, e);

	if (rc)
		return rc;
	n.herds = selection_make(
		mem, now, how->params, how->size, &made.best, &made.improved);
	n.n_herds = now->n_species;
	arena_init(&n.scratch, SCRATCH_BYTES_MAX);
	innovation_open(&n.book, mem, &now->innovations);
	made.generation++;
	made.n = how->size;
	made.members = arena_array(mem, made.n, sizeof *made.members);
	make_children(&n);
	made.innovations = n.book.next;
	assign_species(&n);
	*next = made;
	return 0;
}
