/* reading.h -- how a data set's files are to be understood, where they do not
 * say it themselves.
 *
 * It decides which samples there are, so it needs no place in a run's digest:
 * the data set's hash is there. */
#ifndef DATA_READING_H
#define DATA_READING_H

#include "base/err.h"
#include "base/field.h"
#include "base/hash.h"

/* The dimensions of an array of images, slowest first. */
enum reading_layout {
	READING_AUTO, /* by their number, and by which has 1 to 3 channels */
	READING_NHW,
	READING_NHWC,
	READING_NCHW,
	READING_NCL, /* signals: images of height 1 */
	READING_LAYOUTS
};

#define READING_RESIZE_BYTES 10 /* "1024x1024" */

/* A struct of zeros leaves all to the files. */
struct reading {
	int layout;
	int transpose; /* swap rows and columns of every image */
	int label_column;
	int has_label_column;
	char resize[READING_RESIZE_BYTES]; /* "WIDTHxHEIGHT", or "" */
};

/* A member a field. */
extern const struct fields reading_fields;

/* Which of them something can do: a set of these. */
enum reading_use {
	READING_USES_LAYOUT = 1,
	READING_USES_TRANSPOSE = 2,
	READING_USES_LABEL_COLUMN = 4,
	READING_USES_RESIZE = 8,
};

/* 0 if all that is asked for is in `uses`; else ERR_INVALID, with a sentence
 * about `what` ("CIFAR files"). */
int reading_check(const struct reading *r, unsigned uses, const char *what,
	struct err *e);

/* Adds to a key what changes the samples. */
void reading_key(const struct reading *r, struct sha256 *key);

/* The size that is asked for; 0 x 0 if none is. */
void reading_size(const struct reading *r, int *height, int *width);

/* "NHWC". */
const char *reading_layout_name(int layout);

#endif
