/* onednn_conv.c -- convolution forward, and the two halves of its backward.
 *
 * oneDNN wants the weights in a layout of its own choice, which may differ by
 * direction.  The forward layout is the master: what the optimizer changes and
 * conv_read reads.  Where the others differ, the weights' gradient is brought
 * to the master's after each backward pass, and the weights to the backward
 * layout each time they change. */
#include "nn/onednn_private.h"

#include <stdlib.h>

#include "base/arena.h"

struct conv {
	struct onednn *onednn;
	struct onednn_job forward, gradients, backward;

	/* Between layouts; to_master and to_back only where they differ. */
	struct onednn_job read, write, to_master, to_back;

	float *w, *dw, *b, *db; /* bound: master layout, and biases */
	float *dw_own, *w_back; /* in their own layouts, where they differ */
	size_t weight_floats;
};

/* What oneDNN is asked for: plain images, weights in any layout. */
struct question {
	dnnl_memory_desc_t x, y, bias, any, plain;
	dnnl_dims_t stride, pad_before, pad_after;
};

/* Its answers, one a direction. */
struct answers {
	dnnl_primitive_desc_t forward, gradients, backward;
};

static void ask(struct question *q, const struct conv_shape *s)
{
	const dnnl_dims_t x = {s->batch, s->in, s->height, s->width};
	const dnnl_dims_t y = {s->batch, s->out, s->height, s->width};
	const dnnl_dims_t w = {s->out, s->in, s->kernel, s->kernel};
	const dnnl_dims_t b = {s->out};

	/* These fail for wrong arguments only; the zeroed descriptor that is
	 * left then makes the questions that use it fail. */
	*q = (struct question){0};
	dnnl_memory_desc_init_by_tag(&q->x, 4, x, dnnl_f32, dnnl_nhwc);
	dnnl_memory_desc_init_by_tag(&q->y, 4, y, dnnl_f32, dnnl_nhwc);
	dnnl_memory_desc_init_by_tag(
		&q->any, 4, w, dnnl_f32, dnnl_format_tag_any);
	dnnl_memory_desc_init_by_tag(&q->plain, 4, w, dnnl_f32, dnnl_oihw);
	dnnl_memory_desc_init_by_tag(&q->bias, 1, b, dnnl_f32, dnnl_x);
	for (int i = 0; i < 2; i++) {
		q->stride[i] = 1;
		q->pad_before[i] = (s->kernel - 1) / 2;
		q->pad_after[i] = s->kernel / 2;
	}
}

static dnnl_status_t answer(struct answers *a, const struct question *q,
	const struct conv_shape *s, const struct onednn *d)
{
	dnnl_convolution_desc_t c;
	dnnl_status_t status;

	status = dnnl_convolution_forward_desc_init(&c, dnnl_forward_training,
		dnnl_convolution_direct, &q->x, &q->any, &q->bias, &q->y,
		q->stride, q->pad_before, q->pad_after);
	if (status == dnnl_success)
		status = dnnl_primitive_desc_create(
			&a->forward, &c, d->attr, d->engine, NULL);
	if (status == dnnl_success)
		status = dnnl_convolution_backward_weights_desc_init(&c,
			dnnl_convolution_direct, &q->x, &q->any, &q->bias,
			&q->y, q->stride, q->pad_before, q->pad_after);
	if (status == dnnl_success)
		status = dnnl_primitive_desc_create(
			&a->gradients, &c, d->attr, d->engine, a->forward);
	if (status != dnnl_success || !s->needs_backward)
		return status;
	status = dnnl_convolution_backward_data_desc_init(&c,
		dnnl_convolution_direct, &q->x, &q->any, &q->y, q->stride,
		q->pad_before, q->pad_after);
	if (status != dnnl_success)
		return status;
	return dnnl_primitive_desc_create(
		&a->backward, &c, d->attr, d->engine, a->forward);
}

static void answers_release(struct answers *a)
{
	dnnl_primitive_desc_destroy(a->forward);
	dnnl_primitive_desc_destroy(a->gradients);
	dnnl_primitive_desc_destroy(a->backward);
}

struct argument {
	int arg;
	const dnnl_memory_desc_t *md;
};

static dnnl_status_t job(struct onednn_job *j, struct onednn *d,
	const_dnnl_primitive_desc_t pd, const struct argument *args, int n)
{
	dnnl_status_t status = onednn_job_init(j, d, pd);

	for (int i = 0; i < n && status == dnnl_success; i++)
		status = onednn_job_add(j, d, args[i].arg, args[i].md);
	return status;
}

static dnnl_status_t make_directions(
	struct conv *c, const struct question *q, const struct answers *a)
{
	struct onednn *d = c->onednn;
	const dnnl_memory_desc_t *w = dnnl_primitive_desc_query_md(
		a->forward, dnnl_query_weights_md, 0);
	const dnnl_memory_desc_t *dw = dnnl_primitive_desc_query_md(
		a->gradients, dnnl_query_diff_weights_md, 0);
	const struct argument forward[] = {{DNNL_ARG_SRC, &q->x},
		{DNNL_ARG_WEIGHTS, w}, {DNNL_ARG_BIAS, &q->bias},
		{DNNL_ARG_DST, &q->y}};
	const struct argument gradients[] = {{DNNL_ARG_SRC, &q->x},
		{DNNL_ARG_DIFF_DST, &q->y}, {DNNL_ARG_DIFF_WEIGHTS, dw},
		{DNNL_ARG_DIFF_BIAS, &q->bias}};
	dnnl_status_t status = job(&c->forward, d, a->forward, forward, 4);

