/* data_shape.h -- the shape of the data that a genome is for, which evolution
 * never changes. */
#ifndef NEAT_DATA_SHAPE_H
#define NEAT_DATA_SHAPE_H

#include <stddef.h>

#include "base/field.h"

#define DATA_CHANNELS_MAX 64
#define DATA_SIDE_MAX 1024
#define DATA_CLASSES_MIN 2
#define DATA_CLASSES_MAX 65535

/* Images in (channels, height, width), and how many classes they are in. */
struct data_shape {
	int channels, height, width, classes;
};

/* Its fields, for the rows of a struct that has it as `member`. */
#define DATA_SHAPE_ROW(key_, at_, flags_, lo_, hi_)                  \
	{                                                            \
		.key = (key_), .type = FIELD_INT, .flags = (flags_), \
		.at = (at_), .lo = (lo_), .hi = (hi_)                \
	}
#define DATA_SHAPE_ROWS(struct_, member, flags_)                           \
	DATA_SHAPE_ROW("num_channels", offsetof(struct_, member.channels), \
		flags_, 1, DATA_CHANNELS_MAX),                             \
		DATA_SHAPE_ROW("px_h", offsetof(struct_, member.height),   \
			flags_, 1, DATA_SIDE_MAX),                         \
		DATA_SHAPE_ROW("px_w", offsetof(struct_, member.width),    \
			flags_, 1, DATA_SIDE_MAX),                         \
		DATA_SHAPE_ROW("num_classes",                              \
			offsetof(struct_, member.classes), flags_,         \
			DATA_CLASSES_MIN, DATA_CLASSES_MAX)

/* True if the bounds above hold. */
int data_shape_valid(const struct data_shape *d);

/* True if both are the same. */
int data_shape_equal(const struct data_shape *a, const struct data_shape *b);

#endif
