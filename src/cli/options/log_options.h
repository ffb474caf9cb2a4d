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

/* The same of options that could not all be read, by those that were; text for
 * a subcommand that has no log. */
enum log_format log_options_so_far(const struct options *o);

/* As command_fail, by a line of that service's log where it is JSON. */
int log_options_fail(
	const struct options *o, const char *service, const struct err *e);

#endif
