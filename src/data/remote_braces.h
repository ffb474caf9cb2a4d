/* remote_braces.h -- {a,b} and {000..123} in a name stand for several names. */
#ifndef DATA_REMOTE_BRACES_H
#define DATA_REMOTE_BRACES_H

#include <stddef.h>

#include "base/err.h"

/* Calls `each` with every text that `pattern` stands for, the last braces
 * changing fastest, until it returns an error; one without braces is itself.
 * ERR_INVALID for braces that are not closed or hold neither; ERR_RANGE for
 * more than `most` texts. */
int remote_braces(const char *pattern, size_t most,
	int (*each)(void *ctx, const char *text, struct err *e), void *ctx,
	struct err *e);

#endif
