/* test_inherit.c -- what a child has of its parents' weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/build.h"
#include "model/decode.h"
#include "model/inherit.h"
#include "neat/chain.h"
#include "neat/crossover.h"
#include "neat/mutate.h"
#include "nn/kernels/kernels.h"

#define MEMORY ((size_t)1 << 28)
#define SIDE 12
#define CLASSES 4
#define IMAGES 3
#define CONV 2 /* the numbers of a chain's layers */
#define DENSE (CONV + FLAT_LAYERS_MAX)
#define NEW_NODE 50
#define FAMILIES 60
#define JOB_BYTES ((int64_t)16 << 20)

static const struct data_shape data = {2, SIDE, SIDE, CLASSES};
static struct arena mem;

static int open_memory(void **state)
{
	(void)state;
	arena_init(&mem, MEMORY);
	return 0;
}

static int close_memory(void **state)
{
	(void)state;
	arena_release(&mem);
	return 0;
}

/* -- genomes -- */

/* Convolutions of 6 and 8 filters, a dense layer of 10, and no dropout. */
static struct genome *chain(void)
{
	static const struct flat f = {.data = {2, SIDE, SIDE, CLASSES},
		.n_conv = 2,
		.n_dense = 1,
		.filters = {6, 8},
		.kernels = {3, 5},
		.nodes = {10},
		.n_activations = 1,
		.activations = {ACT_RELU},
		.learning_rate = 0.01,
		.batch_size = 8,
		.optimizer = OPT_SGD};

	return chain_from_flat(&mem, &f);
}

static struct node_gene *own_node(struct genome *g, int64_t number)
{
	struct node_gene *own = genome_own_nodes(&mem, g);

	return own + (genome_node(g, number) - own);
}

static void connect(struct genome *g, int64_t number, int64_t from, int64_t to)
{
	genome_add_edge(&mem, g,
		&(struct edge_gene){.number = number,
			.from = from,
			.to = to,
			.enabled = 1});
}

/* Puts a convolution like `like` on the edge between two nodes. */
static void split(struct genome *g, int64_t from, int64_t to, int64_t like)
{
	struct node_gene n = *genome_node(g, like);
	const struct edge_gene *edge = genome_edge_between(g, from, to);
	const size_t i = (size_t)(edge - g->edges);

	n.number = NEW_NODE;
	n.conv.kernel = 3;
	n.conv.pool = CONV_POOL_NONE;
	n.conv.norm = CONV_NORM_NONE;
	genome_own_edges(&mem, g)[i].enabled = 0;
	genome_add_node(&mem, g, &n);
	connect(g, 200, from, NEW_NODE);
	connect(g, 201, NEW_NODE, to);
}

/* -- networks -- */

struct network {
	struct spec spec;
	int nodes[GENOME_NODES_MAX];
	struct net *net;
	const struct genome *genome;
};

static void load_images(struct net *n)
{
	size_t pixel;
	float *x = net_input(n, &pixel);
	struct rng r;

	rng_stream(&r, 9, 9, 9);
	for (size_t i = 0; i < IMAGES * SIDE * SIDE; i++)
		for (size_t c = 0; c < 2; c++)
			x[i * pixel + c] = (float)rng_unit(&r);
}

/* As it is drawn with that seed. */
static void open_fresh(struct network *n, const struct genome *g, uint64_t seed)
{
	struct err e = {0};
	struct rng r;

	if (genome_check(g, &e) || build_spec(g, &data, &n->spec, n->nodes, &e))
		fail_msg("%s", e.text);
	rng_stream(&r, seed, 0, 0);
	n->genome = g;
	n->net = net_new(&n->spec, IMAGES, kernels_best(), &r, NULL);
	assert_non_null(n->net);
	load_images(n->net);
}

/* One that has learned a little, running statistics included. */
static void open_parent(
	struct network *n, const struct genome *g, uint64_t seed)
{
	static const int32_t labels[IMAGES] = {0, 1, 2};
	const struct net_step step = {.n = IMAGES, .labels = labels};
	const struct recipe plain = {0};
	size_t correct = 0;

	open_fresh(n, g, seed);
	net_optimizer(n->net, OPT_SGD, &plain);
	for (int i = 0; i < 3; i++) {
		net_backward(n->net, &step, &correct);
		net_update(n->net, 0.1);
	}
}

