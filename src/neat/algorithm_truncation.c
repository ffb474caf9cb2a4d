/* algorithm_truncation.c -- the best half of each generation breeds. */
#include "neat/algorithm_truncation.h"

#include "neat/chain.h"
#include "neat/truncation.h"

#define AT(member) offsetof(struct truncation_settings, member)

static const struct field rows[] = {
	{.key = "elite",
		.type = FIELD_INT,
		.at = AT(elite),
		.hi = 9999,
		.standard = "1",
		.unit = "N",
		.help = "truncation: best networks kept as they are"},
	{.key = "mutation_rate",
		.type = FIELD_REAL,
		.at = AT(mutation_rate),
		.hi = 1,
		.standard = "0.1",
		.unit = "X",
		.help = "truncation: chance that a gene of a child changes"},
};

static const struct fields fields = {FIELDS(struct truncation_settings, rows)};
_Static_assert(sizeof(struct truncation_settings) <= ALGORITHM_SETTINGS_BYTES,
	"the settings have room");

static int check(const void *own, int64_t population, struct err *e)
{
	const struct truncation_settings *s = own;

	if (s->elite < population)
		return 0;
	return err_at(e, ERR_RANGE, "", "elite",
		"\"elite\" is %d but must be below the population of %lld",
		s->elite, (long long)population);
}

static int elites(const void *own)
{
	return ((const struct truncation_settings *)own)->elite;
}

/* The members as the flat genomes that they are chains of. */
static int flatten(struct arena *mem, const struct generation_request *q,
	struct truncation *t, struct err *e)
{
	struct member *members = arena_array(mem, q->now.n, sizeof *members);

	for (size_t i = 0; i < q->now.n; i++) {
		const struct individual *m = &q->now.members[i];
		int rc = chain_to_flat(
			m->genome, &q->data, &members[i].genome, e);

		if (rc)
			return rc;
		members[i].id = m->id;
		members[i].fitness = m->fitness;
	}
	t->population = q->now.n ? members : NULL;
	t->n = q->now.n;
	return 0;
}

static int flatten_seeds(struct arena *mem, const struct generation_request *q,
	struct truncation *t, struct err *e)
{
	struct flat *seeds = arena_array(mem, q->n_seeds + 1, sizeof *seeds);

	for (size_t i = 0; i < q->n_seeds; i++)
		if (chain_to_flat(q->seeds[i], &q->data, &seeds[i], e))
			return err_prefix(e, "known genome %zu", i + 1);
	t->seeds = seeds;
	t->n_seeds = q->n_seeds;
	return 0;
}

static struct individual unflatten(struct arena *mem, const struct offspring *o)
{
	return (struct individual){.id = o->id,
		.species = -1,
		.parents = {o->parents[0], o->parents[1]},
		.elite = o->elite,
		.genome = chain_from_flat(mem, &o->genome)};
}

static int next(struct arena *mem, const struct generation_request *q,
	const struct gate *gate, struct population *out, struct err *e)
{
	const struct truncation_settings *s = (const void *)q->own;
	struct truncation t = {.seed = q->seed,
		.generation = q->generation,
		.next_id = q->now.next_id,
		.size = (int)q->size,
		.elite = s->elite,
		.mutation_rate = s->mutation_rate,
		.space = &q->space,
		.gate = gate,
		.batch_size = q->batch_size,
		.data = q->data};
	const size_t n = (size_t)q->size;
	struct offspring *o;
	int rc = flatten(mem, q, &t, e);

	if (rc == 0)
		rc = flatten_seeds(mem, q, &t, e);
	if (rc == 0)
		rc = truncation_next(mem, &t, &o, e);
	if (rc)
		return rc;
	*out = (struct population){.generation = q->generation,
		.members = arena_array(mem, n, sizeof *out->members),
		.n = n,
		.next_id = q->now.next_id};
	for (size_t i = 0; i < n; i++) {
		out->members[i] = unflatten(mem, &o[i]);
		out->next_id += !o[i].elite;
	}
	return 0;
}

const struct algorithm algorithm_truncation = {
	.name = "truncation",
	.help = "The best half of each generation breeds flat genomes",
	.form = GENOME_FLAT,
	.elites = elites,
	.next = next,
	.settings = &fields,
	.check = check,
};
