/* plain.h -- the reference class: every kernel as the loops that define it, for
 * readers and to test the others by.  One number at a time, in no order of work
 * that matters. */
#ifndef NN_KERNELS_PLAIN_H
#define NN_KERNELS_PLAIN_H

#include "nn/kernels/activate.h"
#include "nn/kernels/average.h"
#include "nn/kernels/dense.h"
#include "nn/kernels/direct.h"
#include "nn/kernels/dropout.h"
#include "nn/kernels/join.h"
#include "nn/kernels/pool.h"

extern const struct direct_kernels direct_reference;
extern const struct dense_kernels dense_reference;
extern const struct activation_kernels activation_reference;
extern const struct pool_kernels pool_reference;
extern const struct average_kernels average_reference;
extern const struct join_kernels join_reference;
extern const struct dropout_kernels dropout_reference;

#endif
