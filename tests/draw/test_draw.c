/* test_draw.c -- what SVG and DOT say of a genome. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "drawn.h"
#include "draw/dot.h"
#include "draw/svg.h"
#include "neat/chain.h"

#define MEMORY ((size_t)1 << 30)
#define SVG_BYTES ((size_t)2 << 20)
#define DOT_BYTES ((size_t)1 << 20)

static const struct data_shape mnist = {1, 28, 28, 10};

static int count(const char *text, const char *word)
{
	int n = 0;

	for (; (text = strstr(text, word)); text += strlen(word))
		n++;
	return n;
}

static void must_say(const char *text, const char *word, int times)
{
	if (count(text, word) != times)
		fail_msg("\"%s\" is there %d times, not %d: %s", word,
			count(text, word), times, text);
}

/* Every tag is closed, in order; attributes have no bracket in them. */
static void must_nest(const char *text)
{
	const char *open[8];
	int depth = 0;

	for (; (text = strchr(text, '<')); text++) {
		const char *end = strchr(text, '>');
		size_t name = strcspn(text + 1, " />");

		assert_non_null(end);
		if (text[1] == '/') {
			assert_true(depth > 0);
			depth--;
			assert_int_equal(strncmp(open[depth], text + 2,
						 strcspn(text + 2, ">")),
				0);
		} else if (end[-1] != '/') {
			assert_true(depth < 8 && name > 0);
			open[depth++] = text + 1;
		}
	}
	assert_int_equal(depth, 0);
}

static char *svg(const struct genome *g, const struct data_shape *data)
{
	struct buf out;
	struct err e = {0};

	buf_init(&out, SVG_BYTES);
	if (svg_write(g, data, &out, &e))
		fail_msg("%s", e.text);
	return buf_take(&out);
}

static char *dot(const struct genome *g, const struct data_shape *data)
{
	struct buf out;
	struct err e = {0};

	buf_init(&out, DOT_BYTES);
	if (dot_write(g, data, &out, &e))
		fail_msg("%s", e.text);
	return buf_take(&out);
}

/* Two convolutions, a dense layer, a skip that concatenates, a disabled edge
 * and a layer that leads nowhere. */
static struct genome *example(struct arena *mem)
{
	static const struct flat f = {.data = {1, 28, 28, 10},
		.n_conv = 2,
		.n_dense = 1,
		.filters = {8, 16},
		.kernels = {3, 5},
		.nodes = {32},
		.n_activations = 2,
		.activations = {ACT_RELU, ACT_SELU},
		.dropout = 0.25,
		.batch_size = 32};
	struct genome *g = chain_from_flat(mem, &f);
	struct node_gene *nodes;

	genome_add_edge(mem, g,
		&(struct edge_gene){
			.number = 100, .from = 2, .to = 1, .enabled = 1});
	genome_add_edge(
		mem, g, &(struct edge_gene){.number = 101, .from = 0, .to = 3});
	genome_add_node(mem, g,
		&(struct node_gene){.number = 60,
			.kind = NODE_DENSE,
			.dense = {.units = 77}});
	genome_add_edge(mem, g,
		&(struct edge_gene){
			.number = 102, .from = 3, .to = 60, .enabled = 1});
	nodes = genome_own_nodes(mem, g);
	nodes[1].merge = MERGE_CONCAT;
	nodes[3].conv.norm = CONV_NORM_LAYER;
	nodes[3].conv.stride = 2;
	nodes[3].conv.pool = CONV_POOL_AVERAGE;
	return g;
}

static void boxes_say_kind_size_and_activation(void **state)
{
	struct arena mem;
	char *text;

	(void)state;
	arena_init(&mem, MEMORY);
	text = svg(example(&mem), &mnist);
	must_nest(text);
	must_say(text, ">1 x 28 x 28<", 1);
	must_say(text, ">conv 8, 3x3<", 1);
	must_say(text, ">batch norm, relu, max pool<", 1);
	must_say(text, ">conv 16, 5x5, stride 2<", 1);
	must_say(text, ">layer norm, selu, average pool<", 1);
	must_say(text, ">dense 32<", 1);
	must_say(text, ">relu, dropout 0.25<", 2); /* and layer 60's */
	must_say(text, ">10 classes<", 1);
	must_say(text, ">concat of 2<", 1);
	must_say(text, "sum of", 0);
	free(text);
	arena_release(&mem);
}

