/* class_names.h -- classes.txt: the name of each class, a line each. */
#ifndef DATA_CLASS_NAMES_H
#define DATA_CLASS_NAMES_H

#include "base/err.h"
#include "data/dataset_info.h"

/* Reads as many names as the set has classes.  ERR_INVALID, also for a name
 * that is empty, too long, or not printable UTF-8; ERR_WORLD. */
int class_names_read(const char *path, struct dataset_info *d, struct err *e);

#endif
