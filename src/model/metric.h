/* metric.h -- how well a network does, as one number in [0, 1]: what a run's
 * fitness is, and what is told of each class beside it. */
#ifndef MODEL_METRIC_H
#define MODEL_METRIC_H

#include <stddef.h>
#include <stdint.h>

enum metric {
	METRIC_ACCURACY,          /* images answered rightly, of all */
	METRIC_BALANCED_ACCURACY, /* the mean of the classes' recalls */
	METRIC_F1_MACRO,          /* the mean of the classes' F1 */
	METRIC_AUROC,    /* area under the ROC curve; of more than two classes
			  * the mean of each against the rest */
	METRIC_LOG_LOSS, /* e to the power of -(mean cross-entropy) */
	METRICS
};

/* "accuracy", "balanced_accuracy", ...; NULL beyond the last. */
const char *metric_name(int i);

/* True if it is made of the confusion matrix alone. */
int metric_counts(enum metric m);

/* Of one class.  What would be a division by 0 is 0. */
struct class_figures {
	uint64_t images;    /* of the class */
	uint64_t answers;   /* that are the class */
	uint64_t right;     /* images of it that are so answered */
	double recall;      /* right / images: also its sensitivity */
	double precision;   /* right / answers */
	double f1;          /* their harmonic mean */
	double specificity; /* other images that are not so answered, of all
			     * others */
};
/* Those of `class` among the counts (classes,classes), by label and then by
 * answer; goes through all of them. */
struct class_figures metric_class(
	const uint64_t *confusion, int classes, int class);

/* A metric that metric_counts.  Classes that are no image's and no answer do
 * not enter, and those without images not in the balanced accuracy. */
double metric_of_counts(enum metric m, const uint64_t *confusion, int classes);

/* The area under the ROC curve, by ranks (Mann & Whitney, 1947), from log
 * probabilities (n,classes): of two images with the same the later one counts
 * as the likelier, so that it is the same everywhere.  Classes that all or no
 * images have do not enter; 0 where none is left. */
double metric_auroc(const double *log_probability, const int32_t *labels,
	size_t n, int classes);

/* e to the power of -loss, as fmath_exp has it: the same bits everywhere. */
double metric_of_loss(double loss);

/* The ROC curve of two classes, the second being what is looked for: from (0,0)
 * to (1,1), at most METRIC_ROC_MAX points. */
#define METRIC_ROC_MAX 102
struct roc_point {
	double false_positive_rate, true_positive_rate;
};
/* Returns the number of points; 0 where a class has no image. */
size_t metric_roc(const double *log_probability, const int32_t *labels,
	size_t n, struct roc_point out[METRIC_ROC_MAX]);

#endif
