/* decode.c -- a genome's network and training, judged by its shapes. */
#include "model/decode.h"

#include "model/build.h"
#include "neat/layer.h"

#define MIB ((int64_t)1 << 20)

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
	if (m.cost.train_bytes > max_job_bytes)
		return err_genome(e, "memory",
			"training it takes %lld MB but a job may take %lld MB",
			(long long)(m.cost.train_bytes / MIB +
				    (m.cost.train_bytes % MIB != 0)),
			(long long)(max_job_bytes / MIB));
	*out = m;
	return 0;
}
