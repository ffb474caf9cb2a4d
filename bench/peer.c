/* peer.c -- three primitives over memory in the library's own layouts. */
#include "peer.h"

#include <omp.h>
#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* Of one convolution: as arguments of the primitives, by our names. */
enum { X, WEIGHTS, BIAS, Y, DX, DWEIGHTS, DBIAS, DY, MEMORIES };

struct peer {
	dnnl_engine_t engine;
	dnnl_stream_t stream;
	dnnl_memory_desc_t ours[MEMORIES]; /* how our buffers lie */
	dnnl_memory_t memories[PEER_OPS][MEMORIES];
	dnnl_primitive_desc_t descs[PEER_OPS];
	dnnl_primitive_t ops[PEER_OPS];
};

static void must(dnnl_status_t status, const char *what)
{
	if (status == dnnl_success)
		return;
	fprintf(stderr, "oneDNN cannot %s: status %d\n", what, (int)status);
	exit(1);
}

void peer_limit(const char *kernels)
{
	omp_set_num_threads(1);
	if (strncmp(kernels, "avx2", 4) == 0)
		must(dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2), "stop at AVX2");
	else if (strncmp(kernels, "avx512", 6) != 0)
		must(dnnl_set_max_cpu_isa(dnnl_cpu_isa_sse41),
			"stop at SSE 4.1");
}

static dnnl_memory_desc_t strided(
	int ndims, const dnnl_dims_t dims, const dnnl_dims_t strides)
{
	dnnl_memory_desc_t d;

	must(dnnl_memory_desc_init_by_strides(
		     &d, ndims, dims, dnnl_f32, strides),
		"describe a layout");
	return d;
}

static dnnl_memory_desc_t maps(
	size_t n, size_t channels, size_t height, size_t width, size_t pixel)
{
	const dnnl_dim_t h = (dnnl_dim_t)height, w = (dnnl_dim_t)width;
	const dnnl_dim_t p = (dnnl_dim_t)pixel;
	const dnnl_dims_t dims = {(dnnl_dim_t)n, (dnnl_dim_t)channels, h, w};

	return strided(4, dims, (dnnl_dims_t){h * w * p, 1, w * p, p});
}

static void describe_ours(
	struct peer *p, const struct direct_shape *s, size_t n, size_t out)
{
	const dnnl_dim_t k = (dnnl_dim_t)s->kernel, o = (dnnl_dim_t)s->out;
	const dnnl_dim_t i = (dnnl_dim_t)s->in;
	const dnnl_dims_t dims = {(dnnl_dim_t)out, i, k, k};
	const dnnl_dims_t strides = {1, o, k * i * o, i * o};

	p->ours[X] = maps(n, s->in, s->height, s->width, s->in_stride);
	p->ours[Y] = maps(n, out, s->out_height, s->out_width, s->out);
	p->ours[WEIGHTS] = strided(4, dims, strides);
	p->ours[BIAS] = strided(1, dims, (dnnl_dims_t){1});
	for (int m = X; m <= Y; m++)
		p->ours[m + DX] = p->ours[m];
}

/* The same tensor in whatever layout the library likes best. */
static dnnl_memory_desc_t any(const dnnl_memory_desc_t *d)
{
	dnnl_memory_desc_t free;

	must(dnnl_memory_desc_init_by_tag(
		     &free, d->ndims, d->dims, dnnl_f32, dnnl_format_tag_any),
		"describe a tensor");
	return free;
}

static void make_descs(struct peer *p, const struct direct_shape *s)
{
	const dnnl_dim_t k = (dnnl_dim_t)s->kernel;
	const dnnl_dims_t step = {(dnnl_dim_t)s->stride, (dnnl_dim_t)s->stride};
	const dnnl_dims_t left = {(k - 1) / 2, (k - 1) / 2};
	const dnnl_dims_t right = {k / 2, k / 2};
	const dnnl_memory_desc_t x = any(&p->ours[X]), y = any(&p->ours[Y]);
	const dnnl_memory_desc_t w = any(&p->ours[WEIGHTS]);
	const dnnl_memory_desc_t *b = &p->ours[BIAS];
	dnnl_convolution_desc_t d[PEER_OPS];
	dnnl_primitive_desc_t hint = NULL;

	must(dnnl_convolution_forward_desc_init(&d[PEER_FORWARD],
		     dnnl_forward_training, dnnl_convolution_auto, &x, &w, b,
		     &y, step, left, right),
		"describe forward");
	must(dnnl_convolution_backward_weights_desc_init(&d[PEER_WEIGHTS],
		     dnnl_convolution_auto, &x, &w, b, &y, step, left, right),
		"describe the gradient of weights");
	must(dnnl_convolution_backward_data_desc_init(&d[PEER_INPUT],
		     dnnl_convolution_auto, &x, &w, &y, step, left, right),
		"describe the gradient of the input");
	for (int op = 0; op < PEER_OPS; op++) {
		must(dnnl_primitive_desc_create(
			     &p->descs[op], &d[op], NULL, p->engine, hint),
			"plan a convolution");
		must(dnnl_primitive_create(&p->ops[op], p->descs[op]),
			"make a convolution");
		hint = p->descs[PEER_FORWARD];
	}
}

