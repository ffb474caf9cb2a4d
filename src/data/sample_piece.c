/* sample_piece.c -- a buffer in front of a sink. */
#include "data/sample_piece.h"

#include <stdlib.h>

#include "base/arena.h"

#define PIECE_BYTES ((size_t)1 << 20) /* of pixels; one image at least */

void sample_piece_init(struct sample_piece *p, const struct dataset_info *d,
	enum dataset_part part, const struct dataset_sink *to)
{
	*p = (struct sample_piece){
		.to = to, .part = part, .image = dataset_image_bytes(d)};
	p->most = p->image < PIECE_BYTES ? PIECE_BYTES / p->image : 1;
	p->pixels = xcalloc(p->most, p->image);
	p->labels = xcalloc(p->most, sizeof *p->labels);
}

uint8_t *sample_piece_pixels(struct sample_piece *p)
{
	return p->pixels + p->n * p->image;
}

int sample_piece_flush(struct sample_piece *p, struct err *e)
{
	const struct dataset_samples some = {
		p->part, p->n, p->pixels, p->labels};

	if (p->n == 0)
		return 0;
	p->n = 0;
	return p->to->add(p->to->ctx, &some, e);
}

int sample_piece_add(struct sample_piece *p, int class, struct err *e)
{
	p->labels[p->n++] = (uint16_t) class;
	return p->n == p->most ? sample_piece_flush(p, e) : 0;
}

void sample_piece_release(struct sample_piece *p)
{
	free(p->pixels);
	free(p->labels);
}
