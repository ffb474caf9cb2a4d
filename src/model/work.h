/* work.h -- what training takes, from shapes alone.
 *
 * Multiply-adds alone are a poor clock: of networks as small as these, some
 * spend most of their time on moving values through memory, on exponentials, or
 * on the steps of the optimizer.  So a value that is normalized, activated,
 * pooled or joined counts as well, and so does a parameter that a step changes,
 * each as many operations as it was measured to be worth (`bench/work.py`).
 * The unit is an operation: half a multiply-add. */
#ifndef MODEL_WORK_H
#define MODEL_WORK_H

#include "nn/spec.h"

/* Operations to train a checked network, whose cost is `c`, on one image of a
 * batch of so many. */
double work_train(const struct spec *s, const struct spec_cost *c, int batch);

/* Operations to judge one. */
double work_judge(const struct spec *s, const struct spec_cost *c);

#endif
