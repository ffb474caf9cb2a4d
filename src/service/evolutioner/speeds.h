/* speeds.h -- what a slot's second of CPU time is worth, measured once. */
#ifndef SERVICE_EVOLUTIONER_SPEEDS_H
#define SERVICE_EVOLUTIONER_SPEEDS_H

#include <jansson.h>

struct speeds;

/* Starts to measure, beside whatever else is done, with `slots` threads at
 * work, since they share caches and cores. */
struct speeds *speeds_start(int slots);

/* Waits for the end.  NULL allowed. */
void speeds_free(struct speeds *s);

/* As speed.h has it, for each class of kernels_available, the mean of the
 * threads; 0 for those not measured yet.  A new reference; of NULL, an empty
 * list. */
json_t *speeds_list(struct speeds *s);

#endif
