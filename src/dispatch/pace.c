/* pace.c -- see pace.h. */
#include "dispatch/pace.h"

void pace_begin(struct pace *p, int64_t now_ms)
{
	*p = (struct pace){.moved_ms = now_ms};
}

void pace_note(struct pace *p, int64_t images, int64_t now_ms)
{
	p->seen_ms = now_ms;
	if (images != p->images)
		p->moved_ms = now_ms;
	p->images = images;
	if (!p->first_ms) {
		p->first_ms = now_ms;
		p->first_images = images;
	}
}

double pace_rate(const struct pace *p)
{
	const int64_t ms = p->seen_ms - p->first_ms;

	if (ms <= 0)
		return 0;
	return 1000.0 * (double)(p->images - p->first_images) / (double)ms;
}