	if (status == dnnl_success)
		status = job(&c->gradients, d, a->gradients, gradients, 4);
	if (status != dnnl_success || !a->backward)
		return status;
	const struct argument backward[] = {{DNNL_ARG_DIFF_DST, &q->y},
		{DNNL_ARG_WEIGHTS, dnnl_primitive_desc_query_md(a->backward,
					   dnnl_query_weights_md, 0)},
		{DNNL_ARG_DIFF_SRC, &q->x}};
	return job(&c->backward, d, a->backward, backward, 3);
}

static size_t floats_of(const dnnl_memory_desc_t *md)
{
	size_t bytes = dnnl_memory_desc_get_size(md);

	return (bytes + sizeof(float) - 1) / sizeof(float);
}

/* Reorders between layouts, and the memory that they need. */
static dnnl_status_t make_layouts(struct conv *c, const struct question *q,
	const struct answers *a, size_t *own_floats, size_t *back_floats)
{
	struct onednn *d = c->onednn;
	const dnnl_memory_desc_t *w = dnnl_primitive_desc_query_md(
		a->forward, dnnl_query_weights_md, 0);
	const dnnl_memory_desc_t *dw = dnnl_primitive_desc_query_md(
		a->gradients, dnnl_query_diff_weights_md, 0);
	const dnnl_memory_desc_t *back = NULL;
	dnnl_status_t status = onednn_reorder(&c->read, d, w, &q->plain);

	c->weight_floats = floats_of(w);
	if (status == dnnl_success)
		status = onednn_reorder(&c->write, d, &q->plain, w);
	if (status == dnnl_success && !dnnl_memory_desc_equal(w, dw)) {
		*own_floats = floats_of(dw);
		status = onednn_reorder(&c->to_master, d, dw, w);
	}
	if (a->backward)
		back = dnnl_primitive_desc_query_md(
			a->backward, dnnl_query_weights_md, 0);
	if (status == dnnl_success && back &&
		!dnnl_memory_desc_equal(w, back)) {
		*back_floats = floats_of(back);
		status = onednn_reorder(&c->to_back, d, w, back);
	}
	return status;
}

struct conv *conv_new(struct onednn *d, const struct conv_shape *s,
	struct mem *mem, struct err *e)
{
	struct conv *c = xcalloc(1, sizeof *c);
	struct question q;
	struct answers a = {0};
	size_t own = 0, back = 0;
	dnnl_status_t status;
	int rc = 0;

	c->onednn = d;
	ask(&q, s);
	status = answer(&a, &q, s, d);
	if (status == dnnl_success)
		status = make_directions(c, &q, &a);
	if (status == dnnl_success)
		status = make_layouts(c, &q, &a, &own, &back);
	answers_release(&a);
	if (status == dnnl_out_of_memory)
		rc = err_set(e, ERR_WORLD, "no memory for a convolution");
	else if (status != dnnl_success)
		rc = err_set(e, ERR_GENOME,
			"oneDNN has no convolution of %d filters of %dx%d on "
			"%d channels of %dx%d",
			s->out, s->kernel, s->kernel, s->in, s->height,
			s->width);
	if (rc == 0 && own > 0)
		rc = mem_floats(mem, &c->dw_own, own, e);
	if (rc == 0 && back > 0)
		rc = mem_floats(mem, &c->w_back, back, e);
	if (rc == 0)
		return c;
	conv_free(c);
	return NULL;
}

void conv_free(struct conv *c)
{
	if (!c)
		return;
	onednn_job_release(&c->forward);
	onednn_job_release(&c->gradients);
	onednn_job_release(&c->backward);
	onednn_job_release(&c->read);
	onednn_job_release(&c->write);
	onednn_job_release(&c->to_master);
	onednn_job_release(&c->to_back);
	free(c);
}

size_t conv_weight_floats(const struct conv *c)
{
	return c->weight_floats;
}

void conv_bind(struct conv *c, const struct conv_params *p)
{
	c->w = p->weights;
	c->dw = p->weights_gradient;
	c->b = p->bias;
	c->db = p->bias_gradient;
}

void conv_changed(struct conv *c)
{
	if (c->w_back)
		onednn_job_run(
			&c->to_back, c->onednn, (void *[]){c->w, c->w_back});
}

void conv_forward(struct conv *c, const float *x, float *y)
{
	onednn_job_run(
		&c->forward, c->onednn, (void *[]){(void *)x, c->w, c->b, y});
}

void conv_gradients(struct conv *c, const float *x, const float *dy)
{
	float *dw = c->dw_own ? c->dw_own : c->dw;

	onednn_job_run(&c->gradients, c->onednn,
		(void *[]){(void *)x, (void *)dy, dw, c->db});
	if (c->dw_own)
		onednn_job_run(
			&c->to_master, c->onednn, (void *[]){c->dw_own, c->dw});
}

void conv_backward(struct conv *c, const float *dy, float *dx)
{
	float *w = c->w_back ? c->w_back : c->w;

	onednn_job_run(&c->backward, c->onednn, (void *[]){(void *)dy, w, dx});
}

void conv_read(struct conv *c, float *oihw)
{
	onednn_job_run(&c->read, c->onednn, (void *[]){c->w, oihw});
}

void conv_write(struct conv *c, const float *oihw)
{
	onednn_job_run(&c->write, c->onednn, (void *[]){(void *)oihw, c->w});
}
