/* run_options.h -- from --population and its like to the settings of a run. */
#ifndef CLI_OPTIONS_RUN_OPTIONS_H
#define CLI_OPTIONS_RUN_OPTIONS_H

#include <jansson.h>

#include "base/err.h"
#include "cli/options/options.h"

/* --seed-genome and --fork: the options that are no fields by themselves. */
extern const struct option run_options_genomes[];

/* The body of POST /v1/runs with what was given of settings_fields and nothing
 * else, and of run_options_genomes, which the group must have, so that the
 * broker's defaults hold; a new reference.  A data set that is a folder becomes
 * an absolute path.  Whether the settings of a fork go together is left to the
 * broker, and so is which run is forked: its "run" is as it was given, to be
 * found by broker_pick_run.  NULL with ERR_NOT_FOUND (no such folder),
 * ERR_INVALID (no fork), or what genome_file_read or settings_read say. */
json_t *run_options_settings(const struct options *o, struct err *e);

#endif
