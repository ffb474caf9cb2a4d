/* flat.c -- the bounds of flat genomes. */
#include "neat/flat.h"

#include <string.h>

static int within(int x, int lo, int hi)
{
	return x >= lo && x <= hi;
}

static int all_within(const int *x, int n, int lo, int hi)
{
	for (int i = 0; i < n; i++)
		if (!within(x[i], lo, hi))
			return 0;
	return 1;
}

int data_shape_valid(const struct data_shape *d)
{
	return within(d->channels, 1, DATA_CHANNELS_MAX) &&
	       within(d->height, 1, DATA_SIDE_MAX) &&
	       within(d->width, 1, DATA_SIDE_MAX) &&
	       within(d->classes, DATA_CLASSES_MIN, DATA_CLASSES_MAX);
}

static int activations_valid(const struct flat *g)
{
	if (!within(g->n_activations, 1, FLAT_LAYERS_MAX))
		return 0;
	for (int i = 0; i < g->n_activations; i++)
		if ((int)g->activations[i] < 0 ||
			g->activations[i] >= ACT_COUNT)
			return 0;
	return 1;
}

int flat_valid(const struct flat *g)
{
	return data_shape_valid(&g->data) &&
	       within(g->n_conv, 1, FLAT_LAYERS_MAX) &&
	       within(g->n_dense, 1, FLAT_LAYERS_MAX) &&
	       all_within(g->filters, g->n_conv, 1, CONV_FILTERS_MAX) &&
	       all_within(g->kernels, g->n_conv, 1, CONV_KERNEL_MAX) &&
	       all_within(g->nodes, g->n_dense, 1, DENSE_UNITS_MAX) &&
	       activations_valid(g) && g->dropout >= 0 &&
	       g->dropout <= LAYER_DROPOUT_MAX && g->learning_rate >= 0 &&
	       g->learning_rate <= LEARNING_RATE_MAX &&
	       within(g->batch_size, 1, BATCH_SIZE_MAX) &&
	       within((int)g->optimizer, 0, OPT_COUNT - 1);
}

int data_shape_equal(const struct data_shape *a, const struct data_shape *b)
{
	return a->channels == b->channels && a->height == b->height &&
	       a->width == b->width && a->classes == b->classes;
}

/* Random and bred genomes have as many activations as dense layers. */
void flat_normalize(struct flat *g)
{
	int n = g->n_conv > g->n_dense ? g->n_conv : g->n_dense;
	int dense_says_all = 1;

	for (int i = g->n_activations; i < n; i++)
		g->activations[i] = g->activations[i - g->n_activations];
	for (int i = g->n_dense; i < n; i++)
		if (g->activations[i] != g->activations[i - g->n_dense])
			dense_says_all = 0;
	g->n_activations = dense_says_all ? g->n_dense : n;
}

static int same_ints(const int *a, const int *b, int n)
{
	return memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

static int same_activations(const struct flat *a, const struct flat *b)
{
	if (a->n_activations != b->n_activations)
		return 0;
	for (int i = 0; i < a->n_activations; i++)
		if (a->activations[i] != b->activations[i])
			return 0;
	return 1;
}

/* Entries beyond a list's length mean nothing, so the structs are not compared
 * as a whole. */
int flat_equal(const struct flat *a, const struct flat *b)
{
	return data_shape_equal(&a->data, &b->data) && a->n_conv == b->n_conv &&
	       a->n_dense == b->n_dense &&
	       same_ints(a->filters, b->filters, a->n_conv) &&
	       same_ints(a->kernels, b->kernels, a->n_conv) &&
	       same_ints(a->nodes, b->nodes, a->n_dense) &&
	       same_activations(a, b) && a->dropout == b->dropout &&
	       a->learning_rate == b->learning_rate &&
	       a->batch_size == b->batch_size && a->optimizer == b->optimizer;
}