static void disabled_is_dashed_and_unused_pale(void **state)
{
	struct arena mem;
	char *text;

	(void)state;
	arena_init(&mem, MEMORY);
	text = svg(example(&mem), &mnist);
	must_say(text, "<path class=\"disabled\"", 1);
	must_say(text, "<path class=\"enabled\"", 5);
	must_say(text, "<path class=\"enabled unused\"", 1);
	must_say(text, "<g class=\"dense unused\"", 1);
	must_say(text, "<g class=\"dense\"", 1);
	free(text);
	text = dot(example(&mem), &mnist);
	must_say(text, "style=dashed, color=gray", 1);
	must_say(text, "style=solid]", 5);
	must_say(text, "style=solid, color=gray", 1);
	free(text);
	arena_release(&mem);
}

static void without_the_data_the_ends_have_names_alone(void **state)
{
	struct arena mem;
	char *text;

	(void)state;
	arena_init(&mem, MEMORY);
	text = svg(example(&mem), NULL);
	must_say(text, ">input<", 1);
	must_say(text, "classes", 0);
	free(text);
	arena_release(&mem);
}

static void dot_has_a_statement_a_gene(void **state)
{
	struct arena mem;
	char *text;

	(void)state;
	arena_init(&mem, MEMORY);
	text = dot(example(&mem), &mnist);
	must_say(text, "n2 [label=\"conv 8, 3x3\\nbatch norm, relu, max pool\"",
		1);
	must_say(text, "n2 -> n1 [", 1);
	must_say(text, " -> ", 7);
	must_say(text, "label=", 6);
	must_say(text, "{", 1);
	must_say(text, "\n}\n", 1);
	free(text);
	arena_release(&mem);
}

static void neurons_have_numbers_and_their_edges_weights(void **state)
{
	struct arena mem;
	struct genome *g;
	struct rng r;
	char *text;

	(void)state;
	rng_stream(&r, 1, 0, 0);
	arena_init(&mem, MEMORY);
	g = drawn_neurons(&mem, 0, 0, &r);
	genome_own_edges(&mem, g)[0].weight = -1.5;
	text = svg(g, NULL);
	must_nest(text);
	must_say(text, ">input 0<", 1);
	must_say(text, "edge 0, weight -1.5<", 1);
	assert_true(count(text, "class=\"negative\"") >= 1);
	free(text);
	text = dot(g, NULL);
	must_say(text, "tooltip=\"weight -1.5\"", 1);
	free(text);
	arena_release(&mem);
}

static void every_genome_gives_the_same_sound_picture_again(void **state)
{
	struct arena mem;
	struct rng r;

	(void)state;
	rng_stream(&r, 2, 0, 0);
	arena_init(&mem, MEMORY);
	for (int i = 0; i < 200; i++) {
		struct genome *g = i % 2 ? drawn_layers(&mem, i % 40, &r)
					 : drawn_neurons(
						   &mem, i % 40, i % 4, &r);
		char *once = svg(g, &mnist), *twice = svg(g, &mnist);

		must_nest(once);
		must_say(once, "<g class=", (int)g->n_nodes);
		must_say(once, "marker-end", (int)g->n_edges);
		assert_string_equal(once, twice);
		free(once);
		free(twice);
		arena_release(&mem);
	}
}

static void the_largest_genome_fits_the_promised_bytes(void **state)
{
	struct arena mem;

	(void)state;
	arena_init(&mem, MEMORY);
	for (int layers = 0; layers < 2; layers++) {
		struct genome *g = drawn_largest(&mem, layers);
		struct err e = {0};

		if (genome_check(g, &e))
			fail_msg("%s", e.text);
		free(svg(g, &mnist));
		free(dot(g, &mnist));
	}
	arena_release(&mem);
}

static void a_full_buffer_is_an_error_wherever_it_is_met(void **state)
{
	struct arena mem;
	struct genome *g;
	char *whole[2];

	(void)state;
	arena_init(&mem, MEMORY);
	g = example(&mem);
	whole[0] = svg(g, NULL);
	whole[1] = dot(g, NULL);
	for (int i = 0; i < 2; i++) {
		for (size_t max = 1; max < strlen(whole[i]); max += 7) {
			struct buf out;
			struct err e = {0};

			buf_init(&out, max);
			assert_int_equal(
				(i ? dot_write : svg_write)(g, NULL, &out, &e),
				ERR_TOO_BIG);
			buf_release(&out);
		}
		free(whole[i]);
	}
	arena_release(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boxes_say_kind_size_and_activation),
		cmocka_unit_test(disabled_is_dashed_and_unused_pale),
		cmocka_unit_test(without_the_data_the_ends_have_names_alone),
		cmocka_unit_test(dot_has_a_statement_a_gene),
		cmocka_unit_test(neurons_have_numbers_and_their_edges_weights),
		cmocka_unit_test(
			every_genome_gives_the_same_sound_picture_again),
		cmocka_unit_test(the_largest_genome_fits_the_promised_bytes),
		cmocka_unit_test(a_full_buffer_is_an_error_wherever_it_is_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
