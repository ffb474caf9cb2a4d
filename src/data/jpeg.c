/* jpeg.c -- libjpeg with limits. */
#include "data/jpeg.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#define CMYK 4

/* A progressive image of more passes than this is made to cost time: encoders
 * make about ten. */
#define SCANS_MAX 100

#define MEMORY_MAX ((long)512 << 20)

/* A decoder at work.  The library calls back with a pointer to one of its own
 * structs, so these are members. */
struct jpeg {
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	struct jpeg_progress_mgr progress;
	jmp_buf failed;
	char why[JMSG_LENGTH_MAX];
	int no_memory;
	struct pixels out;
	uint8_t *row; /* of CMYK */
};

int jpeg_is(const void *bytes, size_t n)
{
	return n >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

/* -- what the library says -- */

static void give_up(j_common_ptr d)
{
	struct jpeg *j = d->client_data;

	j->no_memory = d->err->msg_code == JERR_OUT_OF_MEMORY;
	d->err->format_message(d, j->why);
	longjmp(j->failed, 1);
}

/* Warnings that say that pixels are missing or made up are failures; others,
 * such as bytes too many between two markers, are common and harmless. */
static void hear(j_common_ptr d, int level)
{
	const int code = d->err->msg_code;

	if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER ||
				 code == JWRN_HUFF_BAD_CODE ||
				 code == JWRN_ARITH_BAD_CODE))
		give_up(d);
}

static void say_nothing(j_common_ptr d)
{
	(void)d;
}

static void count_scans(j_common_ptr d)
{
	struct jpeg *j = d->client_data;

	if (j->d.input_scan_number <= SCANS_MAX)
		return;
	snprintf(j->why, sizeof j->why, "it has more than %d scans", SCANS_MAX);
	longjmp(j->failed, 1);
}

static void refuse_size(struct jpeg *j)
{
	snprintf(j->why, sizeof j->why,
		"it is %ux%u pixels; at most %d a side and %d million in all "
		"are read",
		j->d.image_height, j->d.image_width, PIXELS_SIDE_MAX,
		(int)(PIXELS_MAX / 1000000));
	longjmp(j->failed, 1);
}

/* -- decoding -- */

static void start(struct jpeg *j, const void *bytes, size_t n)
{
	j->d.err = jpeg_std_error(&j->errors);
	j->errors.error_exit = give_up;
	j->errors.emit_message = hear;
	j->errors.output_message = say_nothing;
	j->progress.progress_monitor = count_scans;
	j->d.client_data = j;
	jpeg_create_decompress(&j->d);
	j->d.client_data = j; /* it was cleared */
	j->d.progress = &j->progress;
	j->d.mem->max_memory_to_use = MEMORY_MAX;
	jpeg_mem_src(&j->d, bytes, n);
}

static void choose_colours(struct jpeg *j)
{
	switch (j->d.jpeg_color_space) {
	case JCS_GRAYSCALE: j->d.out_color_space = JCS_GRAYSCALE; break;
	case JCS_CMYK:
	case JCS_YCCK: j->d.out_color_space = JCS_CMYK; break;
	default: j->d.out_color_space = JCS_RGB; break;
	}
}

/* Programs that write CMYK write how much light is left, and say so by an
 * "Adobe" marker; without it ink is how much is taken. */
static void row_from_cmyk(const struct jpeg *j, uint8_t *to)
{
	const uint8_t flip = j->d.saw_Adobe_marker ? 0 : 255;

	for (int i = 0; i < j->out.width; i++)
		for (int c = 0; c < 3; c++)
			to[3 * i + c] =
				(uint8_t)(((j->row[CMYK * i + c] ^ flip) *
							  (j->row[CMYK * i +
								   3] ^
								  flip) +
						  127) /
					  255);
}

static void read_rows(struct jpeg *j)
{
	const size_t bytes = (size_t)j->out.width * (size_t)j->out.channels;

	while (j->d.output_scanline < j->d.output_height) {
		uint8_t *to = j->out.values + bytes * j->d.output_scanline;
		JSAMPROW row = j->row ? j->row : to;

		jpeg_read_scanlines(&j->d, &row, 1);
		if (j->row)
			row_from_cmyk(j, to);
	}
}

static void allocate(struct jpeg *j)
{
	const size_t width = j->d.output_width;
	struct pixels *p = &j->out;

	p->values = malloc((size_t)p->height * width * (size_t)p->channels);
	if (j->d.out_color_space == JCS_CMYK)
		j->row = malloc(width * CMYK);
	if (p->values && (j->row || j->d.out_color_space != JCS_CMYK))
		return;
	j->no_memory = 1;
	longjmp(j->failed, 1);
}

static void look(struct jpeg *j, const void *bytes, size_t n)
{
	start(j, bytes, n);
	jpeg_read_header(&j->d, TRUE);
	if (j->d.image_width > PIXELS_SIDE_MAX ||
		j->d.image_height > PIXELS_SIDE_MAX ||
		(int64_t)j->d.image_width * j->d.image_height > PIXELS_MAX)
		refuse_size(j);
	choose_colours(j);
	j->out.height = (int)j->d.image_height;
	j->out.width = (int)j->d.image_width;
	j->out.channels = j->d.out_color_space == JCS_GRAYSCALE ? 1 : 3;
}

static void decode(struct jpeg *j, const void *bytes, size_t n)
{
	look(j, bytes, n);
	jpeg_start_decompress(&j->d);
	allocate(j);
	read_rows(j);
	jpeg_finish_decompress(&j->d);
}

static int failed(const struct jpeg *j, struct err *e)
{
	if (j->no_memory)
		return err_set(e, ERR_WORLD, "no memory for the image");
	return err_set(e, ERR_INVALID, "the JPEG cannot be read: %s", j->why);
}

typedef void work(struct jpeg *j, const void *bytes, size_t n);

/* True if it came to an end. */
static int done(struct jpeg *j, work *f, const void *bytes, size_t n)
{
	if (setjmp(j->failed))
		return 0;
	f(j, bytes, n);
	return 1;
}

static int with_jpeg(
	const void *bytes, size_t n, work *f, struct pixels *out, struct err *e)
{
	struct jpeg *j = calloc(1, sizeof *j);
	int rc = 0;

	if (!j)
		return err_set(e, ERR_WORLD, "no memory for the image");
	if (done(j, f, bytes, n)) {
		*out = j->out;
	} else {
		free(j->out.values);
		rc = failed(j, e);
	}
	jpeg_destroy_decompress(&j->d);
	free(j->row);
	free(j);
	return rc;
}

int jpeg_read(const void *bytes, size_t n, struct pixels *out, struct err *e)
{
	return with_jpeg(bytes, n, decode, out, e);
}

int jpeg_look(const void *bytes, size_t n, struct pixels *out, struct err *e)
{
	return with_jpeg(bytes, n, look, out, e);
}