static struct inherit_parent parent_of(const struct network *n)
{
	return (struct inherit_parent){n->genome, data, n->net, &n->spec};
}

/* The child of one parent or, unless the second is NULL, of two. */
static void open_child(struct network *child, const struct genome *g,
	double keep, const struct network *first, const struct network *second)
{
	struct inherit_parent parents[2] = {parent_of(first)};
	struct inheritance from = {parents, 1, keep};
	struct err e = {0};

	if (second)
		parents[from.n++] = parent_of(second);
	open_fresh(child, g, 77);
	if (inherit(child->net, g, &data, &from, &e))
		fail_msg("%s", e.text);
}

static void close_networks(struct network *a, struct network *b)
{
	net_free(a->net);
	net_free(b->net);
}

/* A tensor of the layer `op` that a gene became, to be freed. */
static float *values(const struct network *n, int64_t gene, enum op op,
	const char *suffix, struct net_tensor *t)
{
	int node = n->nodes[genome_node(n->genome, gene) - n->genome->nodes];
	char name[48];
	float *out;

	while (n->spec.nodes[node].op != op)
		node = n->spec.nodes[node].inputs[0];
	snprintf(name, sizeof name, "node%d.%s", node, suffix);
	for (size_t i = 0; i < net_tensor_count(n->net); i++) {
		net_tensor(n->net, i, t);
		if (strcmp(t->name, name) != 0)
			continue;
		out = calloc(t->count, sizeof *out);
		net_tensor_read(n->net, i, out);
		return out;
	}
	fail_msg("no %s", name);
	return NULL;
}

/* All tensors of two networks of one shape, bit by bit. */
static int same_values(const struct net *a, const struct net *b)
{
	int same = 1;

	for (size_t i = 0; i < net_tensor_count(a); i++) {
		struct net_tensor t;
		float *x, *y;

		net_tensor(a, i, &t);
		x = calloc(t.count, sizeof *x);
		y = calloc(t.count, sizeof *y);
		net_tensor_read(a, i, x);
		net_tensor_read(b, i, y);
		same &= memcmp(x, y, t.count * sizeof *x) == 0;
		free(x);
		free(y);
	}
	return same;
}

static void assert_same_logits(
	const struct network *a, const struct network *b, double error)
{
	float x[IMAGES * CLASSES], y[IMAGES * CLASSES];

	net_forward(a->net, IMAGES, x);
	net_forward(b->net, IMAGES, y);
	for (int i = 0; i < IMAGES * CLASSES; i++)
		if (!(fabs(x[i] - y[i]) <= error))
			fail_msg("logit %d is %g and not %g", i, y[i], x[i]);
}

/* -- the rules -- */

static void the_same_genome_that_keeps_all_is_the_same_network(void **state)
{
	struct network parent, child;
	struct genome *g = chain();

	(void)state;
	own_node(g, CONV)->conv.norm = CONV_NORM_BATCH;
	own_node(g, CONV + 1)->conv.norm = CONV_NORM_LAYER;
	connect(g, 100, CONV, DENSE);
	open_parent(&parent, g, 1);
	open_child(&child, g, 1, &parent, NULL);
	assert_true(same_values(parent.net, child.net));
	assert_same_logits(&parent, &child, 0);
	close_networks(&parent, &child);
}

static void one_that_keeps_nothing_is_as_it_was_drawn(void **state)
{
	struct network parent, child, fresh;
	struct genome *g = chain();

	(void)state;
	open_parent(&parent, g, 1);
	open_child(&child, g, 0, &parent, NULL);
	open_fresh(&fresh, g, 77);
	assert_true(same_values(fresh.net, child.net));
	close_networks(&parent, &child);
	net_free(fresh.net);
}

static void what_is_kept_is_shrunk_and_perturbed(void **state)
{
	struct network parent, child, fresh;
	struct net_tensor t;
	struct genome *g = chain();
	float *old, *mine, *drawn;

	(void)state;
	open_parent(&parent, g, 1);
	open_child(&child, g, 0.75, &parent, NULL);
	open_fresh(&fresh, g, 77);
	old = values(&parent, CONV, OP_CONV, "weight", &t);
	mine = values(&child, CONV, OP_CONV, "weight", &t);
	drawn = values(&fresh, CONV, OP_CONV, "weight", &t);
	for (size_t i = 0; i < t.count; i++)
		assert_true(mine[i] ==
			    (float)(0.75 * old[i] + (1 - 0.75) * drawn[i]));
	free(old);
	free(mine);
	free(drawn);
	close_networks(&parent, &child);
	net_free(fresh.net);
}

