/* net.c -- builds a net by its plan and walks it, stage by stage and chunk by
 * chunk: forward from the first stage, backward from the last. */
#include "nn/net_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "nn/kernels/update.h"
#include "nn/loss.h"

/* -- building -- */

static int take_value(struct net *n, int i, struct err *e)
{

	const struct plan_node *node = &n->plan.nodes[i];
	struct tensor *t = &n->tensors[i];

	t->value_local = node->value_local;
	if (node->in_place)
		t->value = n->tensors[n->spec.nodes[i].inputs[0]].value;
	else if (node->value_local)
		t->value = n->pool + node->value_at;
	else
		return mem_floats(
			&n->mem, &t->value, n->batch * tensor_image(t), e);
	return 0;
}

static int take_gradient(struct net *n, int i, struct err *e)
{
	const struct plan_node *node = &n->plan.nodes[i];
	struct tensor *t = &n->tensors[i];

	if (!node->trains)
		return 0;
	t->gradient_local = node->gradient_local;
	if (node->shares_gradient)
		t->gradient = n->tensors[n->spec.nodes[i].inputs[0]].gradient;
	else if (node->gradient_local)
		t->gradient = n->pool + node->gradient_at;
	else
		return mem_floats(
			&n->mem, &t->gradient, n->batch * tensor_image(t), e);
	return 0;
}

static int take_tensors(struct net *n, struct err *e)
{
	int rc = mem_floats(&n->mem, &n->pool, n->plan.pool, e);

	if (rc == 0)
		rc = mem_floats(&n->mem, &n->spill, n->plan.spill, e);
	for (int i = 0; i < n->spec.n && rc == 0; i++) {
		n->tensors[i].shape = n->spec.nodes[i].shape;
		n->tensors[i].pixel = n->plan.nodes[i].pixel;
		rc = take_value(n, i, e);
		if (rc == 0)
			rc = take_gradient(n, i, e);
	}
	return rc;
}

