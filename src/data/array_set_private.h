/* array_set_private.h -- a data set of arrays that is being read: what a look
 * at it has found, for the pass that hands over its samples. */
#ifndef DATA_ARRAY_SET_PRIVATE_H
#define DATA_ARRAY_SET_PRIVATE_H

#include "data/array_layout.h"
#include "data/array_set.h"
#include "data/label_map.h"
#include "data/label_table.h"
#include "data/seal.h"

struct array_part {
	int there;
	struct array_layout layout;
	enum element type;
	struct label_table labels;
};

struct array_set {
	const struct array_files *files;
	const struct reading *how;
	const struct dataset_sink *to;
	struct array_part parts[DATASET_PARTS];
	struct label_map labels;
	struct seal *seal; /* where test is taken out of train; else NULL */
	struct dataset_info info;
	size_t have[DATASET_PARTS];
	char (*names)[DATASET_NAME_BYTES]; /* of classes that are mapped */
};

/* Hands over the samples of the part `to`, which are in the arrays of `from`,
 * but for those that are there already.  ERR_INVALID, also when the files have
 * changed since the look; ERR_WORLD. */
int array_set_copy(struct array_set *s, enum dataset_part from,
	enum dataset_part to, struct err *e);

#endif
