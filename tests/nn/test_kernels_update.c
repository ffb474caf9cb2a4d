/* test_kernels_update.c -- the optimizers' passes of a class against the loops
 * that define them, over counts that fill no vector and many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "buffers.h"
#include "nets.h"
#include "nn/kernels/update.h"

/* A few roundings. */
#define BOUND 1e-6

#define SEED 1
#define CASES 300

static const struct update_step step = {.keep1 = 0.9f,
	.take1 = 0.1f,
	.keep2 = 0.999f,
	.take2 = 0.001f,
	.rate = 0.01f,
	.root = 3.0f,
	.shrink = 0.99f,
	.epsilon = 1e-8f};

static const struct update_kernels *plain(void)
{
	return kernels_find("reference-2", NULL)->update;
}

/* Parameters, gradients and states of both sides; v is not negative. */
struct sides {
	size_t n;
	float *g, *w[2], *m[2], *v[2];
};

static struct sides draw_sides(struct rng *r)
{
	struct sides s = {.n = 1 + (size_t)rng_below(r, 200)};

	s.g = buffer_random(r, s.n);
	s.w[0] = buffer_random(r, s.n);
	s.m[0] = buffer_random(r, s.n);
	s.v[0] = buffer_random(r, s.n);
	for (size_t i = 0; i < s.n; i++)
		s.v[0][i] *= s.v[0][i];
	s.w[1] = buffer_copy(s.w[0], s.n);
	s.m[1] = buffer_copy(s.m[0], s.n);
	s.v[1] = buffer_copy(s.v[0], s.n);
	return s;
}

/* The one state of rmsprop is of squares. */
static float *first_state(const struct sides *s, int side, int kind)
{
	return kind == OPT_RMSPROP ? s->v[side] : s->m[side];
}

static float *second_state(const struct sides *s, int side, int kind)
{
	return kind == OPT_RMSPROP ? NULL : s->v[side];
}

static void compare(const char *what, const struct sides *s)
{
	buffer_compare(what, s->w[0], s->w[1], s->n, BOUND);
	buffer_compare(what, s->m[0], s->m[1], s->n, BOUND);
	buffer_compare(what, s->v[0], s->v[1], s->n, BOUND);
	buffers_free();
}

static void each_rule_is_its_loop(void **state)
{
	const struct update_kernels *k = nets_kernels()->update, *p = plain();
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 0, 0);
	for (int i = 0; i < CASES; i++) {
		struct sides s;

		for (int kind = 0; kind < OPT_COUNT; kind++) {
			s = draw_sides(&r);
			k->rules[kind](&step, s.n, s.w[0], s.g,
				first_state(&s, 0, kind),
				second_state(&s, 0, kind));
			p->rules[kind](&step, s.n, s.w[1], s.g,
				first_state(&s, 1, kind),
				second_state(&s, 1, kind));
			compare(optimizer_kind_name(kind), &s);
		}
		s = draw_sides(&r);
		k->add(s.n, s.w[0], s.g, 0.3f);
		p->add(s.n, s.w[1], s.g, 0.3f);
		compare("add", &s);
		s = draw_sides(&r);
		k->follow(s.n, s.w[0], s.g, 0.3f);
		p->follow(s.n, s.w[1], s.g, 0.3f);
		compare("follow", &s);
	}
}

/* What padding is made of. */
static void zeros_stay_zero(void **state)
{
	const struct update_kernels *k = nets_kernels()->update;
	struct rng r;

	(void)state;
	rng_stream(&r, SEED, 1, 0);
	for (size_t n = 1; n < 70; n++) {
		float *w = buffer_pixels(&r, 1, 0, n);
		float *g = buffer_pixels(&r, 1, 0, n);
		float *m = buffer_pixels(&r, 1, 0, n);
		float *v = buffer_pixels(&r, 1, 0, n);

		for (int kind = 0; kind < OPT_COUNT; kind++)
			k->rules[kind](&step, n, w, g, m, v);
		k->follow(n, w, g, 0.1f);
		buffer_padding_is_zero("parameters", w, 1, 0, n);
		buffer_padding_is_zero("first moments", m, 1, 0, n);
		buffer_padding_is_zero("second moments", v, 1, 0, n);
		buffers_free();
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule_is_its_loop),
		cmocka_unit_test(zeros_stay_zero),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
