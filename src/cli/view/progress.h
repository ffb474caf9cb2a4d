/* progress.h -- how a run is doing: one line redrawn on a terminal, a plain
 * line now and then elsewhere.  Always on standard error. */
#ifndef CLI_VIEW_PROGRESS_H
#define CLI_VIEW_PROGRESS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/view/run_view.h"

#define PROGRESS_LINE_BYTES 512

struct progress {
	FILE *out;
	int live;              /* a terminal that can redraw a line */
	int colour;            /* and NO_COLOR is not set */
	int drawn;             /* the line stands there now */
	int64_t said_complete; /* generations said to be complete */
	int64_t said_ms;       /* when the last plain line was written */
	char trouble[400];     /* that a line was written of; "": of its end */
	int64_t trouble_ms;    /* when that was */
};

/* Looks at standard error, TERM and NO_COLOR. */
void progress_init(struct progress *p);

/* Shows the run as it is at `now_ms` of the steady clock. */
void progress_show(
	struct progress *p, const struct run_view *v, int64_t now_ms);

/* Shows one line of ASCII, cut to the terminal's width: redrawn, or written now
 * and then where there is no terminal. */
void progress_draw(struct progress *p, const char *line, int64_t now_ms);

/* Writes a message on a line of its own. */
void progress_say(struct progress *p, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Takes the redrawn line away. */
void progress_clear(struct progress *p);

/* Writes the line for a terminal of `width` columns: what does not fit is left
 * out, least important first, and the rest never takes more than `width`
 * columns (escape sequences of colour take none).  Pure. */
void progress_line(const struct run_view *v, int width, int colour,
	char out[PROGRESS_LINE_BYTES]);

#endif
