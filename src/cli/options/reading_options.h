/* reading_options.h -- how a data set's files are to be understood, from the
 * command line of a subcommand that has the options of reading_fields. */
#ifndef CLI_OPTIONS_READING_OPTIONS_H
#define CLI_OPTIONS_READING_OPTIONS_H

#include "base/err.h"
#include "cli/options/options.h"
#include "data/reading.h"

/* ERR_INVALID, ERR_RANGE: the sentence names the option. */
int reading_options(
	const struct options *o, struct reading *out, struct err *e);

#endif
