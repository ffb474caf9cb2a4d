/* dataset_text.h -- a data set as a person reads it: shape, parts, and how its
 * classes are balanced. */
#ifndef CLI_VIEW_DATASET_TEXT_H
#define CLI_VIEW_DATASET_TEXT_H

#include <stdio.h>

#include <jansson.h>

#include "data/dataset.h"

#define DATASET_SHAPE_BYTES 48

/* "1x28x28 uint8", channels first. */
void dataset_shape_text(
	const struct dataset_info *d, char out[DATASET_SHAPE_BYTES]);

/* Prints what the set is, and each class with its images by part; of many
 * classes the largest and the smallest. */
void dataset_text(const char *name, const struct dataset *d, FILE *out);

/* The same for a program, every class included: a new reference. */
json_t *dataset_json(const char *name, const struct dataset *d);

#endif
