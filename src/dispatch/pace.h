/* pace.h -- how a job gets on, by what its worker tells of it. */
#ifndef DISPATCH_PACE_H
#define DISPATCH_PACE_H

#include <stdint.h>

/* Times are monotonic. */
struct pace {
	int64_t images;                          /* trained so far */
	int64_t first_images, first_ms, seen_ms; /* since the first report */
	int64_t moved_ms; /* when it began, or last had trained more */
};

/* Begins anew. */
void pace_begin(struct pace *p, int64_t now_ms);

/* It has trained so many images. */
void pace_note(struct pace *p, int64_t images, int64_t now_ms);

/* Images a second since the first report of it, so that what was trained before
 * we attached to the job does not count. */
double pace_rate(const struct pace *p);

#endif
