/* onednn.c -- engine, scratch memory, primitives as jobs, matrix product. */
#include "nn/onednn_private.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"

struct onednn *onednn_new(struct err *e)
{
	struct onednn *d = xcalloc(1, sizeof *d);

	if (dnnl_engine_create(&d->engine, dnnl_cpu, 0) == dnnl_success &&
		dnnl_stream_create(&d->stream, d->engine,
			dnnl_stream_default_flags) == dnnl_success &&
		dnnl_primitive_attr_create(&d->attr) == dnnl_success &&
		dnnl_primitive_attr_set_scratchpad_mode(
			d->attr, dnnl_scratchpad_mode_user) == dnnl_success)
		return d;
	onednn_free(d);
	err_set(e, ERR_WORLD, "oneDNN does not start on this machine");
	return NULL;
}

void onednn_free(struct onednn *d)
{
	if (!d)
		return;
	dnnl_primitive_attr_destroy(d->attr);
	dnnl_stream_destroy(d->stream);
	dnnl_engine_destroy(d->engine);
	free(d);
}

int onednn_take_scratch(struct onednn *d, struct mem *mem, struct err *e)
{
	if (d->scratch_bytes == 0)
		return 0;
	return mem_floats(mem, &d->scratch,
		(d->scratch_bytes + sizeof(float) - 1) / sizeof(float), e);
}

int onednn_cap(enum onednn_isa isa, struct err *e)
{
	static const dnnl_cpu_isa_t caps[] = {
		[ONEDNN_SSE41] = dnnl_cpu_isa_sse41,
		[ONEDNN_AVX2] = dnnl_cpu_isa_avx2,
		[ONEDNN_AVX512] = dnnl_cpu_isa_avx512_core,
	};

	if (dnnl_set_max_cpu_isa(caps[isa]) == dnnl_success)
		return 0;
	return err_set(e, ERR_WORLD,
		"oneDNN cannot be held to an instruction set any more: it "
		"has been used already");
}

void onednn_gemm(const struct gemm *g)
{
	dnnl_dim_t m = (dnnl_dim_t)g->m, n = (dnnl_dim_t)g->n,
		   k = (dnnl_dim_t)g->k;
	dnnl_status_t status = dnnl_sgemm(g->transpose_a ? 'T' : 'N',
		g->transpose_b ? 'T' : 'N', m, n, k, 1.0f, g->a,
		g->transpose_a ? m : k, g->b, g->transpose_b ? k : n, g->beta,
		g->c, n);

	/* Refuses wrong sizes only, which would be our bug. */
	assert(status == dnnl_success);
	(void)status;
}

dnnl_status_t onednn_job_init(
	struct onednn_job *j, struct onednn *d, const_dnnl_primitive_desc_t pd)
{
	const dnnl_memory_desc_t *scratch = dnnl_primitive_desc_query_md(
		pd, dnnl_query_scratchpad_md, 0);
	size_t bytes = scratch ? dnnl_memory_desc_get_size(scratch) : 0;
	dnnl_status_t status = dnnl_primitive_create(&j->primitive, pd);

	if (status != dnnl_success || bytes == 0)
		return status;
	if (bytes > d->scratch_bytes)
		d->scratch_bytes = bytes;
	return dnnl_memory_create(&j->memory[ONEDNN_ARGS_MAX], scratch,
		d->engine, DNNL_MEMORY_NONE);
}

void onednn_job_release(struct onednn_job *j)
{
	for (int i = 0; i <= ONEDNN_ARGS_MAX; i++)
		dnnl_memory_destroy(j->memory[i]);
	dnnl_primitive_destroy(j->primitive);
}

dnnl_status_t onednn_job_add(struct onednn_job *j, struct onednn *d, int arg,
	const dnnl_memory_desc_t *md)
{
	assert(j->n < ONEDNN_ARGS_MAX);
	j->arg[j->n] = arg;
	return dnnl_memory_create(
		&j->memory[j->n++], md, d->engine, DNNL_MEMORY_NONE);
}

/* Running cannot fail once the primitive and its arguments exist, short of the
 * machine's memory running out; a training child then dies and the job is
 * given to another. */
static void must(dnnl_status_t status)
{
	if (status != dnnl_success)
		abort();
}

void onednn_job_run(
	struct onednn_job *j, struct onednn *d, void *const address[])
{
	dnnl_exec_arg_t args[ONEDNN_ARGS_MAX + 1];
	dnnl_memory_t scratch = j->memory[ONEDNN_ARGS_MAX];
	int n = j->n;

	for (int i = 0; i < n; i++) {
		must(dnnl_memory_set_data_handle(j->memory[i], address[i]));
		args[i] = (dnnl_exec_arg_t){j->arg[i], j->memory[i]};
	}
	if (scratch) {
		must(dnnl_memory_set_data_handle(scratch, d->scratch));
		args[n++] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, scratch};
	}
	must(dnnl_primitive_execute(j->primitive, d->stream, n, args));
}

dnnl_status_t onednn_reorder(struct onednn_job *j, struct onednn *d,
	const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to)
{
	dnnl_primitive_desc_t pd;
	dnnl_status_t status = dnnl_reorder_primitive_desc_create(
		&pd, from, d->engine, to, d->engine, d->attr);

	if (status != dnnl_success)
		return status;
	status = onednn_job_init(j, d, pd);
	if (status == dnnl_success)
		status = onednn_job_add(j, d, DNNL_ARG_FROM, from);
	if (status == dnnl_success)
		status = onednn_job_add(j, d, DNNL_ARG_TO, to);
	dnnl_primitive_desc_destroy(pd);
	return status;
}
