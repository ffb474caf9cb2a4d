/* picture_shape.c -- looks at how pictures begin, then decodes them. */
#include "data/picture_shape.h"

#include <stdio.h>
#include <stdlib.h>

#include "data/picture.h"
#include "data/resize.h"

void picture_shape_init(struct picture_shape *s, const struct reading *how)
{
	*s = (struct picture_shape){.channels = 1};
	reading_size(how, &s->height, &s->width);
	s->resized = s->height > 0;
}

static int check_size(struct picture_shape *s, const char *name,
	const struct pixels *p, struct err *e)
{
	if (s->resized || (p->height == s->height && p->width == s->width))
		return 0;
	if (s->height > 0)
		return err_set(e, ERR_INVALID,
			"%s is %dx%d pixels but %s is %dx%d: say by --resize "
			"WIDTHxHEIGHT what all shall be",
			name, p->width, p->height, s->first, s->width,
			s->height);
	if (p->height > DATASET_SIDE_MAX || p->width > DATASET_SIDE_MAX)
		return err_set(e, ERR_INVALID,
			"%s is %dx%d pixels, and a side may have %d: say by "
			"--resize WIDTHxHEIGHT what all shall be",
			name, p->width, p->height, DATASET_SIDE_MAX);
	s->height = p->height;
	s->width = p->width;
	snprintf(s->first, sizeof s->first, "%s", name);
	return 0;
}

int picture_shape_see(struct picture_shape *s, const char *name,
	const void *bytes, size_t n, int whole, struct err *e)
{
	struct pixels p;
	struct err why = {0};
	int rc = picture_look(bytes, n, &p, &why);

	if (rc == ERR_INVALID && !whole)
		return 0;
	if (rc)
		return err_set(e, rc, "%s: %s", name, why.text);
	if (p.channels > s->channels)
		s->channels = p.channels;
	rc = check_size(s, name, &p, e);
	return rc ? rc : 1;
}

void picture_shape_describe(
	const struct picture_shape *s, struct dataset_info *out)
{
	out->dtype = DATASET_UINT8;
	out->channels = s->channels;
	out->height = s->height;
	out->width = s->width;
}

/* Takes over the pixels. */
static int fit(const struct picture_shape *s, struct pixels *p, uint8_t *out,
	struct err *e)
{
	struct pixels scaled;
	int rc = picture_recolour(p, s->channels, e);

	if (rc == 0 && (p->height != s->height || p->width != s->width)) {
		rc = resize(p, s->height, s->width, &scaled, e);
		if (rc == 0) {
			free(p->values);
			*p = scaled;
		}
	}
	if (rc == 0)
		picture_planes(p, out);
	free(p->values);
	return rc;
}

int picture_shape_take(struct picture_shape *s, const char *name,
	const void *bytes, size_t n, uint8_t *out, struct err *e)
{
	struct pixels p;
	struct err why = {0};
	int rc = picture_read(bytes, n, &p, &why);

	if (rc)
		return err_set(e, rc, "%s: %s", name, why.text);
	/* It was looked at before: a file may have changed since. */
	if ((!s->resized && (p.height != s->height || p.width != s->width)) ||
		p.channels > s->channels) {
		free(p.values);
		return err_set(
			e, ERR_INVALID, "%s changes while it is read", name);
	}
	s->transparent += p.transparent ? 1 : 0;
	rc = fit(s, &p, out, &why);
	return rc ? err_set(e, rc, "%s: %s", name, why.text) : 0;
}
