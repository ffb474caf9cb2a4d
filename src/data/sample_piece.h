/* sample_piece.h -- samples that come one by one, handed over by the megabyte.
 */
#ifndef DATA_SAMPLE_PIECE_H
#define DATA_SAMPLE_PIECE_H

#include "base/err.h"
#include "data/dataset_format.h"

struct sample_piece {
	const struct dataset_sink *to;
	enum dataset_part part;
	size_t image, most, n; /* bytes of one; samples at most, and now */
	uint8_t *pixels;
	uint16_t *labels;
};

/* An empty one; the caller ends with sample_piece_release. */
void sample_piece_init(struct sample_piece *p, const struct dataset_info *d,
	enum dataset_part part, const struct dataset_sink *to);

/* Where the next sample's pixels (C,H,W) go. */
uint8_t *sample_piece_pixels(struct sample_piece *p);

/* They are there: hands over when it is full.  The sink's errors. */
int sample_piece_add(struct sample_piece *p, int class, struct err *e);

/* Hands over what is left.  The sink's errors. */
int sample_piece_flush(struct sample_piece *p, struct err *e);

/* Frees it. */
void sample_piece_release(struct sample_piece *p);

#endif
