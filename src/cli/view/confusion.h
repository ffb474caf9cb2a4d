/* confusion.h -- which class was taken for which, as a person reads it. */
#ifndef CLI_VIEW_CONFUSION_H
#define CLI_VIEW_CONFUSION_H

#include <stdint.h>
#include <stdio.h>

#include "data/dataset.h"

/* Up to this many classes are a matrix of counts; more are a line each, with
 * the class that it was most often taken for. */
#define CONFUSION_MATRIX_MAX 12

/* Prints (classes,classes) counts, by label and then by answer. */
void confusion_print(
	const uint64_t *counts, const struct dataset_info *d, FILE *out);

#endif
