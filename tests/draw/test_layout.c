/* test_layout.c -- nothing overlaps, and every edge keeps clear of the boxes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "drawn.h"
#include "draw/layout.h"

#define GENOMES 300
#define MEMORY ((size_t)1 << 30)

struct area {
	int x1, y1, x2, y2;
};

static struct area box_area(const struct layout_box *b)
{
	return (struct area){
		b->x, b->y, b->x + b->size.width, b->y + b->size.height};
}

static int overlap(struct area a, struct area b)
{
	return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2;
}

static struct area between(int x1, int y1, int x2, int y2)
{
	return (struct area){x1 < x2 ? x1 : x2, y1 < y2 ? y1 : y2,
		x1 < x2 ? x2 : x1, y1 < y2 ? y2 : y1};
}

/* A line keeps clear of every box; so does the rectangle of a curve. */
static void must_be_clear(
	const struct genome *g, const struct layout *l, struct area a)
{
	for (size_t i = 0; i < g->n_nodes; i++)
		assert_false(overlap(a, box_area(&l->boxes[i])));
	assert_true(a.x1 >= 0 && a.y1 >= 0);
	assert_true(a.x2 <= l->size.width && a.y2 <= l->size.height);
}

static void must_keep_clear(const struct genome *g, const struct layout *l,
	const struct layout_edge *x)
{
	if (x->side == 0 && x->leave_y > x->enter_y) {
		must_be_clear(
			g, l, between(x->from_x, x->from_y, x->to_x, x->to_y));
		return;
	}
	if (x->side == 0) {
		must_be_clear(g, l,
			between(x->from_x, x->from_y, x->lane_x, x->leave_y));
		must_be_clear(
			g, l, between(x->lane_x, x->enter_y, x->to_x, x->to_y));
	} else {
		must_be_clear(g, l,
			between(x->from_x, x->from_y, x->from_x, x->leave_y));
		must_be_clear(g, l,
			between(x->from_x, x->leave_y, x->lane_x, x->leave_y));
		must_be_clear(g, l,
			between(x->lane_x, x->enter_y, x->to_x, x->enter_y));
		must_be_clear(
			g, l, between(x->to_x, x->enter_y, x->to_x, x->to_y));
	}
	must_be_clear(
		g, l, between(x->lane_x, x->leave_y, x->lane_x, x->enter_y));
}

/* Two edges around never share a stretch of a lane, or of a way to one. */
static void must_not_share(
	const struct layout_edge *x, const struct layout_edge *y)
{
	struct area a = between(x->lane_x, x->leave_y, x->lane_x, x->enter_y);
	struct area b = between(y->lane_x, y->leave_y, y->lane_x, y->enter_y);

	if (x->side != y->side || x->side == 0)
		return;
	if (x->lane_x == y->lane_x)
		assert_true(a.y2 < b.y1 || b.y2 < a.y1);
	assert_true(x->leave_y != y->leave_y);
	assert_true(x->enter_y != y->enter_y);
	assert_true(x->leave_y != y->enter_y);
}

static int box_of(const struct genome *g, int64_t number)
{
	return (int)(genome_node(g, number) - g->nodes);
}

static void must_be_sound(const struct genome *g, const struct layout *l)
{
	for (size_t i = 0; i < g->n_nodes; i++) {
		struct area a = box_area(&l->boxes[i]);

		assert_true(a.x1 >= 0 && a.y1 >= 0);
		assert_true(a.x2 <= l->size.width && a.y2 <= l->size.height);
		for (size_t k = 0; k < i; k++)
			assert_false(overlap(a, box_area(&l->boxes[k])));
	}
	for (size_t i = 0; i < g->n_edges; i++) {
		const struct layout_edge *x = &l->edges[i];
		struct area from = box_area(
			&l->boxes[box_of(g, g->edges[i].from)]);
		struct area to = box_area(&l->boxes[box_of(g, g->edges[i].to)]);

		assert_int_equal(x->from_y, from.y2);
		assert_int_equal(x->to_y, to.y1);
		assert_true(x->from_x > from.x1 && x->from_x < from.x2);
		assert_true(x->to_x > to.x1 && x->to_x < to.x2);
		must_keep_clear(g, l, x);
		for (size_t k = 0; k < i; k++)
			must_not_share(x, &l->edges[k]);
	}
}

