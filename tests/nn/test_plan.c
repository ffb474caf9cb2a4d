/* test_plan.c -- what a plan promises to the net that is built by it, over
 * random graphs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "graphs.h"
#include "nets.h"
#include "nn/kernels/kernels.h"
#include "nn/op.h"
#include "nn/plan.h"

#define SEED 1
#define GRAPHS 300
#define NODES 24
#define CLASSES 4
#define BATCH 64

/* One drawn graph and its plan. */
struct drawn {
	struct spec spec;
	struct plan plan;
};

static void draw(struct drawn *d, struct rng *r)
{
	d->spec = graphs_draw(r, 1 + (int)rng_below(r, NODES), CLASSES);
	plan_make(&d->plan, &d->spec, BATCH, nets_kernels()->lanes);
}

static void for_each_graph(uint64_t number, void (*check)(struct drawn *))
{
	static struct drawn d;
	struct rng r;

	rng_stream(&r, SEED, number, 0);
	for (int i = 0; i < GRAPHS; i++) {
		draw(&d, &r);
		check(&d);
	}
}

static int reads(const struct drawn *d, int by, int i)
{
	int n = 0;

	for (int k = 0; k < d->spec.nodes[by].n_inputs; k++)
		n += d->spec.nodes[by].inputs[k] == i;
	return n;
}

static int readers(const struct drawn *d, int i)
{
	int n = 0;

	for (int by = i + 1; by < d->spec.n; by++)
		n += reads(d, by, i);
	return n;
}

static void check_stages(struct drawn *d)
{
	const struct plan *p = &d->plan;
	const struct plan_stage *last = &p->stages[p->n_stages - 1];

	assert_int_equal(p->stages[0].first, 1);
	assert_int_equal(last->last, d->spec.n - 1);
	for (int i = 0; i < p->n_stages; i++) {
		const struct plan_stage *s = &p->stages[i];

		assert_true(s->first <= s->last);
		assert_true(s->chunk >= 1 && s->chunk <= BATCH);
		for (int k = s->first; k <= s->last; k++)
			assert_true(p->nodes[k].front == i ||
				    p->nodes[k].back == i);
		if (s == last)
			break;
		/* A node in two stages is cut by the end of the first. */
		assert_true(s[1].first == s->last + 1 ||
			    (s[1].first == s->last &&
				    p->nodes[s->last].front == i));
	}
}

static void stages_cover_the_nodes_in_order(void **state)
{
	(void)state;
	for_each_graph(0, check_stages);
}

static void check_fronts(struct drawn *d)
{
	for (int i = 1; i < d->spec.n; i++) {
		const struct plan_node *n = &d->plan.nodes[i];
		const int measures = op_verbs(d->spec.nodes[i].op)->measure !=
				     NULL;

		assert_int_equal(n->back, n->front + measures);
		for (int k = 1; k < i; k++)
			if (reads(d, i, k))
				assert_true(d->plan.nodes[k].back <= n->front);
		if (d->spec.nodes[i].op == OP_DENSE)
			assert_int_equal(d->plan.stages[n->front].chunk, BATCH);
	}
}

static void inputs_are_complete_before_a_node_looks_at_them(void **state)
{
	(void)state;
	for_each_graph(1, check_fronts);
}

/* Whether the output depends on node i, and node i on anything trained. */
static int should_train(const struct drawn *d, int i)
{
	char above[SPEC_NODES_MAX] = {0}, below[SPEC_NODES_MAX] = {0};

	above[d->spec.n - 1] = 1;
	for (int by = d->spec.n - 1; by > 0; by--)
		for (int k = 0; k < by; k++)
			above[k] |= above[by] && reads(d, by, k);
	for (int by = 1; by <= i; by++) {
		below[by] = op_verbs(d->spec.nodes[by].op)->gradients != NULL;
		for (int k = 0; k < by; k++)
			below[by] |= below[k] && reads(d, by, k);
	}
	return above[i] && below[i];
}

static void check_trains(struct drawn *d)
{
	assert_false(d->plan.nodes[0].trains);
	for (int i = 1; i < d->spec.n; i++)
		assert_int_equal(d->plan.nodes[i].trains, should_train(d, i));
}

static void gradients_exist_where_something_trains_and_counts(void **state)
{
	(void)state;
	for_each_graph(2, check_trains);
}

/* Backward, nodes come from the last to the first and inputs in order. */
static void check_writes(struct drawn *d)
{
	for (int i = 1; i < d->spec.n - 1; i++) {
		int written = 0;

		if (!d->plan.nodes[i].trains)
			continue;
		for (int by = d->spec.n - 1; by > i; by--) {
			const struct spec_node *node = &d->spec.nodes[by];

			for (int k = 0; k < node->n_inputs; k++) {
				if (node->inputs[k] != i ||
					!d->plan.nodes[by].trains)
					continue;
				assert_int_equal(
					d->plan.nodes[by].adds >> k & 1,
					written);
				written = 1;
			}
		}
		assert_true(written);
	}
}

static void a_gradient_is_written_once_and_then_added_to(void **state)
{
	(void)state;
	for_each_graph(3, check_writes);
}

static void check_spill(struct drawn *d)
{
	for (int i = 1; i < d->spec.n; i++)
		for (int k = 0; k < d->spec.nodes[i].n_inputs; k++)
			if (d->plan.nodes[i].adds >> k & 1)
				assert_true(
					plan_image(&d->plan, &d->spec,
						d->spec.nodes[i].inputs[k]) *
						d->plan.stages[d->plan.nodes[i]
								       .front]
							.chunk <=
					d->plan.spill);
}

static void spill_holds_every_gradient_that_is_added(void **state)
{
	(void)state;
	for_each_graph(4, check_spill);
}

