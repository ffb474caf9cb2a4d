/* cost.c -- a genome's network, built and counted. */
#include "model/cost.h"

#include "model/build.h"
#include "model/work.h"
#include "neat/layer.h"

int model_cost(const struct genome *g, const struct data_shape *data,
	struct network_cost *out, struct err *e)
{
	struct spec_cost cost;
	struct spec spec;
	int rc = build_spec(g, data, &spec, NULL, e);

	if (rc)
		return rc;
	spec_cost(&spec, 1, &cost);
	*out = (struct network_cost){.parameters = cost.parameters,
		.forward_flops = cost.forward_flops,
		.weight_bytes = cost.weights <= INT64_MAX / 4 ? cost.weights * 4
							      : INT64_MAX,
		.work = work_train(
			&spec, &cost, (int)layer_hyper(g, HYPER_BATCH_SIZE))};
	return 0;
}

int model_admits(const struct genome *g, const struct data_shape *data,
	const struct limits *l, struct err *e)
{
	struct network_cost cost;

	return model_cost(g, data, &cost, e) == 0 &&
	       limits_check(l, &cost, e) == 0;
}
