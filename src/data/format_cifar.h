/* format_cifar.h -- the binary version of CIFAR-10 and CIFAR-100.
 * www.cs.toronto.edu/~kriz/cifar.html: records of one label, or of a coarse and
 * a fine one, and 3x32x32 bytes. */
#ifndef DATA_FORMAT_CIFAR_H
#define DATA_FORMAT_CIFAR_H

#include "data/dataset_format.h"

extern const struct dataset_format format_cifar;

#endif
