/* net.c -- walks the nodes forward, then backward.
 *
 * A tensor has a gradient only if something that trains lies before it.  The
 * first node (from the back) that a tensor feeds writes its gradient, the
 * others write to a spill that is added. */
#include "nn/net_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/loss.h"
#include "nn/onednn.h"

/* True if node i has parameters or anything before it has. */
static int trains(const struct net *n, int i)
{
	const struct spec_node *node = &n->spec.nodes[i];

	if (op_verbs(node->op)->gradients)
		return 1;
	for (int k = 0; k < node->n_inputs; k++)
		if (n->tensors[node->inputs[k]].gradient)
			return 1;
	return 0;
}

static int take_tensors(struct net *n, int batch, struct err *e)
{
	for (int i = 0; i < n->spec.n; i++) {
		struct tensor *t = &n->tensors[i];
		size_t floats;

		t->shape = n->spec.nodes[i].shape;
		floats = (size_t)batch * shape_floats(t->shape);
		if (mem_floats(&n->mem, &t->value, floats, e))
			return ERR_WORLD;
		/* The loss writes the output's gradient in any case. */
		if (!trains(n, i) && i != n->spec.n - 1)
			continue;
		if (mem_floats(&n->mem, &t->gradient, floats, e))
			return ERR_WORLD;
	}
	return 0;
}

/* Room for the largest tensor that feeds several nodes. */
static int take_spill(struct net *n, int batch, struct err *e)
{
	int uses[SPEC_NODES_MAX] = {0};
	size_t most = 0;

	for (int i = 1; i < n->spec.n; i++) {
		const struct spec_node *node = &n->spec.nodes[i];

		for (int k = 0; k < node->n_inputs; k++) {
			const struct tensor *t = &n->tensors[node->inputs[k]];
			size_t floats = shape_floats(t->shape);

			if (++uses[node->inputs[k]] > 1 && floats > most)
				most = floats;
		}
	}
	if (most == 0)
		return 0;
	return mem_floats(&n->mem, &n->spill, (size_t)batch * most, e);
}

static int build_layer(struct net *n, int i, int batch,
	const struct op_build *b, struct err *e)
{
	struct layer *l = &n->layers[i];
	struct err why = {0};

	l->node = &n->spec.nodes[i];
	l->op = op_verbs(l->node->op);
	l->batch = batch;
	l->out = &n->tensors[i];
	for (int k = 0; k < l->node->n_inputs; k++)
		l->in[k] = &n->tensors[l->node->inputs[k]];
	if (l->op->new && l->op->new (l, b, &why))
		return err_set(e, why.code, "node %d (%s): %s", i, l->op->name,
			why.text);
	for (int k = 0; k < l->n_params; k++)
		n->params[n->n_params++] = l->params[k];
	return 0;
}

static int build(struct net *n, int batch, struct rng *r, struct err *e)
{
	struct op_build b = {.mem = &n->mem, .rng = r};
	int rc = take_tensors(n, batch, e);

	if (rc == 0)
		rc = take_spill(n, batch, e);
	if (rc)
		return rc;
	n->onednn = b.onednn = onednn_new(e);
	if (!n->onednn)
		return ERR_WORLD;
	for (int i = 1; i < n->spec.n && rc == 0; i++)
		rc = build_layer(n, i, batch, &b, e);
	return rc ? rc : onednn_take_scratch(n->onednn, &n->mem, e);
}

struct net *net_new(
	const struct spec *s, int batch, struct rng *r, struct err *e)
{
	struct net *n = xcalloc(1, sizeof *n);

	assert(batch >= 1 && s->n >= 2);
	n->spec = *s;
	mem_init(&n->mem);
	if (build(n, batch, r, e)) {
		net_free(n);
		return NULL;
	}
	net_params_changed(n);
	return n;
}

void net_free(struct net *n)
{
	if (!n)
		return;
	for (int i = 0; i < n->spec.n; i++) {
		struct layer *l = &n->layers[i];

		if (l->op && l->op->free)
			l->op->free(l);
	}
	onednn_free(n->onednn);
	mem_release(&n->mem);
	free(n);
}

float *net_input(struct net *n, size_t *pixel)
{
	*pixel = (size_t)n->tensors[0].shape.channels;
	return n->tensors[0].value;
}

static const struct tensor *forward(struct net *n, const struct pass *p)
{
	assert(p->n >= 1 && p->n <= (size_t)n->layers[1].batch);
	for (int i = 1; i < n->spec.n; i++)
		n->layers[i].op->forward(&n->layers[i], p);
	return &n->tensors[n->spec.n - 1];
}

static void add(float *restrict to, const float *restrict from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] += from[i];
}

/* Takes the gradient of layer `l` to its input k.  `ready` says which tensors
 * have a gradient in this step already. */
static void backward_to(struct net *n, struct layer *l, int k,
	const struct pass *p, char *ready)
{
	const struct tensor *t = l->in[k];
	char *t_ready = &ready[l->node->inputs[k]];

	if (!t->gradient)
		return;
	if (*t_ready) {
		l->op->backward(l, p, k, n->spill);
		add(t->gradient, n->spill, pass_floats(p, t));
	} else {
		l->op->backward(l, p, k, t->gradient);
		*t_ready = 1;
	}
}

/* A node that feeds nothing never has a gradient and is passed over. */
static void backward(struct net *n, const struct pass *p)
{
	char ready[SPEC_NODES_MAX] = {0};

	ready[n->spec.n - 1] = 1;
	for (int i = n->spec.n - 1; i > 0; i--) {
		struct layer *l = &n->layers[i];

		if (!ready[i])
			continue;
		if (l->op->gradients)
			l->op->gradients(l, p);
		for (int k = 0; k < l->node->n_inputs; k++)
			backward_to(n, l, k, p, ready);
	}
}

double net_backward(struct net *n, const struct net_step *s, size_t *correct)
{
	const struct pass p = {.n = s->n, .training = 1, .rng = s->dropout};
	const int classes = n->spec.classes;
	const struct tensor *out = forward(n, &p);
	double loss = loss_softmax(
		out->value, s->labels, s->n, classes, out->gradient);

	for (size_t i = 0; i < s->n; i++)
		*correct += (size_t)loss_is_correct(
			out->value + i * (size_t)classes, classes,
			s->labels[i]);
	backward(n, &p);
	return loss;
}

void net_forward(struct net *n, size_t count, float *logits)
{
	const struct pass p = {.n = count};
	const struct tensor *out = forward(n, &p);

	memcpy(logits, out->value, pass_floats(&p, out) * sizeof *logits);
}

const struct param *net_params(struct net *n, size_t *count)
{
	*count = n->n_params;
	return n->params;
}

void net_params_changed(struct net *n)
{
	for (int i = 1; i < n->spec.n; i++)
		if (n->layers[i].op->changed)
			n->layers[i].op->changed(&n->layers[i]);
}

size_t net_bytes(const struct net *n)
{
	return n->mem.bytes;
}
