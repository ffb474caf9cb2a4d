/* judgement.h -- what the images that judge a network say of it. */
#ifndef MODEL_JUDGEMENT_H
#define MODEL_JUDGEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/metric.h"
#include "nn/train.h"

/* Of more classes no matrix is kept: its room grows with their square. */
#define JUDGEMENT_CONFUSION_MAX 2048

struct judgement {
	int classes;
	size_t n;            /* images that judge */
	uint64_t *confusion; /* (classes,classes), by label and then answer, or
			      * NULL */
	double loss;         /* mean cross-entropy */

	double fitness; /* by the metric; judgement_end fills in this ... */
	double auroc;   /* ... and these: -1 and 0 points where they were not
			 * asked for */
	size_t n_roc;
	struct roc_point roc[METRIC_ROC_MAX];
	struct mistakes mistakes; /* of a final judgement, else none */
	int final;

	/* (n,classes) and (n), while there is need of them; else NULL. */
	double *log_probability;
	int32_t *labels;
};

/* What is to be known. */
struct judgement_asked {
	enum metric metric;
	int final; /* the worst mistakes too, and the ROC curve of two
		    * classes */
	size_t n;
	int classes;
	int64_t max_bytes; /* for probabilities */
};

/* Makes room for what is asked.  ERR_RANGE if probabilities take more than
 * max_bytes, or if the metric is made of counts of too many classes.  The
 * caller ends with judgement_release. */
int judgement_begin(struct judgement *j, const struct judgement_asked *asked,
	struct err *e);

/* Where an evaluation of the images leaves what it finds, once. */
struct evaluation judgement_evaluation(struct judgement *j);

/* After that, of which `correct` were right: the figures. */
void judgement_end(struct judgement *j, const struct judgement_asked *asked,
	size_t correct);

/* Frees what it owns; one of zeros is allowed. */
void judgement_release(struct judgement *j);

#endif
