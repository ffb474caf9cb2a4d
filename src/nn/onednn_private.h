/* onednn_private.h -- what onednn.c shares with onednn_conv.c. */
#ifndef NN_ONEDNN_PRIVATE_H
#define NN_ONEDNN_PRIVATE_H

#include <oneapi/dnnl/dnnl.h>

#include "nn/onednn.h"

struct onednn {
	dnnl_engine_t engine;
	dnnl_stream_t stream;
	dnnl_primitive_attr_t attr; /* scratch memory is ours */
	size_t scratch_bytes;       /* the most that a primitive wants */
	float *scratch;
};

#define ONEDNN_ARGS_MAX 4

/* A primitive with its arguments, ready to run. */
struct onednn_job {
	dnnl_primitive_t primitive;                /* NULL: nothing to do */
	dnnl_memory_t memory[ONEDNN_ARGS_MAX + 1]; /* last: scratch, or NULL */
	int arg[ONEDNN_ARGS_MAX];
	int n;
};

/* Makes a primitive and notes the scratch memory that it wants. */
dnnl_status_t onednn_job_init(
	struct onednn_job *j, struct onednn *d, const_dnnl_primitive_desc_t pd);
void onednn_job_release(struct onednn_job *j);

/* Adds an argument of this layout; its address is given to each run. */
dnnl_status_t onednn_job_add(struct onednn_job *j, struct onednn *d, int arg,
	const dnnl_memory_desc_t *md);

/* Runs with the arguments at these addresses, in the order of adding. */
void onednn_job_run(
	struct onednn_job *j, struct onednn *d, void *const address[]);

/* A primitive that copies from one layout to another (arguments: from, to). */
dnnl_status_t onednn_reorder(struct onednn_job *j, struct onednn *d,
	const dnnl_memory_desc_t *from, const dnnl_memory_desc_t *to);

#endif
