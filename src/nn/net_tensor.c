/* net_tensor.c -- the parameters and statistics by name, for other tools. */
#include "nn/net_private.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

size_t net_tensor_count(const struct net *n)
{
	size_t count = 0;

	for (int i = 1; i < n->spec.n; i++)
		count += (size_t)n->layers[i].n_tensors;
	return count;
}

/* The node that tensor i of the net belongs to; *i becomes its number there. */
static int node_of(const struct net *n, size_t *i)
{
	int node = 1;

	while (*i >= (size_t)n->layers[node].n_tensors) {
		*i -= (size_t)n->layers[node++].n_tensors;
		assert(node < n->spec.n);
	}
	return node;
}

void net_tensor(const struct net *n, size_t i, struct net_tensor *out)
{
	const int node = node_of(n, &i);
	const struct layer *l = &n->layers[node];
	const struct layer_tensor *t = &l->tensors[i];

	*out = (struct net_tensor){.ndims = t->ndims};
	snprintf(out->name, sizeof out->name, "node%d.%s", node, t->suffix);
	memcpy(out->dims, t->dims, sizeof out->dims);
	out->count = layer_tensor_count(l, (int)i);
}

void net_tensor_read(const struct net *n, size_t i, float *out)
{
	const int node = node_of(n, &i);

	layer_read(&n->layers[node], (int)i, out);
}

void net_tensor_write(struct net *n, size_t i, const float *values)
{
	struct layer *l = &n->layers[node_of(n, &i)];

	layer_write(l, (int)i, values);
	if (l->op->changed)
		l->op->changed(l);
}

static int all_finite(const float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isfinite(x[i]))
			return 0;
	return 1;
}

int net_is_finite(const struct net *n)
{
	for (int i = 1; i < n->spec.n; i++)
		for (int k = 0; k < n->layers[i].n_tensors; k++) {
			const struct layer_tensor *t = &n->layers[i].tensors[k];

			if (!all_finite(t->data, t->stored))
				return 0;
		}
	return 1;
}
