/* flat_breed.c -- choose from the parents, then mutate; every draw comes from
 * the caller's stream, in the order of the genome's fields. */
#include "neat/flat_breed.h"

#include "neat/random.h"

#define CONV_LAYERS_MAX 4
#define DENSE_LAYERS_MAX 3

void flat_random(struct flat *out, const struct data_shape *data,
	int batch_size, const struct space *s, struct rng *r)
{
	struct flat g = {.data = *data, .batch_size = batch_size};

	g.n_conv = 1 + (int)rng_below(r, CONV_LAYERS_MAX);
	for (int i = 0; i < g.n_conv; i++) {
		g.filters[i] = random_filters(s, r);
		g.kernels[i] = random_kernel(s, r);
	}
	g.n_dense = 1 + (int)rng_below(r, DENSE_LAYERS_MAX);
	g.n_activations = g.n_dense;
	for (int i = 0; i < g.n_dense; i++) {
		g.nodes[i] = random_units(s, r);
		g.activations[i] = space_draw(&s->activations, r);
	}
	g.dropout = random_dropout(s, r);
	g.learning_rate = random_learning_rate(s, r);
	g.optimizer = space_draw(&s->optimizers, r);
	*out = g;
}

/* -- crossover: one parent or the other -- */

static const struct flat *either(
	const struct flat *a, const struct flat *b, struct rng *r)
{
	return rng_chance(r, 0.5) ? a : b;
}

/* A layer of the child that no parent has is left for flat_random's choices:
 * only a mutated count asks for one. */
static void inherit_conv(struct flat *c, int i, const struct flat *a,
	const struct flat *b, const struct space *s, struct rng *r)
{
	const struct flat *from = either(a, b, r);

	if (i >= from->n_conv)
		from = from == a ? b : a;
	if (i < from->n_conv) {
		c->filters[i] = from->filters[i];
		c->kernels[i] = from->kernels[i];
	} else {
		c->filters[i] = random_filters(s, r);
		c->kernels[i] = random_kernel(s, r);
	}
}

static void inherit_dense(struct flat *c, int i, const struct flat *a,
	const struct flat *b, const struct space *s, struct rng *r)
{
	const struct flat *from = either(a, b, r);

	if (i >= from->n_dense)
		from = from == a ? b : a;
	c->nodes[i] = i < from->n_dense ? from->nodes[i] : random_units(s, r);
	from = either(a, b, r);
	c->activations[i] = from->activations[i % from->n_activations];
}

/* -- mutation -- */

/* One more or one fewer; a count already past `most` can only shrink. */
static int mutate_count(int n, int most, double rate, struct rng *r)
{
	if (!rng_chance(r, rate))
		return n;
	if (rng_chance(r, 0.5))
		return n < most ? n + 1 : n;
	return n > 1 ? n - 1 : n;
}

static void mutate_layers(
	struct flat *c, const struct flat_mutation *m, struct rng *r)
{
	const double rate = m->rate;

	for (int i = 0; i < c->n_conv; i++) {
		if (rng_chance(r, rate))
			c->filters[i] = random_filters(m->space, r);
		if (rng_chance(r, rate))
			c->kernels[i] = random_kernel(m->space, r);
	}
	for (int i = 0; i < c->n_dense; i++) {
		if (rng_chance(r, rate))
			c->nodes[i] = random_units(m->space, r);
		if (rng_chance(r, rate))
			c->activations[i] = space_draw(
				&m->space->activations, r);
	}
}

void flat_retrain(struct flat *c, const struct flat_mutation *m, struct rng *r)
{
	const double rate = m->rate;

	if (rng_chance(r, rate))
		c->dropout = random_dropout_near(c->dropout, m->space, r);
	if (rng_chance(r, rate))
		c->learning_rate = random_learning_rate_near(
			c->learning_rate, m->space, r);
	if (rng_chance(r, rate))
		c->batch_size = (int)random_batch_near(
			c->batch_size, m->space, r);
	if (rng_chance(r, rate))
		c->optimizer = space_draw(&m->space->optimizers, r);
}

int flat_child(struct flat *out, const struct flat *a, const struct flat *b,
	const struct flat_mutation *m, struct rng *r, struct err *e)
{
	const struct data_shape *da = &a->data, *db = &b->data;
	struct flat c = {.data = *da};

	if (!data_shape_equal(da, db))
		return err_set(e, ERR_RANGE,
			"the parents are made for different data: %dx%dx%d "
			"with %d classes and %dx%dx%d with %d classes",
			da->channels, da->height, da->width, da->classes,
			db->channels, db->height, db->width, db->classes);
	c.n_conv = mutate_count(
		either(a, b, r)->n_conv, CONV_LAYERS_MAX, m->rate, r);
	c.n_dense = mutate_count(
		either(a, b, r)->n_dense, DENSE_LAYERS_MAX, m->rate, r);
	c.n_activations = c.n_dense;
	for (int i = 0; i < c.n_conv; i++)
		inherit_conv(&c, i, a, b, m->space, r);
	for (int i = 0; i < c.n_dense; i++)
		inherit_dense(&c, i, a, b, m->space, r);
	c.dropout = either(a, b, r)->dropout;
	c.learning_rate = either(a, b, r)->learning_rate;
	c.batch_size = either(a, b, r)->batch_size;
	c.optimizer = either(a, b, r)->optimizer;
	mutate_layers(&c, m, r);
	flat_retrain(&c, m, r);
	*out = c;
	return 0;
}
