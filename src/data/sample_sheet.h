/* sample_sheet.h -- images of a data set side by side: a row of training images
 * for each class, or some test images.
 *
 * A sheet has no gaps and is black where it has no image.  Three channels are a
 * picture in colour, of any other number the first is shown in gray; what is
 * not 8 bits is stretched from each image's lowest to its highest value.
 * ERR_RANGE where it would be larger than PIXELS_MAX; ERR_WORLD without memory;
 * the caller frees its values. */
#ifndef DATA_SAMPLE_SHEET_H
#define DATA_SAMPLE_SHEET_H

#include "data/dataset.h"
#include "data/pixels.h"

#define SAMPLE_SHEET_COLUMNS 12
#define SAMPLE_SHEET_ROWS_MAX 100

/* The first images of each class, the first SAMPLE_SHEET_ROWS_MAX of these from
 * the top down. */
int sample_sheet(const struct dataset *d, struct pixels *out, struct err *e);

/* The test images of these numbers, at least one, in their order: row after row
 * of SAMPLE_SHEET_OF_COLUMNS.  ERR_RANGE for a number that no image has. */
#define SAMPLE_SHEET_OF_COLUMNS 8
int sample_sheet_of(const struct dataset *d, const int64_t *images, size_t n,
	struct pixels *out, struct err *e);

#endif
