/* fork.h -- which generation of which run another one goes on from. */
#ifndef WIRE_FORK_H
#define WIRE_FORK_H

#include <stdint.h>

#include "base/field.h"
#include "base/uuid.h"

struct fork {
	char run[UUID_TEXT_BYTES]; /* as it was given, in any letter case */
	int has_generation;
	int64_t generation; /* without one the latest that is complete */
};

/* A member a field. */
extern const struct fields fork_fields;

#endif
