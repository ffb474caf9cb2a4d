/* sim_place.h -- a folder for one simulation: a token, and a data set that is
 * as small as one may be. */
#ifndef CLI_UP_SIM_PLACE_H
#define CLI_UP_SIM_PLACE_H

#include <limits.h>

#include "base/err.h"

#define SIM_TOKEN_BYTES 65

struct sim_place {
	char folder[PATH_MAX / 2], token_file[PATH_MAX], dataset[PATH_MAX];
	char token[SIM_TOKEN_BYTES];
};

/* Makes it below $TMPDIR or /tmp.  ERR_WORLD; then nothing is left of it. */
int sim_place_make(struct sim_place *p, struct err *e);

/* Removes it with all that is in it. */
void sim_place_remove(const struct sim_place *p);

#endif