/* Boxes of any even size. */
static struct layout *lay_out(
	struct arena *mem, const struct genome *g, struct rng *r)
{
	struct layout_size *sizes = arena_array(mem, g->n_nodes, sizeof *sizes);

	for (size_t i = 0; i < g->n_nodes; i++)
		sizes[i] = (struct layout_size){40 + 2 * (int)rng_below(r, 100),
			20 + (int)rng_below(r, 40)};
	return layout_genome(mem, g, sizes);
}

static void nothing_overlaps_in_graphs_of_layers(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < GENOMES; i++) {
		struct genome *g = drawn_layers(&mem, i % 50, &r);

		must_be_sound(g, lay_out(&mem, g, &r));
		arena_release(&mem);
	}
}

static void nothing_overlaps_in_networks_of_neurons(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 2, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < GENOMES; i++) {
		struct genome *g = drawn_neurons(&mem, i % 60, i % 2, &r);

		must_be_sound(g, lay_out(&mem, g, &r));
		arena_release(&mem);
	}
}

/* Outputs are at the bottom, even where they feed a neuron. */
static int is_output(const struct genome *g, int64_t number)
{
	return genome_node(g, number)->kind == NODE_OUTPUT;
}

static void every_box_is_below_those_that_feed_it(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 3, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < GENOMES; i++) {
		struct genome *g = i % 2 ? drawn_layers(&mem, i % 50, &r)
					 : drawn_neurons(&mem, i % 60, 0, &r);
		struct layout *l = lay_out(&mem, g, &r);

		for (size_t k = 0; k < g->n_edges; k++)
			if (!is_output(g, g->edges[k].from))
				assert_true(
					l->edges[k].to_y > l->edges[k].from_y);
		arena_release(&mem);
	}
}

static void a_chain_is_a_straight_column(void **state)
{
	struct arena mem;
	struct layout_size sizes[3] = {{80, 30}, {120, 45}, {80, 30}};
	struct genome *g;
	struct layout *l;
	struct rng r;

	(void)state;
	rng_stream(&r, 4, 0, 0);
	arena_init(&mem, MEMORY);
	g = drawn_layers(&mem, 0, &r);
	l = layout_genome(&mem, g, sizes);
	for (size_t i = 0; i < g->n_edges; i++) {
		assert_int_equal(l->edges[i].side, 0);
		assert_int_equal(l->edges[i].from_x, l->edges[i].to_x);
	}
	arena_release(&mem);
}

static void a_skip_in_a_chain_goes_around_by_its_own_side(void **state)
{
	struct arena mem;
	struct layout_size sizes[3] = {{80, 30}, {120, 45}, {80, 30}};
	struct rng r;

	(void)state;
	rng_stream(&r, 5, 0, 0);
	arena_init(&mem, MEMORY);
	for (int enabled = 0; enabled < 2; enabled++) {
		struct genome *g = drawn_layers(&mem, 0, &r);
		struct layout *l;

		genome_add_edge(&mem, g,
			&(struct edge_gene){.number = 100,
				.from = 0,
				.to = 1,
				.enabled = enabled});
		l = layout_genome(&mem, g, sizes);
		assert_int_equal(l->edges[2].side, enabled ? 1 : -1);
		must_be_sound(g, l);
	}
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_overlaps_in_graphs_of_layers),
		cmocka_unit_test(nothing_overlaps_in_networks_of_neurons),
		cmocka_unit_test(every_box_is_below_those_that_feed_it),
		cmocka_unit_test(a_chain_is_a_straight_column),
		cmocka_unit_test(a_skip_in_a_chain_goes_around_by_its_own_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
