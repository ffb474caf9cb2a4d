/* confusion.h -- which class was taken for which, as a person reads it. */
#ifndef CLI_VIEW_CONFUSION_H
#define CLI_VIEW_CONFUSION_H

#include <stdint.h>
#include <stdio.h>

#include "data/dataset.h"

/* Up to this many classes are a matrix of counts; more are their figures. */
#define CONFUSION_MATRIX_MAX 12

/* Prints a line a class: how many images it has, its recall, precision and F1,
 * and what it was most often taken for; of two classes also sensitivity and
 * specificity, the second class being what is looked for. */
void confusion_figures_print(
	const uint64_t *counts, const struct dataset_info *d, FILE *out);

/* Prints (classes,classes) counts, by label and then by answer. */
void confusion_print(
	const uint64_t *counts, const struct dataset_info *d, FILE *out);

#endif