static int build_layer(struct net *n, int i, struct op_build *b, struct err *e)
{
	struct layer *l = &n->layers[i];
	struct err why = {0};

	l->node = &n->spec.nodes[i];
	l->op = op_verbs(l->node->op);
	l->number = (uint32_t)i;
	l->kernels = n->kernels;
	l->scratch = &n->scratch;
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

static int build(struct net *n, struct rng *r, struct err *e)
{
	struct op_build b = {
		.kernels = n->kernels,
		.mem = &n->mem,
		.rng = r,
		.batch = n->batch,
	};
	int rc = take_tensors(n, e);

	for (int i = 1; i < n->spec.n && rc == 0; i++)
		rc = build_layer(n, i, &b, e);
	if (rc)
		return rc;
	return mem_floats(&n->mem, &n->scratch, b.scratch_floats, e);
}

void net_parameters_changed(struct net *n)
{
	for (int i = 1; i < n->spec.n; i++)
		if (n->layers[i].op->changed)
			n->layers[i].op->changed(&n->layers[i]);
}

struct net *net_new(const struct spec *s, int batch, const struct kernels *k,
	struct rng *r, struct err *e)
{
	struct net *n = xcalloc(1, sizeof *n);

	assert(batch >= 1 && s->n >= 2);
	n->spec = *s;
	n->batch = (size_t)batch;
	n->kernels = k;
	mem_init(&n->mem);
	plan_make(&n->plan, s, n->batch, k->lanes);
	if (build(n, r, e)) {
		net_free(n);
		return NULL;
	}
	net_parameters_changed(n);
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
	optimizer_free(n->optimizer);
	mem_release(&n->mem);
	free(n);
}

float *net_input(struct net *n, size_t *pixel)
{
	*pixel = n->tensors[0].pixel;
	return n->tensors[0].value;
}

/* -- one step -- */

/* Sets p to the chunk that follows it in a stage; false after the last. */
static int next_chunk(struct pass *p, const struct plan_stage *stage)
{
	p->first += p->n;
	if (p->first >= p->total)
		return 0;
	p->n = p->total - p->first;
	if (p->n > stage->chunk)
		p->n = stage->chunk;
	return 1;
}

static void forward_chunk(struct net *n, int stage, const struct pass *p)
{
	const struct plan_stage *s = &n->plan.stages[stage];

	for (int i = s->first; i <= s->last; i++) {
		struct layer *l = &n->layers[i];

		if (n->plan.nodes[i].back == stage)
			l->op->forward(l, p);
		else if (p->training)
			l->op->measure(l, p);
	}
}

static const struct tensor *forward(struct net *n, const struct pass *step)
{
	assert(step->total >= 1 && step->total <= n->batch);
	for (int i = 0; i < n->plan.n_stages; i++)
		for (struct pass p = *step; next_chunk(&p, &n->plan.stages[i]);)
			forward_chunk(n, i, &p);
	return &n->tensors[n->spec.n - 1];
}

/* Takes the gradient of node i to its input k. */
static void backward_to(struct net *n, int i, int k, const struct pass *p)
{
	struct layer *l = &n->layers[i];
	const struct tensor *t = l->in[k];

	if (!t->gradient)
		return;
	if (n->plan.nodes[i].adds >> k & 1) {
		l->op->backward(l, p, k, n->spill);
		n->kernels->update->add(p->n * tensor_image(t),
			tensor_gradient(t, p), n->spill, 1.0f);
	} else {
		l->op->backward(l, p, k, tensor_gradient(t, p));
	}
}

static void backward_chunk(struct net *n, int stage, const struct pass *p)
{
	const struct plan_stage *s = &n->plan.stages[stage];

	for (int i = s->last; i >= s->first; i--) {
		const struct plan_node *node = &n->plan.nodes[i];
		struct layer *l = &n->layers[i];

		if (!node->trains)
			continue;
		if (l->op->gradients && node->back == stage)
			l->op->gradients(l, p);
		for (int k = 0; k < l->node->n_inputs && node->front == stage;
			k++)
			backward_to(n, i, k, p);
	}
}

static void backward(struct net *n, const struct pass *step)
{
	for (int i = n->plan.n_stages - 1; i >= 0; i--)
		for (struct pass p = *step; next_chunk(&p, &n->plan.stages[i]);)
			backward_chunk(n, i, &p);
}

double net_backward(struct net *n, const struct net_step *s, size_t *correct)
{
	const struct pass step = {
		.total = s->n,
		.training = 1,
		.dropout = s->dropout ? (uint32_t)rng_u64(s->dropout) : 0,
	};
	const int classes = n->spec.classes;
	const struct tensor *out = forward(n, &step);
	const struct loss_shape shape = {s->n, classes, out->pixel,
		s->label_smoothing, s->class_weights};
	double loss = loss_softmax(
		&shape, out->value, s->labels, out->gradient);

	for (size_t i = 0; i < s->n; i++)
		*correct += (size_t)loss_is_correct(
			out->value + i * out->pixel, classes, s->labels[i]);
	backward(n, &step);
	return loss;
}

/* Logits become the means of what they are and of those of the mirror images,
 * which are put back as they were. */
static void join_mirrored(struct net *n, const struct pass *step, float *logits)
{
	const size_t classes = (size_t)n->spec.classes;
	const struct tensor *out;

	net_mirror_input(n, step->total);
	out = forward(n, step);
	for (size_t i = 0; i < step->total; i++)
		for (size_t k = 0; k < classes; k++, logits++)
			*logits = (*logits + out->value[i * out->pixel + k]) /
				  2;
	net_mirror_input(n, step->total);
}

void net_forward(struct net *n, size_t count, float *logits)
{
	const struct pass step = {.total = count};
	const struct tensor *out = forward(n, &step);
	const size_t classes = (size_t)n->spec.classes;

	for (size_t i = 0; i < count; i++)
		memcpy(logits + i * classes, out->value + i * out->pixel,
			classes * sizeof *logits);
	if (n->flip_test)
		join_mirrored(n, &step, logits);
}

void net_optimizer(
	struct net *n, enum optimizer_kind kind, const struct recipe *recipe)
{
	optimizer_free(n->optimizer);
	n->optimizer = optimizer_new(
		n->kernels, kind, recipe, n->params, n->n_params);
}

void net_update(struct net *n, double rate)
{
	optimizer_step(n->optimizer, rate);
	net_parameters_changed(n);
	net_average_step(n);
}

size_t net_bytes(const struct net *n)
{
	return n->mem.bytes +
	       (n->optimizer ? optimizer_bytes(n->optimizer) : 0);
}
