/* format_npz.h -- NumPy's archive of arrays, as MedMNIST's and Keras's sets
 * come. */
#ifndef DATA_FORMAT_NPZ_H
#define DATA_FORMAT_NPZ_H

#include "data/dataset_format.h"

extern const struct dataset_format format_npz;

#endif
