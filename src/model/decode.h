/* decode.h -- from a genome to the network it describes. */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include <stdint.h>

#include "base/err.h"
#include "neat/data_shape.h"
#include "neat/genome.h"
#include "base/optimizer_kind.h"
#include "nn/spec.h"

struct model {
	struct spec spec; /* checked */
	struct spec_cost cost;
	enum optimizer_kind optimizer;
	double learning_rate;
	int batch;
};

/* The network of a layer genome that passed genome_check, for such data, as
 * build.h says.
 * ERR_GENOME when it cannot be built or its planned bytes pass
 * `max_job_bytes`; the sentence gives both numbers. */
int model_decode(const struct genome *g, const struct data_shape *data,
	int64_t max_job_bytes, struct model *out, struct err *e);

/* 0 if training it, with averages of its weights or without, takes at most
 * `max_job_bytes`; else ERR_GENOME as above. */
int model_fits(const struct model *m, int averaged, int64_t max_job_bytes,
	struct err *e);

#endif
