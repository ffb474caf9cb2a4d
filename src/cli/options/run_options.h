/* run_options.h -- from --population and its like to the settings of a run. */
#ifndef CLI_OPTIONS_RUN_OPTIONS_H
#define CLI_OPTIONS_RUN_OPTIONS_H

#include <jansson.h>

#include "base/err.h"
#include "cli/options/options.h"

/* The body of POST /v1/runs with what was given and nothing else, so that the
 * broker's defaults hold; a new reference.  A data set that is a folder
 * becomes an absolute path.  NULL with ERR_NOT_FOUND (no such folder) or what
 * settings_read says of the settings. */
json_t *run_options_settings(const struct options *o, struct err *e);

/* Writes the broker's default for an option of options_run; false where there
 * is none.  For --help. */
int run_options_default(const struct option *p, char *out, size_t size);

#endif
