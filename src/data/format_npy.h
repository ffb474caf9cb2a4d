/* format_npy.h -- a folder of NPY files, a pair of images and labels a part. */
#ifndef DATA_FORMAT_NPY_H
#define DATA_FORMAT_NPY_H

#include "data/dataset_format.h"

extern const struct dataset_format format_npy;

#endif
