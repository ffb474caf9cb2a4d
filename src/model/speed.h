/* speed.h -- how fast this machine trains, to turn CPU time into operations. */
#ifndef MODEL_SPEED_H
#define MODEL_SPEED_H

#include "nn/kernels/kernels.h"

/* Trains net1 of bench_net.h for a moment on this thread, on images of noise:
 * 10^9 operations, as work.h counts them, in a second of this thread's CPU
 * time. */
double speed_gflops(const struct kernels *k);

#endif