static void of_another_size_the_common_block_is_inherited(void **state)
{
	struct network parent, child, fresh;
	struct genome *before = chain(), *after = chain();
	struct net_tensor was, is;
	float *old, *mine, *drawn;

	(void)state;
	own_node(after, CONV)->conv.filters = 4;     /* from 6 */
	own_node(after, CONV + 1)->conv.filters = 9; /* from 8 */
	own_node(after, CONV + 1)->conv.kernel = 3;  /* from 5 */
	open_parent(&parent, before, 1);
	open_child(&child, after, 1, &parent, NULL);
	open_fresh(&fresh, after, 77);
	old = values(&parent, CONV + 1, OP_CONV, "weight", &was);
	mine = values(&child, CONV + 1, OP_CONV, "weight", &is);
	drawn = values(&fresh, CONV + 1, OP_CONV, "weight", &is);
	assert_int_equal(is.count, 9 * 4 * 3 * 3);
	for (int o = 0; o < 9; o++)
		for (int i = 0; i < 4; i++)
			for (int k = 0; k < 9; k++) {
				const int at = (o * 4 + i) * 9 + k;
				const int h = k / 3 + 1, w = k % 3 + 1;

				assert_true(
					mine[at] ==
					(o < 8 ? old[((o * 6 + i) * 5 + h) * 5 +
							 w]
					       : drawn[at]));
			}
	free(old);
	free(mine);
	free(drawn);
	close_networks(&parent, &child);
	net_free(fresh.net);
}

static void a_convolution_that_splits_an_edge_changes_nothing_yet(void **state)
{
	struct network parent, child;
	struct genome *before = chain(), *after = chain();

	(void)state;
	split(after, CONV, CONV + 1, CONV);
	open_parent(&parent, before, 1);
	open_child(&child, after, 1, &parent, NULL);
	assert_same_logits(&parent, &child, 1e-4);
	close_networks(&parent, &child);
}

static void a_split_that_ends_in_a_tanh_starts_afresh(void **state)
{
	struct network parent, child, fresh;
	struct genome *before = chain(), *after = chain();
	struct net_tensor t;
	float *mine, *drawn;

	(void)state;
	split(after, CONV, CONV + 1, CONV);
	own_node(after, NEW_NODE)->conv.activation = ACT_TANH;
	open_parent(&parent, before, 1);
	open_child(&child, after, 1, &parent, NULL);
	open_fresh(&fresh, after, 77);
	mine = values(&child, NEW_NODE, OP_CONV, "weight", &t);
	drawn = values(&fresh, NEW_NODE, OP_CONV, "weight", &t);
	assert_memory_equal(mine, drawn, t.count * sizeof *mine);
	free(mine);
	free(drawn);
	close_networks(&parent, &child);
	net_free(fresh.net);
}

/* The channels of a concatenation change places when an edge is split: the new
 * edge has the highest number. */
static void inputs_of_a_concatenation_are_told_apart_by_their_edges(
	void **state)
{
	struct network parent, child;
	struct genome *before = chain(), *after;

	(void)state;
	own_node(before, CONV)->conv.pool = CONV_POOL_NONE;
	own_node(before, CONV + 1)->merge = MERGE_CONCAT;
	connect(before, 100, LAYER_INPUT, CONV + 1);
	after = genome_clone(&mem, before);
	split(after, CONV, CONV + 1, CONV);
	open_parent(&parent, before, 1);
	open_child(&child, after, 1, &parent, NULL);
	assert_same_logits(&parent, &child, 1e-4);
	close_networks(&parent, &child);
}

