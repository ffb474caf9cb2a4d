/* member_info.h -- what a worker says of itself: the document of GET
 * /v1/info. */
#ifndef DISPATCH_MEMBER_INFO_H
#define DISPATCH_MEMBER_INFO_H

#include <jansson.h>

#include "dispatch/dispatch.h"

/* Takes over slots, kernels, speeds, version and CPU.  ERR_INVALID, ERR_RANGE;
 * ERR_CONFLICT: its version does not fit.  On failure `out` is as it was. */
int member_info_read(
	const json_t *info, struct dispatch_worker *out, struct err *e);

#endif
