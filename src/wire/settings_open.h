/* settings_open.h -- which settings the plan of a budget is still to fill in.
 */
#ifndef WIRE_SETTINGS_OPEN_H
#define WIRE_SETTINGS_OPEN_H

#include <jansson.h>
#include <stddef.h>

#include "base/field.h"

/* What a request leaves to the plan of its budget; bits. */
enum settings_open {
	OPEN_POPULATION = 1 << 0,
	OPEN_GENERATIONS = 1 << 1,
	OPEN_TRAIN_LIMIT = 1 << 2,
	OPEN_RUNGS = 1 << 3,
	OPEN_FINALISTS = 1 << 4,
	OPEN_FINAL_EPOCHS = 1 << 5,
	OPEN_SEARCH_SHARE = 1 << 6,
	OPEN_RANK_BY = 1 << 7,
	OPEN_FINAL_RATE_LIMIT = 1 << 8,
};

/* The key of setting i of those, by their bits; NULL beyond the last. */
const char *settings_planned(size_t i);

/* Those that the body of a request does not give. */
unsigned settings_open_in(const json_t *v);

/* An unsigned as a list of their keys, which is left out where it is empty. */
extern const struct field_codec settings_open_codec;

#endif
