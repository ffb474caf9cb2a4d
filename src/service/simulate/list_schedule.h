/* list_schedule.h -- when jobs would end that are handed out at no cost: each,
 * in the order given, to the slot that is free first (Graham 1966). */
#ifndef SERVICE_SIMULATE_LIST_SCHEDULE_H
#define SERVICE_SIMULATE_LIST_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

struct list_schedule;

/* No job on so many slots. */
struct list_schedule *list_schedule_new(size_t slots);

/* NULL allowed. */
void list_schedule_free(struct list_schedule *l);

/* Adds a job; false, and nothing is added, for one of that number already. */
int list_schedule_add(struct list_schedule *l, int64_t job, double seconds);

/* When the last one ends, in seconds from the start. */
double list_schedule_end(const struct list_schedule *l);

#endif
