/* graphs.c -- networks drawn node by node. */
#include "graphs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nets.h"

static int between(struct rng *r, int least, int most)
{
	return least + (int)rng_below(r, (uint64_t)(most - least + 1));
}

/* Often the newest node, which makes chains; else any, which makes skips and
 * dead ends. */
static int draw_input(struct rng *r, const struct spec *s)
{
	return rng_chance(r, 0.7) ? s->n - 1 : between(r, 0, s->n - 1);
}

/* A sum needs equal shapes: it takes the node twice where no other fits. */
static int draw_sum(struct rng *r, struct spec *s, int in)
{
	const struct shape want = s->nodes[in].shape;
	const int first = between(r, 0, s->n - 1);

	for (int i = 0; i < s->n; i++) {
		const int other = (first + i) % s->n;
		const struct shape have = s->nodes[other].shape;

		if (have.channels == want.channels &&
			have.height == want.height && have.width == want.width)
			return nets_join(s, OP_SUM, in, other);
	}
	return in;
}

static void draw_merge(struct rng *r, struct spec *s, int in)
{
	const int inputs[] = {
		in, between(r, 0, s->n - 1), between(r, 0, s->n - 1)};

	nets_merge(s, rng_chance(r, 0.5) ? OP_CONCAT : OP_SUM, inputs,
		between(r, 2, 3));
}

static void draw_node(struct rng *r, struct spec *s)
{
	static const enum activation smooth[] = {
		ACT_SIGMOID, ACT_TANH, ACT_GELU, ACT_SILU};
	const int in = draw_input(r, s);
	const struct shape shape = s->nodes[in].shape;

	switch (between(r, 0, 8)) {
	case 0:
		/* Over few numbers it magnifies their roundings. */
		if (shape.height * shape.width < 6)
			break;
		if (rng_chance(r, 0.5))
			nets_batchnorm(s, in);
		else
			nets_layernorm(s, in);
		break;
	case 1: nets_activation(s, in, smooth[between(r, 0, 3)]); break;
	case 2:
		if (shape.height < 2 || shape.width < 2)
			break;
		if (rng_chance(r, 0.5))
			nets_maxpool(s, in);
		else
			nets_avgpool(s, in);
		break;
	case 3:
		nets_shrink(s, in, between(r, 1, shape.height),
			between(r, 1, shape.width));
		break;
	case 4: nets_dropout(s, in, 0.25); break;
	case 5: draw_sum(r, s, in); break;
	case 6: draw_merge(r, s, in); break;
	case 7:
		if (rng_chance(r, 0.3))
			nets_dense(s, in, between(r, 1, 9));
		break;
	default:
		nets_conv_by(s, in, between(r, 1, 9), between(r, 1, 5),
			rng_chance(r, 0.7) ? 1 : between(r, 2, 4));
		break;
	}
}

struct spec graphs_draw(struct rng *r, int nodes, int classes)
{
	const struct shape images = {
		between(r, 1, 3), between(r, 3, 9), between(r, 3, 9)};
	struct err e = {0};
	struct spec s;

	spec_init(&s, images, classes);
	for (int i = 0; i < nodes; i++)
		draw_node(r, &s);
	nets_dense(&s, s.n - 1, classes);
	if (spec_check(&s, &e))
		fail_msg("%s", e.text);
	return s;
}
