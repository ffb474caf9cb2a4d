/* fma_peak.h -- what this core could do at best: the yardstick of a kernel. */
#ifndef NN_FMA_PEAK_H
#define NN_FMA_PEAK_H

#include "nn/kernels/kernels.h"

/* Measures the rate of independent multiply-adds with the instructions of a
 * kernel class, in GFLOP/s: the best of several runs of this thread, by CPU
 * time, 0.1 s in all.  Cores change their clock: measure next to what is to be
 * compared. */
double fma_peak_gflop_per_s(const struct kernels *kernels);

#endif
