/* judgement.c -- room for what is found, and figures made of it. */
#include "model/judgement.h"

#include <stdlib.h>

#include "base/arena.h"

#define MIB ((int64_t)1 << 20)

/* Of all images, and of ranking them. */
static int64_t probability_bytes(const struct judgement_asked *a)
{
	return 8 * (int64_t)a->n * ((int64_t)a->classes + 4);
}

static int check_room(const struct judgement_asked *a, struct err *e)
{
	if (a->classes > JUDGEMENT_CONFUSION_MAX && metric_counts(a->metric) &&
		a->metric != METRIC_ACCURACY)
		return err_set(e, ERR_RANGE,
			"\"%s\" is told of at most %d classes; the data set "
			"has %d",
			metric_name((int)a->metric), JUDGEMENT_CONFUSION_MAX,
			a->classes);
	if (a->metric != METRIC_AUROC || probability_bytes(a) <= a->max_bytes)
		return 0;
	return err_set(e, ERR_RANGE,
		"the area under the ROC curve takes %lld MB for %zu images in "
		"%d classes; \"max_job_mb\" is %lld",
		(long long)(probability_bytes(a) / MIB), a->n, a->classes,
		(long long)(a->max_bytes / MIB));
}

/* A curve that is no fitness is left out where there is no room. */
static int wants_probabilities(const struct judgement_asked *a)
{
	return a->metric == METRIC_AUROC ||
	       (a->final && a->classes == 2 &&
		       probability_bytes(a) <= a->max_bytes);
}

int judgement_begin(
	struct judgement *j, const struct judgement_asked *asked, struct err *e)
{
	const size_t classes = (size_t)asked->classes;

	*j = (struct judgement){.classes = asked->classes,
		.n = asked->n,
		.final = asked->final,
		.auroc = -1};
	if (check_room(asked, e))
		return ERR_RANGE;
	if (wants_probabilities(asked)) {
		j->log_probability = xcalloc(
			asked->n * classes, sizeof *j->log_probability);
		j->labels = xcalloc(asked->n, sizeof *j->labels);
	}
	if (asked->classes <= JUDGEMENT_CONFUSION_MAX)
		j->confusion = xcalloc(classes * classes, sizeof *j->confusion);
	return 0;
}

struct evaluation judgement_evaluation(struct judgement *j)
{
	return (struct evaluation){.confusion = j->confusion,
		.loss = &j->loss,
		.log_probability = j->log_probability,
		.labels = j->labels,
		.mistakes = j->final ? &j->mistakes : NULL};
}

static double fitness(const struct judgement *j, enum metric m, size_t correct)
{
	switch (m) {
	case METRIC_ACCURACY: return (double)correct / (double)j->n;
	case METRIC_AUROC: return j->auroc;
	case METRIC_LOG_LOSS: return metric_of_loss(j->loss);
	default: return metric_of_counts(m, j->confusion, j->classes);
	}
}

void judgement_end(struct judgement *j, const struct judgement_asked *asked,
	size_t correct)
{
	if (j->log_probability)
		j->auroc = metric_auroc(
			j->log_probability, j->labels, j->n, j->classes);
	if (j->log_probability && asked->final && j->classes == 2)
		j->n_roc = metric_roc(
			j->log_probability, j->labels, j->n, j->roc);
	j->fitness = fitness(j, asked->metric, correct);
	free(j->log_probability);
	free(j->labels);
	j->log_probability = NULL;
	j->labels = NULL;
}

void judgement_release(struct judgement *j)
{
	free(j->confusion);
	free(j->log_probability);
	free(j->labels);
	*j = (struct judgement){.classes = 0};
}
