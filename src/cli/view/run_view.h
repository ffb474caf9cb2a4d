/* run_view.h -- a run document of the broker, read and checked. */
#ifndef CLI_VIEW_RUN_VIEW_H
#define CLI_VIEW_RUN_VIEW_H

#include <jansson.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/uuid.h"

/* Texts are fit for a terminal: control characters have become '?'. */
struct run_view {
	char uuid[UUID_TEXT_BYTES];
	int64_t number;
	char name[256]; /* "" where it has none */
	char state[16], phase[16], stop_reason[24];
	char error[400];                 /* "" when there is none */
	char trouble[400], waiting[400]; /* what keeps it; likewise */
	char dataset[256];
	char created[CLOCK_TEXT_BYTES];
	char digest[SHA256_HEX_BYTES]; /* "" before the end */
	int64_t generation;            /* under way, from 0; -1 for none */
	int64_t generations;           /* asked for; with a budget, expected */
	double best, mean; /* of the last complete generation, or -1 */
	double champion;   /* fitness of the best network so far, or -1 */
	int64_t evaluations, failures;
	int64_t cached;       /* evaluations that were another genome's */
	int64_t species;      /* of the generation under way; -1 without NEAT */
	int64_t nodes, edges; /* of the champion's graph; -1: it has none */
	int64_t scored, members;    /* of the generation under way */
	int64_t rungs;              /* of the run; 0: it does not say */
	int64_t rung;               /* under way, from 0; -1 without rungs */
	int64_t trained, trainable; /* results of that rung, and what it has */
	double images_per_s;
	double spent; /* share of the budget; -1 without one */
	double eta_s; /* -1 when unknown */
	double wall_s, cpu_s;
	int64_t attempts;
};

/* ERR_INVALID or ERR_RANGE when the document is not what a broker sends. */
int run_view_read(const json_t *v, struct run_view *out, struct err *e);

/* True when nothing more will happen: finished, failed or cancelled. */
int run_view_over(const struct run_view *v);

/* Its name, or, without one, that of its data set without the folders. */
const char *run_view_title(const struct run_view *v);

/* Generations whose members have all been scored. */
int64_t run_view_complete(const struct run_view *v);

/* What keeps the run from getting on, as a line of its own, with the attempts
 * where jobs fail; "" while nothing does. */
#define RUN_VIEW_KEPT_BYTES 480
void run_view_kept(const struct run_view *v, char out[RUN_VIEW_KEPT_BYTES]);

/* "1h02m", "3m20s", "45s"; "?" when negative. */
#define DURATION_BYTES 32
void run_view_duration(double s, char out[DURATION_BYTES]);

/* "640 ", "1.20 k", "3.50 G", up to P: a unit is to follow. */
#define COUNT_BYTES 32
void run_view_count(double n, char out[COUNT_BYTES]);

#endif
