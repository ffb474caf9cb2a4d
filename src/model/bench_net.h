/* bench_net.h -- the networks that measurements are made on, by name.
 *
 * They are small on purpose, as an evolved network is, and fixed, so that a
 * figure of one day can be compared with another's and with other tools':
 *   net1  conv 32 k3, ReLU, pool; conv 64 k3, batch normalization, ReLU, pool;
 *         dense 128, ReLU; dense 10.  Batch 64, images of 1x28x28.
 *   net2  conv 16 k3, ReLU, pool; conv 16 k3, ReLU, pool; dense 32, ReLU;
 *         dense 10.  Batch 16, images of 1x28x28.
 *   net3  conv 64 k5, ReLU, pool; twice conv 64 k3, ReLU, pool; dense 128,
 *         ReLU; dense 10.  Batch 128, images of 3x32x32.
 *   net4  three times conv k3, batch normalization, ReLU, pool, of 32, 64 and
 *         128 filters; dense 128, ReLU; dense 10.  Batch 64, images of 1x28x28.
 * The first three with Adam at a learning rate of 0.001, for speed; net4, which
 * a search has to beat, with AdamW at 0.003.  They have 10 classes.  For other
 * images and classes the layers are the same, but for a pool of maps that are
 * one pixel high or wide already, which is left out. */
#ifndef MODEL_BENCH_NET_H
#define MODEL_BENCH_NET_H

#include "base/err.h"
#include "model/decode.h"

/* Their names, in a sentence. */
#define BENCH_NETS "net1, net2, net3 and net4"

/* Fills in the network of that name, for such data, or for its own where `data`
 * is NULL.  ERR_NOT_FOUND, with the names there are, when there is none;
 * ERR_GENOME when it would be too large for such data. */
int bench_net(const char *name, const struct data_shape *data,
	struct model *out, struct err *e);

#endif
