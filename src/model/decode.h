/* decode.h -- from a genome to the network it describes. */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include <stdint.h>

#include "base/err.h"
#include "neat/flat.h"
#include "nn/optimizer.h"
#include "nn/spec.h"

struct model {
	struct spec spec; /* checked */
	struct spec_cost cost;
	enum optimizer_kind optimizer;
	double learning_rate;
	int batch;
};

/* Each convolution: conv, batch normalization, a 2x2 max pool while the map is
 * at least 4 pixels high and wide, and the activation.  Each hidden dense
 * layer: dense, activation, dropout.  Then dense to the classes. ERR_GENOME
 * when it cannot be built or its planned bytes pass `max_job_bytes`; the
 * sentence gives both numbers. */
int model_decode(const struct flat *g, int64_t max_job_bytes, struct model *out,
	struct err *e);

#endif
