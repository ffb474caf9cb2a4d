/* sample_sheet.h -- a data set at a glance: a row of training images for each
 * class. */
#ifndef DATA_SAMPLE_SHEET_H
#define DATA_SAMPLE_SHEET_H

#include "data/dataset.h"
#include "data/pixels.h"

#define SAMPLE_SHEET_COLUMNS 12
#define SAMPLE_SHEET_ROWS_MAX 100

/* The first images of each class, the first SAMPLE_SHEET_ROWS_MAX of these from
 * the top down, without gaps: black where a class has fewer.  Three channels
 * are a picture in colour, of any other number the first is shown in gray; what
 * is not 8 bits is stretched from each image's lowest to its highest value.
 * ERR_RANGE where the sheet would be larger than PIXELS_MAX. */
int sample_sheet(const struct dataset *d, struct pixels *out, struct err *e);

#endif