/* What each op reads and writes: our name, the library's, and where its
 * descriptor tells the layout. */
static const struct use {
	int memory, argument;
	dnnl_query_t query;
	int index;
} uses[PEER_OPS][5] = {
	[PEER_FORWARD] = {{X, DNNL_ARG_SRC, dnnl_query_src_md, 0},
		{WEIGHTS, DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0},
		{BIAS, DNNL_ARG_BIAS, dnnl_query_weights_md, 1},
		{Y, DNNL_ARG_DST, dnnl_query_dst_md, 0}, {.argument = 0}},
	[PEER_WEIGHTS] = {{X, DNNL_ARG_SRC, dnnl_query_src_md, 0},
		{DY, DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0},
		{DWEIGHTS, DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md,
			0},
		{DBIAS, DNNL_ARG_DIFF_BIAS, dnnl_query_diff_weights_md, 1},
		{.argument = 0}},
	[PEER_INPUT] = {{DY, DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, 0},
		{WEIGHTS, DNNL_ARG_WEIGHTS, dnnl_query_weights_md, 0},
		{DX, DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, 0},
		{.argument = 0}},
};

static void make_memories(struct peer *p)
{
	for (int op = 0; op < PEER_OPS; op++)
		for (const struct use *u = uses[op]; u->argument; u++)
			must(dnnl_memory_create(&p->memories[op][u->memory],
				     dnnl_primitive_desc_query_md(
					     p->descs[op], u->query, u->index),
				     p->engine, DNNL_MEMORY_ALLOCATE),
				"take memory");
}

struct peer *peer_new(const struct direct_shape *s, size_t n, size_t out)
{
	struct peer *p = xcalloc(1, sizeof *p);

	must(dnnl_engine_create(&p->engine, dnnl_cpu, 0), "start");
	must(dnnl_stream_create(
		     &p->stream, p->engine, dnnl_stream_default_flags),
		"start");
	describe_ours(p, s, n, out);
	make_descs(p, s);
	make_memories(p);
	return p;
}

void peer_free(struct peer *p)
{
	for (int op = 0; op < PEER_OPS; op++) {
		for (const struct use *u = uses[op]; u->argument; u++)
			dnnl_memory_destroy(p->memories[op][u->memory]);
		dnnl_primitive_destroy(p->ops[op]);
		dnnl_primitive_desc_destroy(p->descs[op]);
	}
	dnnl_stream_destroy(p->stream);
	dnnl_engine_destroy(p->engine);
	free(p);
}

static void reorder(struct peer *p, dnnl_memory_t from, dnnl_memory_t to)
{
	const dnnl_memory_desc_t *from_md, *to_md;
	const dnnl_exec_arg_t args[] = {
		{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
	dnnl_primitive_desc_t desc;
	dnnl_primitive_t primitive;

	dnnl_memory_get_memory_desc(from, &from_md);
	dnnl_memory_get_memory_desc(to, &to_md);
	must(dnnl_reorder_primitive_desc_create(
		     &desc, from_md, p->engine, to_md, p->engine, NULL),
		"plan a copy");
	must(dnnl_primitive_create(&primitive, desc), "make a copy");
	must(dnnl_primitive_execute(primitive, p->stream, 2, args), "copy");
	must(dnnl_stream_wait(p->stream), "wait");
	dnnl_primitive_destroy(primitive);
	dnnl_primitive_desc_destroy(desc);
}

static dnnl_memory_t wrap(struct peer *p, int memory, const float *data)
{
	dnnl_memory_t m;

	must(dnnl_memory_create(&m, &p->ours[memory], p->engine, (void *)data),
		"wrap a buffer");
	return m;
}

static void load(struct peer *p, int memory, const float *data)
{
	dnnl_memory_t from = wrap(p, memory, data);

	for (int op = 0; op < PEER_OPS; op++)
		if (p->memories[op][memory])
			reorder(p, from, p->memories[op][memory]);
	dnnl_memory_destroy(from);
}

void peer_load(struct peer *p, const float *x, const float *weights,
	const float *bias, const float *dy)
{
	load(p, X, x);
	load(p, WEIGHTS, weights);
	load(p, BIAS, bias);
	load(p, DY, dy);
}

void peer_run(struct peer *p, enum peer_op op)
{
	dnnl_exec_arg_t args[5];
	int n = 0;

	for (const struct use *u = uses[op]; u->argument; u++)
		args[n++] = (dnnl_exec_arg_t){
			u->argument, p->memories[op][u->memory]};
	must(dnnl_primitive_execute(p->ops[op], p->stream, n, args),
		"run a convolution");
	must(dnnl_stream_wait(p->stream), "wait");
}

void peer_read(struct peer *p, enum peer_op op, float *to)
{
	static const int written[PEER_OPS] = {Y, DWEIGHTS, DX};
	dnnl_memory_t m = wrap(p, written[op], to);

	reorder(p, p->memories[op][written[op]], m);
	dnnl_memory_destroy(m);
}
