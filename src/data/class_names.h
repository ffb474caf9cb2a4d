/* class_names.h -- classes.txt: the name of each class, a line each. */
#ifndef DATA_CLASS_NAMES_H
#define DATA_CLASS_NAMES_H

#include "base/err.h"
#include "data/dataset_info.h"

struct class_names {
	size_t n;
	char (*names)[DATASET_NAME_BYTES];
};

/* Reads folder/file, a file of names: UTF-8, with or without a byte order mark;
 * blanks around a name and empty lines at the end do not count.  ERR_INVALID
 * for a file without names or with too many, for a name that is empty, too
 * long, or not printable, and for what is no regular file of the folder;
 * ERR_WORLD. */
int class_names_read(const char *folder, const char *file,
	struct class_names *out, struct err *e);

/* A copy of n names. */
void class_names_copy(const char (*names)[DATASET_NAME_BYTES], size_t n,
	struct class_names *out);

/* Frees the names. */
void class_names_release(struct class_names *c);

/* True if the bytes are what a class may be called. */
int class_name_is_fit(const char *name, size_t n);

#endif
