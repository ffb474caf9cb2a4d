/* dataset_option.h -- what --dataset means: a name, or a folder or file. */
#ifndef CLI_OPTIONS_DATASET_OPTION_H
#define CLI_OPTIONS_DATASET_OPTION_H

#include <limits.h>

#include "base/err.h"

/* Writes what dataset_prepare takes: a name that is known, or that a set below
 * `data_dir` has been given; or the absolute path of the folder or file.  A
 * name comes before a folder of that name, which "./" tells from it.
 * ERR_NOT_FOUND when it is none of these, with what might have been meant, or a
 * path without a data set. */
int dataset_meant(const char *given, const char *data_dir, char out[PATH_MAX],
	struct err *e);

/* The same of --dataset, which its sentences begin with. */
int dataset_option(const char *given, const char *data_dir, char out[PATH_MAX],
	struct err *e);

#endif
