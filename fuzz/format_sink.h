/* format_sink.h -- where the targets put what a format reads: it must be what
 * was announced. */
#ifndef FUZZ_FORMAT_SINK_H
#define FUZZ_FORMAT_SINK_H

#include "data/dataset_format.h"
#include "fuzz.h"

/* What has been announced, and how much of it has come. */
struct seen {
	struct dataset_info info;
	size_t n[DATASET_PARTS];
	size_t sum; /* so that every pixel is read */
};

static inline int seen_announce(void *ctx, const struct dataset_info *d,
	size_t have[DATASET_PARTS], struct err *e)
{
	struct seen *s = ctx;

	s->info = *d;
	for (int part = 0; part < DATASET_PARTS; part++)
		have[part] = 0;
	return dataset_info_check(d, e);
}

static inline int seen_add(
	void *ctx, const struct dataset_samples *some, struct err *e)
{
	struct seen *s = ctx;
	const uint8_t *pixels = some->pixels;
	size_t bytes = some->n * dataset_image_bytes(&s->info);

	for (int part = (int)some->part + 1; part < DATASET_PARTS; part++)
		must(s->n[part] == 0);
	for (size_t i = 0; i < some->n; i++)
		must(some->labels[i] < s->info.classes);
	for (size_t i = 0; i < bytes; i++)
		s->sum += pixels[i];
	s->n[some->part] += some->n;
	if (s->n[some->part] > dataset_count(&s->info, some->part))
		return err_set(e, ERR_INVALID, "more than announced");
	return 0;
}

static inline void seen_say(void *ctx, const char *sentence)
{
	(void)ctx;
	must(sentence[0] != '\0');
}

/* Reads the place by the format, in each of the ways that it heeds. */
static inline void read_format(
	const struct dataset_format *f, const struct dataset_place *at)
{
	static const struct reading ways[] = {
		{.layout = READING_AUTO},
		{.layout = READING_NHWC, .transpose = 1},
		{.label_column = 1, .has_label_column = 1},
		{.resize = "3x2"},
	};

	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct seen s = {.sum = 0};
		const struct dataset_sink sink = {.announce = seen_announce,
			.add = seen_add,
			.say = seen_say,
			.ctx = &s};

		if (reading_check(&ways[i], f->uses, "it", NULL) ||
			f->read(at, &ways[i], &sink, NULL))
			continue;
		for (int part = 0; part < DATASET_PARTS; part++)
			must(s.n[part] == dataset_count(&s.info, part));
	}
}

#endif
