/* algorithm.c -- the algorithms that there are. */
#include "neat/algorithm.h"

#include "neat/chain.h"

static const struct algorithm *const algorithms[] = {
	&algorithm_neat,
	&algorithm_truncation,
	&algorithm_random,
};
#define ALGORITHMS ((int)(sizeof algorithms / sizeof *algorithms))

const struct algorithm *algorithm_at(int i)
{
	return i >= 0 && i < ALGORITHMS ? algorithms[i] : NULL;
}

const char *algorithm_name(int i)
{
	const struct algorithm *a = algorithm_at(i);

	return a ? a->name : NULL;
}

const struct fields *algorithm_fields(int i)
{
	const struct algorithm *a = algorithm_at(i);

	return a ? a->settings : NULL;
}

/* The stream of the smallest network, which no genome's id is. */
#define LEAST UINT64_MAX

/* Pooling makes the next layers smaller: of small networks a deep one has the
 * fewest parameters, a single convolution the fewest operations. */
#define LEAST_CONVOLUTIONS 3

/* What the members of the generation are held to. */
static int make_gate(struct arena *mem, const struct generation_request *q,
	struct gate *out, struct err *e)
{
	const int dense = algorithm_at(q->algorithm)->form == GENOME_FLAT;
	struct rng r;

	*out = (struct gate){.data = &q->data, .limits = &q->limits};
	if (!q->admits || !limits_any(&q->limits))
		return 0;
	out->admits = q->admits;
	rng_stream(&r, (uint64_t)q->seed, (uint64_t)q->generation, LEAST);
	for (int convs = LEAST_CONVOLUTIONS; convs > 0; convs--) {
		out->least = chain_least(
			mem, convs, dense, q->batch_size, &q->space, &r);
		if (q->admits(out->least, &q->data, &q->limits, e))
			return 0;
	}
	return err_prefix(e, "no network keeps to the limits: a small one has");
}

/* Known genomes keep to the limits, too: who gives both is told. */
static int check_seeds(const struct generation_request *q,
	const struct gate *gate, struct err *e)
{
	if (q->n_seeds == 0)
		return 0;
	if (q->generation > 0)
		return err_set(e, ERR_RANGE,
			"known genomes enter generation 0, and no other");
	if (q->n_seeds > SEEDS_MAX || q->n_seeds > (uint64_t)q->size)
		return err_set(e, ERR_RANGE,
			"%zu known genomes are more than %d, or than the "
			"population of %lld",
			q->n_seeds, SEEDS_MAX, (long long)q->size);
	for (size_t i = 0; i < q->n_seeds; i++)
		if (gate->admits &&
			!gate->admits(q->seeds[i], gate->data, gate->limits, e))
			return err_prefix(e, "known genome %zu", i + 1);
	return 0;
}

int algorithm_next(struct arena *mem, const struct generation_request *q,
	struct population *out, struct err *e)
{
	const struct algorithm *a = algorithm_at(q->algorithm);
	struct gate gate;
	int rc = space_check(&q->space, e);

	if (rc == 0 && a->check)
		rc = a->check(q->own, q->size, e);
	if (rc == 0)
		rc = make_gate(mem, q, &gate, e);
	if (rc == 0)
		rc = check_seeds(q, &gate, e);
	return rc ? rc : a->next(mem, q, &gate, out, e);
}
