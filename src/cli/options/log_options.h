/* log_options.h -- how a service's log is written. */
#ifndef CLI_OPTIONS_LOG_OPTIONS_H
#define CLI_OPTIONS_LOG_OPTIONS_H

#include "base/err.h"
#include "base/log.h"
#include "cli/options/options.h"

/* Of a struct log: its format. */
extern const struct fields log_fields;

/* ERR_INVALID, ERR_RANGE: the sentence names the option. */
int log_options(const struct options *o, enum log_format *out, struct err *e);

#endif
