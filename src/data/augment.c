/* augment.c -- draws how an image is seen, and shows it so. */
#include "data/augment.h"

#include <math.h>
#include <string.h>

/* Zhong et al., "Random Erasing Data Augmentation", section 5. */
#define AREA_MIN 0.02
#define AREA_MAX 0.4
#define ASPECT_MIN 0.3
#define TRIES 10

#define AT(member) offsetof(struct augment, member)

static const struct field rows[] = {
	{.key = "crop",
		.type = FIELD_INT,
		.at = AT(crop),
		.hi = 16,
		.standard = "0",
		.before = "0",
		.unit = "N",
		.help = "shift training images by up to N pixels"},
	{.key = "flip",
		.type = FIELD_FLAG,
		.at = AT(flip),
		.standard = "false",
		.before = "false",
		.help = "flip half of the training images left to right; not "
			"for digits or text"},
	{.key = "erase",
		.type = FIELD_REAL,
		.at = AT(erase),
		.hi = 1,
		.standard = "0",
		.before = "0",
		.unit = "X",
		.help = "chance to blank a rectangle of a training image"},
};

const struct fields augment_fields = {
	FIELDS(struct augment, rows), .what = "\"augment\""};

int augment_is_on(const struct augment *a)
{
	return a->crop > 0 || a->flip || a->erase > 0;
}

int augment_check(const struct augment *a, int height, int width, struct err *e)
{
	int side = height < width ? height : width;

	if (fields_in_bounds(&augment_fields, a, e))
		return ERR_RANGE;
	if (a->crop >= side)
		return err_set(e, ERR_RANGE,
			"crop is %d but must be below %d, the smaller side of "
			"the %dx%d images",
			a->crop, side, height, width);
	return 0;
}

static double between(struct rng *r, double lo, double hi)
{
	return lo + (hi - lo) * rng_unit(r);
}

/* Algorithm 1 of the paper, which tries until the rectangle fits; we give up
 * after ten times, as PyTorch does, since a very flat image may have none.
 * Only sqrt is taken, which every machine rounds alike. */
static void draw_rectangle(
	int height, int width, struct rng *r, struct augment_view *v)
{
	for (int i = 0; i < TRIES; i++) {
		double area = between(r, AREA_MIN, AREA_MAX) * height * width;
		double aspect = between(r, ASPECT_MIN, 1 / ASPECT_MIN);
		int h = (int)(sqrt(area * aspect) + 0.5);
		int w = (int)(sqrt(area / aspect) + 0.5);
		double down = rng_unit(r), across = rng_unit(r);

		if (h < 1 || w < 1 || h > height || w > width)
			continue;
		v->height = h;
		v->width = w;
		v->top = (int)(down * (height - h + 1));
		v->left = (int)(across * (width - w + 1));
		return;
	}
}

void augment_draw(const struct augment *a, int height, int width, struct rng *r,
	struct augment_view *out)
{
	const uint64_t shifts = 2 * (uint64_t)a->crop + 1;

	memset(out, 0, sizeof *out);
	if (a->crop > 0) {
		out->dy = (int)rng_below(r, shifts) - a->crop;
		out->dx = (int)rng_below(r, shifts) - a->crop;
	}
	if (a->flip)
		out->flip = rng_chance(r, 0.5);
	if (a->erase > 0 && rng_chance(r, a->erase))
		draw_rectangle(height, width, r, out);
}

/* Where pixels of a row of the view come from: pixel x shows the image's
 * first + step * x, which is inside for x in lo..hi-1. */
struct span {
	int lo, hi, first, step;
};

static struct span span_of(
	const struct augment_view *v, int width, int row_is_inside)
{
	const int step = v->flip ? -1 : 1;
	const int shift = step * v->dx;

	return (struct span){
		.lo = !row_is_inside ? width
		      : shift < 0    ? -shift
				     : 0,
		.hi = shift > 0 ? width - shift : width,
		.first = v->flip ? width - 1 + v->dx : v->dx,
		.step = step,
	};
}

static void blacken(const struct augment_shape *s, float black, int from,
	int to, float *out)
{
	for (int x = from; x < to; x++)
		out[(size_t)x * s->pixel] = black;
}

/* Writes one row of one channel, of bytes; `to` is the row's first float of
 * that channel. */
static void show_bytes(struct span n, const struct augment_shape *s, int c,
	const uint8_t *from, float *to)
{
	const float *level = s->level[c];

	blacken(s, level[0], 0, n.lo, to);
	for (int x = n.lo; x < n.hi; x++)
		to[(size_t)x * s->pixel] = level[from[n.first + n.step * x]];
	blacken(s, level[0], n.hi > n.lo ? n.hi : n.lo, s->width, to);
}

/* The same of floats, of which black is 0. */
static void show_floats(struct span n, const struct augment_shape *s, int c,
	const float *from, float *to)
{
	const double mean = s->mean[c], std = s->std[c];
	const float black = (float)(-mean / std);

	blacken(s, black, 0, n.lo, to);
	for (int x = n.lo; x < n.hi; x++)
		to[(size_t)x * s->pixel] =
			(float)((from[n.first + n.step * x] - mean) / std);
	blacken(s, black, n.hi > n.lo ? n.hi : n.lo, s->width, to);
}

static void erase(
	const struct augment_view *v, const struct augment_shape *s, float *out)
{
	for (int y = v->top; y < v->top + v->height; y++)
		for (int x = v->left; x < v->left + v->width; x++) {
			size_t at = (size_t)y * (size_t)s->width + (size_t)x;

			for (int c = 0; c < s->channels; c++)
				out[at * s->pixel + (size_t)c] = 0.0f;
		}
}

/* One channel's plane. */
static void show_plane(const struct augment_view *v,
	const struct augment_shape *s, int c, const void *plane, float *out)
{
	const size_t width = (size_t)s->width;

	for (int y = 0; y < s->height; y++) {
		const int row = y + v->dy;
		const int inside = row >= 0 && row < s->height;
		const struct span n = span_of(v, s->width, inside);
		const size_t at = inside ? (size_t)row * width : 0;
		float *to = out + (size_t)y * width * s->pixel + c;

		if (s->level)
			show_bytes(n, s, c, (const uint8_t *)plane + at, to);
		else
			show_floats(n, s, c, (const float *)plane + at, to);
	}
}

void augment_apply(const struct augment_view *v, const struct augment_shape *s,
	const void *pixels, float *out)
{
	const size_t plane = (size_t)s->height * (size_t)s->width *
			     (s->level ? 1 : sizeof(float));

	for (int c = 0; c < s->channels; c++)
		show_plane(v, s, c, (const uint8_t *)pixels + (size_t)c * plane,
			out);
	erase(v, s, out);
}
