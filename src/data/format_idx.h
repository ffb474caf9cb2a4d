/* format_idx.h -- MNIST and its kin: four IDX files, plain or .gz. */
#ifndef DATA_FORMAT_IDX_H
#define DATA_FORMAT_IDX_H

#include "data/dataset_format.h"

extern const struct dataset_format format_idx;

#endif
