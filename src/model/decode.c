/* decode.c -- a genome's network and training, judged by its shapes. */
#include "model/decode.h"

#include "model/build.h"
#include "neat/layer.h"

#define MIB ((int64_t)1 << 20)

int model_fits(const struct model *m, int averaged, int64_t max_job_bytes,
	struct err *e)
{
	const int64_t more = averaged ? m->cost.average_bytes : 0;
	int64_t bytes;

	if (__builtin_add_overflow(m->cost.train_bytes, more, &bytes))
		bytes = INT64_MAX;
	if (bytes <= max_job_bytes)
		return 0;
	return err_genome(e, "memory",
		"training it takes %lld MB but a job may take %lld MB",
		(long long)(bytes / MIB + (bytes % MIB != 0)),
		(long long)(max_job_bytes / MIB));
}

int model_decode(const struct genome *g, const struct data_shape *data,
	int64_t max_job_bytes, struct model *out, struct err *e)
{
	struct model m = {
		.optimizer = (enum optimizer_kind)layer_hyper(
			g, HYPER_OPTIMIZER),
		.learning_rate = layer_hyper(g, HYPER_LEARNING_RATE),
		.batch = (int)layer_hyper(g, HYPER_BATCH_SIZE),
	};
	int rc = build_spec(g, data, &m.spec, NULL, e);

	if (rc)
		return rc;
	spec_cost(&m.spec, m.batch, &m.cost);
	if (model_fits(&m, 0, max_job_bytes, e))
		return ERR_GENOME;
	*out = m;
	return 0;
}
