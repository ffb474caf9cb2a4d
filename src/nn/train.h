/* train.h -- epochs over a batch source, and accuracy on another. */
#ifndef NN_TRAIN_H
#define NN_TRAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/batch.h"
#include "base/err.h"
#include "nn/mistakes.h"
#include "nn/net.h"

#define TRAIN_EPOCHS_MAX 1000
#define TRAIN_BATCH_MAX 4096

struct epoch {
	double loss;           /* mean over the epoch's training images */
	double train_accuracy; /* fraction, while training */
	double val_accuracy;   /* fraction; 0 without a validation source */
};

/* What is told of a source's images beside how many are answered rightly; each
 * may be NULL.  An image whose logits are NaN has no answer. */
struct evaluation {
	uint64_t *confusion; /* (classes,classes): one more for each image, at
			      * [label * classes + answer] */
	double *loss; /* the mean cross-entropy, without smoothing or weights,
		       * summed in the source's order, whatever the batch */
	double *log_probability;   /* (count,classes) */
	int32_t *labels;           /* (count) */
	struct mistakes *mistakes; /* starts as an empty list */
};

struct train_options {
	const struct kernels *kernels;
	const struct spec *spec; /* checked */
	int batch; /* 1..TRAIN_BATCH_MAX; the last of an epoch is short */
	enum optimizer_kind optimizer;
	double learning_rate; /* the schedule's highest */
	struct recipe recipe;
	int epochs;   /* 1..TRAIN_EPOCHS_MAX */
	int64_t seed; /* initial values, order, dropout */
	const struct batch_source *train;
	const struct batch_source *validation; /* may be NULL */

	/* Called once with the net as it was drawn, to give it other values
	 * to start from; 0, or an error that ends training.  May be NULL. */
	int (*start)(void *ctx, struct net *n, struct err *e);
	void *start_ctx;

	const float *class_weights; /* (classes), as in loss.h, or NULL */

	/* Of the validation source's images after the last epoch; its `loss`
	 * is not used, as the result has it. */
	struct evaluation evaluation;

	/* Called now and then with the images trained so far; a value other
	 * than 0 ends training with ERR_CANCELLED.  May be NULL. */
	int (*progress)(void *ctx, int64_t images);
	/* Called after epoch number `i`, from 0.  May be NULL. */
	void (*epoch_done)(void *ctx, int i, const struct epoch *epoch);
	void *progress_ctx; /* of both */
};

struct train_result {
	struct epoch epochs[TRAIN_EPOCHS_MAX];
	int n_epochs;
	size_t correct, total; /* validation after the last epoch */
	double loss;           /* likewise: the mean; it may be no finite
				* number */
	int64_t images;        /* trained */
};

/* Trains a new net.  Returns the net as the recipe has it judged (averaged
 * weights, mirrored views), the caller's to free, or NULL with
 * ERR_GENOME (it diverged: the loss or a parameter is not finite; or it cannot
 * be built), ERR_RANGE (options or sources that do not fit), ERR_CANCELLED,
 * ERR_WORLD or what o->start says. */
struct net *train(const struct train_options *o, struct train_result *result,
	struct err *e);

/* Counts the source's images that the net classifies rightly, `batch` (at most
 * the net's) at a time, and tells what is asked of them. */
size_t train_evaluate(struct net *n, const struct batch_source *source,
	int batch, const struct evaluation *asked);

#endif
