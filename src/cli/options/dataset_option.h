/* dataset_option.h -- what --dataset means: a known name, or a folder. */
#ifndef CLI_OPTIONS_DATASET_OPTION_H
#define CLI_OPTIONS_DATASET_OPTION_H

#include <limits.h>

#include "base/err.h"

/* Writes what dataset_prepare takes: the name, or the folder's absolute path.
 * ERR_NOT_FOUND when it is neither, with what might have been meant, or a
 * folder without a data set. */
int dataset_option(const char *given, char out[PATH_MAX], struct err *e);

#endif
