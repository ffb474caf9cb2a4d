/* array_layout.h -- which dimension of an array of images is which. */
#ifndef DATA_ARRAY_LAYOUT_H
#define DATA_ARRAY_LAYOUT_H

#include <stddef.h>

#include "base/err.h"
#include "data/array.h"
#include "data/reading.h"

struct array_layout {
	size_t n; /* images */
	int channels, height, width;
	/* From one to the next within an image of the array, in values. */
	size_t channel_step, row_step, column_step;
	int signals; /* images of height 1, of an array of two dimensions */
};

/* Finds out.  (N,L) and NCL are images of height 1, (N,H,W) have one channel,
 * and of four dimensions the channels are those of which there are 1 to 3,
 * unless `r` says it.  ERR_INVALID, in a sentence about `what` ("the train
 * images"), for arrays that it does not fit, for sizes over dataset_info.h's
 * limits, and where nothing says which are the channels. */
int array_layout_find(const struct array_shape *a, const struct reading *r,
	const char *what, struct array_layout *out, struct err *e);

/* Values of one image. */
size_t array_layout_values(const struct array_layout *l);

/* True if an image of the array is (C,H,W) as it stands. */
int array_layout_is_plain(const struct array_layout *l);

/* Copies an image of values of so many bytes, 1 or 4, as (C,H,W). */
void array_layout_copy(
	const struct array_layout *l, const void *from, size_t bytes, void *to);

#endif
