/* dataset_ready.c -- a bar for sets that take longer than a moment. */
#include "cli/view/dataset_ready.h"

#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/options/interrupt.h"
#include "cli/view/run_view.h"

#define DRAW_MS 100
#define AT_ONCE_MS 500 /* nobody reads a bar that is shorter */
#define BAR_CELLS 16

struct watcher {
	struct progress *progress;
	int64_t started_ms, drawn_ms;
	size_t first; /* samples that were there at the start */
	int begun;
};

static void say(void *ctx, const char *sentence)
{
	struct watcher *w = ctx;

	progress_say(w->progress, "data set: %s", sentence);
}

static int watch(void *ctx, size_t done, size_t all)
{
	struct watcher *w = ctx;
	const int64_t now_ms = clock_mono_ms();
	const double s = (double)(now_ms - w->started_ms) / 1000;
	int cells = all ? (int)(done * BAR_CELLS / all) : 0;
	char line[PROGRESS_LINE_BYTES], eta[DURATION_BYTES];

	if (interrupted(NULL))
		return 1;
	if (all == 0)
		return 0;
	if (!w->begun)
		w->first = done;
	w->begun = 1;
	if (now_ms - w->started_ms < AT_ONCE_MS || done == w->first ||
		now_ms - w->drawn_ms < DRAW_MS)
		return 0;
	w->drawn_ms = now_ms;
	run_view_duration(
		(double)(all - done) * s / (double)(done - w->first), eta);
	snprintf(line, sizeof line,
		"reading the data set  [%.*s%.*s]  %zu/%zu images  %.0f/s  "
		"ETA %s",
		cells, "################", BAR_CELLS - cells,
		"----------------", done, all, (double)(done - w->first) / s,
		eta);
	progress_draw(w->progress, line, now_ms);
	return 0;
}

static int watch_bytes(void *ctx, uint64_t done, uint64_t all)
{
	struct watcher *w = ctx;
	const int64_t now_ms = clock_mono_ms();
	char line[PROGRESS_LINE_BYTES];

	if (interrupted(NULL))
		return 1;
	if (all == 0 || now_ms - w->started_ms < AT_ONCE_MS ||
		now_ms - w->drawn_ms < DRAW_MS)
		return 0;
	w->drawn_ms = now_ms;
	snprintf(line, sizeof line, "fetching the data set  %.1f of %.1f MB",
		(double)done / 1e6, (double)all / 1e6);
	progress_draw(w->progress, line, now_ms);
	return 0;
}

/* Whoever types a URL means its server. */
struct dataset *dataset_ready(const struct dataset_watch *w, struct err *e)
{
	struct watcher watcher = {
		.progress = w->progress, .started_ms = clock_mono_ms()};
	const struct remote_policy policy = {.typed = 1};
	const struct dataset_order order = {.name = w->name,
		.how = w->how,
		.say = say,
		.progress = watch,
		.fetched = watch_bytes,
		.ctx = &watcher,
		.policy = &policy};
	char cache[PATH_MAX + 16];
	struct dataset *d = NULL;

	snprintf(cache, sizeof cache, "%s/datasets", w->data_dir);
	if (file_mkdirs(cache, e) == 0)
		d = dataset_load(&order, cache, e);
	progress_clear(w->progress);
	return d;
}