static void a_layer_comes_from_the_parent_that_has_its_size(void **state)
{
	struct network first, second, child;
	struct genome *a = chain(), *b = chain(), *g = chain();
	struct net_tensor t;
	float *mine, *theirs;

	(void)state;
	own_node(b, CONV)->conv.filters = 7;
	own_node(g, CONV)->conv.filters = 7;
	open_parent(&first, a, 1);
	open_parent(&second, b, 2);
	open_child(&child, g, 1, &first, &second);
	mine = values(&child, CONV, OP_CONV, "weight", &t);
	theirs = values(&second, CONV, OP_CONV, "weight", &t);
	assert_memory_equal(mine, theirs, t.count * sizeof *mine);
	free(mine);
	free(theirs);
	/* Both have the other layers: they are the fitter's. */
	mine = values(&child, DENSE, OP_DENSE, "weight", &t);
	theirs = values(&first, DENSE, OP_DENSE, "weight", &t);
	assert_memory_equal(mine, theirs, t.count * sizeof *mine);
	free(mine);
	free(theirs);
	close_networks(&first, &second);
	net_free(child.net);
}

/* A genome after some mutations that leave its network within bounds. */
static struct genome *evolved(struct innovation_book *book,
	const struct genome *from, int mutations, struct rng *r)
{
	struct genome *g = genome_clone(&mem, from);
	struct params p;

	assert_int_equal(params_preset(&p, "cnn", NULL), 0);
	while (mutations > 0) {
		struct genome *next = genome_clone(&mem, g);
		struct model m;

		mutate(&(struct mutator){&mem, book, &p, space_default()}, next,
			r);
		if (model_decode(next, &data, JOB_BYTES, &m, NULL))
			continue;
		g = next;
		mutations--;
	}
	return g;
}

/* Whatever evolution makes of two genomes can inherit from them, and from
 * itself comes back as it was. */
static void evolved_children_inherit_from_evolved_parents(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < FAMILIES; i++) {
		struct network first, second, child, same;
		struct innovation_book book;
		struct genome *a, *b;
		struct params p;
		struct rng r;

		rng_stream(&r, 5, i, 0);
		innovation_open(&book, &mem, &chain_counters);
		assert_int_equal(params_preset(&p, "cnn", NULL), 0);
		a = evolved(&book, chain(), 1 + (int)(i % 12), &r);
		b = evolved(&book, a, 3, &r);
		open_fresh(&first, a, 1);
		open_fresh(&second, b, 2);
		open_child(&child,
			evolved(&book, genome_crossover(&mem, a, b, &p, &r), 1,
				&r),
			0.5, &first, &second);
		assert_true(net_is_finite(child.net));
		open_child(&same, a, 1, &first, &second);
		assert_same_logits(&first, &same, 0);
		close_networks(&first, &second);
		close_networks(&child, &same);
	}
}

static void a_network_of_another_genome_is_refused(void **state)
{
	struct network parent, child, fresh;
	struct genome *g = chain(), *other = chain();
	struct inherit_parent p;
	struct err e = {0};

	(void)state;
	own_node(other, CONV)->conv.filters = 7;
	open_parent(&parent, g, 1);
	open_fresh(&child, g, 77);
	open_fresh(&fresh, g, 77);
	p = parent_of(&parent);
	p.genome = other;
	assert_int_equal(inherit(child.net, g, &data,
				 &(struct inheritance){&p, 1, 1}, &e),
		ERR_INVALID);
	assert_non_null(strstr(e.text, "not those of its genome"));
	assert_true(same_values(fresh.net, child.net));
	close_networks(&parent, &child);
	net_free(fresh.net);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_same_genome_that_keeps_all_is_the_same_network),
		cmocka_unit_test(one_that_keeps_nothing_is_as_it_was_drawn),
		cmocka_unit_test(what_is_kept_is_shrunk_and_perturbed),
		cmocka_unit_test(of_another_size_the_common_block_is_inherited),
		cmocka_unit_test(
			a_convolution_that_splits_an_edge_changes_nothing_yet),
		cmocka_unit_test(a_split_that_ends_in_a_tanh_starts_afresh),
		cmocka_unit_test(
			inputs_of_a_concatenation_are_told_apart_by_their_edges),
		cmocka_unit_test(
			a_layer_comes_from_the_parent_that_has_its_size),
		cmocka_unit_test(evolved_children_inherit_from_evolved_parents),
		cmocka_unit_test(a_network_of_another_genome_is_refused),
	};

	return cmocka_run_group_tests(tests, open_memory, close_memory);
}
