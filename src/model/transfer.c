/* transfer.c -- a tensor is read as other tools lay it out, changed and written
 * back. */
#include "model/transfer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* The number of a node's tensor; there is one. */
static size_t tensor_of(const struct net *n, int node, const char *suffix)
{
	char name[sizeof((struct net_tensor *)0)->name];
	struct net_tensor t;
	size_t i = 0;

	snprintf(name, sizeof name, "node%d.%s", node, suffix);
	net_tensor(n, i, &t);
	while (strcmp(t.name, name) != 0) {
		assert(i + 1 < net_tensor_count(n));
		net_tensor(n, ++i, &t);
	}
	return i;
}

/* A copy of it, to be freed. */
static float *read_tensor(
	const struct net *n, int node, const char *suffix, size_t *count)
{
	const size_t i = tensor_of(n, node, suffix);
	struct net_tensor t;
	float *values;

	net_tensor(n, i, &t);
	values = xcalloc(t.count, sizeof *values);
	net_tensor_read(n, i, values);
	*count = t.count;
	return values;
}

static void write_tensor(
	struct net *n, int node, const char *suffix, const float *values)
{
	net_tensor_write(n, tensor_of(n, node, suffix), values);
}

/* Shrink and perturb. */
static float blend(double keep, float inherited, float fresh)
{
	return (float)(keep * inherited + (1 - keep) * fresh);
}

static int least(int a, int b)
{
	return a < b ? a : b;
}

void transfer_vector(
	const struct transfer *t, int node, int from, const char *suffix)
{
	size_t n, n_theirs;
	float *mine = read_tensor(t->to, node, suffix, &n);
	float *theirs = read_tensor(t->from, from, suffix, &n_theirs);

	for (size_t i = 0; i < n && i < n_theirs; i++)
		mine[i] = blend(t->keep, theirs[i], mine[i]);
	write_tensor(t->to, node, suffix, mine);
	free(mine);
	free(theirs);
}

/* The weights of a convolution (O,I,H,W); those of a dense layer are likewise,
 * over its input's map. */
struct block {
	int out, in, height, width;
};

static struct block block_of(const struct spec *s, int node)
{
	const struct spec_node *n = &s->nodes[node];
	const struct shape in = s->nodes[n->inputs[0]].shape;

	if (n->op == OP_CONV)
		return (struct block){
			n->filters, in.channels, n->kernel, n->kernel};
	return (struct block){n->units, in.channels, in.height, in.width};
}

int transfer_channels(const struct spec *s, int node)
{
	return block_of(s, node).in;
}

static size_t place_in(const struct block *b, int o, int i, int h, int w)
{
	return (((size_t)o * (size_t)b->in + (size_t)i) * (size_t)b->height +
		       (size_t)h) *
		       (size_t)b->width +
	       (size_t)w;
}

/* The middle of so many pixels, as convolutions are padded. */
static int middle(int side)
{
	return (side - 1) / 2;
}

/* One output's and one input's kernel, or map. */
static void take_plane(double keep, const struct block *to, float *mine,
	const struct block *from, const float *theirs)
{
	const int down = middle(from->height) - middle(to->height);
	const int right = middle(from->width) - middle(to->width);

	for (int h = 0; h < to->height; h++)
		for (int w = 0; w < to->width; w++, mine++) {
			const int y = h + down, x = w + right;

			if (y >= 0 && y < from->height && x >= 0 &&
				x < from->width)
				*mine = blend(keep, theirs[y * from->width + x],
					*mine);
		}
}

void transfer_weights(
	const struct transfer *t, int node, int from, const int *source)
{
	const struct block m = block_of(t->spec, node);
	const struct block b = block_of(t->theirs, from);
	size_t n;
	float *mine = read_tensor(t->to, node, "weight", &n);
	float *theirs = read_tensor(t->from, from, "weight", &n);

	for (int o = 0; o < least(m.out, b.out); o++)
		for (int i = 0; i < m.in; i++)
			if (source[i] >= 0)
				take_plane(t->keep, &m,
					mine + place_in(&m, o, i, 0, 0), &b,
					theirs + place_in(&b, o, source[i], 0,
							 0));
	write_tensor(t->to, node, "weight", mine);
	free(mine);
	free(theirs);
	transfer_vector(t, node, from, "bias");
}

void transfer_identity(const struct transfer *t, int node)
{
	const struct block b = block_of(t->spec, node);
	const int channels = least(b.out, b.in);
	const size_t row = (size_t)b.in * (size_t)b.height * (size_t)b.width;
	size_t n;
	float *weight = read_tensor(t->to, node, "weight", &n);
	float *bias = read_tensor(t->to, node, "bias", &n);

	for (int c = 0; c < channels; c++) {
		float *w = weight + (size_t)c * row;
		const size_t one = place_in(
			&b, 0, c, middle(b.height), middle(b.width));

		for (size_t i = 0; i < row; i++)
			w[i] = blend(t->keep, i == one, w[i]);
		bias[c] = blend(t->keep, 0, bias[c]);
	}
	write_tensor(t->to, node, "weight", weight);
	write_tensor(t->to, node, "bias", bias);
	free(weight);
	free(bias);
}