/* The tensor with whose gradient that of node i lies. */
static int home_of(const struct drawn *d, int i)
{
	while (d->plan.nodes[i].shares_gradient)
		i = d->spec.nodes[i].inputs[0];
	return i;
}

static int is_local(const struct drawn *d, int i)
{
	return d->plan.nodes[i].trains && d->plan.nodes[i].gradient_local;
}

/* Where something of node i lies in the pool. */
struct range {
	size_t from, to;
};

static struct range range_of(const struct drawn *d, int i, size_t at)
{
	const size_t floats = plan_image(&d->plan, &d->spec, i) *
			      d->plan.stages[d->plan.nodes[i].back].chunk;

	assert_int_equal(at % 16, 0);
	assert_true(at + floats <= d->plan.pool);
	return (struct range){at, at + floats};
}

static void assert_apart(struct range a, struct range b)
{
	assert_true(a.to <= b.from || b.to <= a.from);
}

static void check_gradient_pool(struct drawn *d)
{
	const struct plan_node *n = d->plan.nodes;

	for (int i = 1; i < d->spec.n; i++)
		for (int k = 1; is_local(d, i) && k < i; k++)
			if (is_local(d, k) && home_of(d, k) == k &&
				home_of(d, i) == i && n[k].back == n[i].back)
				assert_apart(range_of(d, i, n[i].gradient_at),
					range_of(d, k, n[k].gradient_at));
}

static void local_gradients_of_a_stage_do_not_overlap(void **state)
{
	(void)state;
	for_each_graph(5, check_gradient_pool);
}

static int has_local_value(const struct drawn *d, int i)
{
	return d->plan.nodes[i].value_local && !d->plan.nodes[i].in_place;
}

static void check_value_pool(struct drawn *d)
{
	const struct plan_node *n = d->plan.nodes;

	for (int i = 1; i < d->spec.n; i++)
		for (int k = 1; has_local_value(d, i) && k < i; k++)
			if (has_local_value(d, k) && n[k].back == n[i].back)
				assert_apart(range_of(d, i, n[i].value_at),
					range_of(d, k, n[k].value_at));
}

static void local_values_of_a_stage_do_not_overlap(void **state)
{
	(void)state;
	for_each_graph(9, check_value_pool);
}

/* Whether every node that has to do with gradient i does it in one stage. */
static int stays_in_stage(const struct drawn *d, int i)
{
	const struct plan_node *n = d->plan.nodes;

	for (int by = i; by < d->spec.n; by++)
		if ((by == i || reads(d, by, i)) && n[by].front != n[i].back)
			return 0;
	return 1;
}

static void check_local(struct drawn *d)
{
	const int last = d->spec.n - 1;

	assert_false(d->plan.nodes[last].gradient_local);
	for (int i = 1; i < last; i++)
		assert_int_equal(
			d->plan.nodes[i].gradient_local, stays_in_stage(d, i));
}

static void a_gradient_is_local_if_one_stage_makes_and_uses_it(void **state)
{
	(void)state;
	for_each_graph(6, check_local);
}

static void check_local_values(struct drawn *d)
{
	const struct plan_node *n = d->plan.nodes;

	assert_false(n[d->spec.n - 1].value_local);
	for (int i = 1; i < d->spec.n; i++) {
		if (!n[i].value_local)
			continue;
		assert_false(op_needs(&d->spec.nodes[i]).keeps_output);
		for (int by = i + 1; by < d->spec.n; by++) {
			if (!reads(d, by, i))
				continue;
			assert_int_equal(n[by].front, n[i].back);
			assert_int_equal(n[by].back, n[i].back);
			assert_false(op_needs(&d->spec.nodes[by]).keeps_input);
		}
	}
}

static void a_local_value_is_used_up_in_the_stage_that_makes_it(void **state)
{
	(void)state;
	for_each_graph(10, check_local_values);
}

static void check_in_place(struct drawn *d)
{
	for (int i = 1; i < d->spec.n; i++) {
		const int in = d->spec.nodes[i].inputs[0];
		const struct plan_node *n = &d->plan.nodes[i];

		if (n->shares_gradient) {
			assert_true(n->in_place);
			assert_true(d->plan.nodes[in].trains);
			assert_int_equal(d->plan.nodes[in].gradient_local,
				n->gradient_local);
		}
		if (!n->in_place)
			continue;
		assert_true(op_needs(&d->spec.nodes[i]).in_place);
		assert_true(in > 0);
		assert_int_equal(readers(d, in), 1);
		assert_false(op_needs(&d->spec.nodes[in]).keeps_output);
		assert_int_equal(d->plan.nodes[in].pixel, n->pixel);
	}
}

static void what_is_overwritten_in_place_has_no_other_reader(void **state)
{
	(void)state;
	for_each_graph(7, check_in_place);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stages_cover_the_nodes_in_order),
		cmocka_unit_test(
			inputs_are_complete_before_a_node_looks_at_them),
		cmocka_unit_test(
			gradients_exist_where_something_trains_and_counts),
		cmocka_unit_test(a_gradient_is_written_once_and_then_added_to),
		cmocka_unit_test(spill_holds_every_gradient_that_is_added),
		cmocka_unit_test(local_gradients_of_a_stage_do_not_overlap),
		cmocka_unit_test(local_values_of_a_stage_do_not_overlap),
		cmocka_unit_test(
			a_local_value_is_used_up_in_the_stage_that_makes_it),
		cmocka_unit_test(
			a_gradient_is_local_if_one_stage_makes_and_uses_it),
		cmocka_unit_test(
			what_is_overwritten_in_place_has_no_other_reader),
	};

	printf("seed %d\n", SEED);
	return nets_run(argc, argv, tests);
}
