/* metrics.h -- GET /metrics: numbers of a service in the text format of
 * Prometheus (names in base units, counters that end in _total).
 *
 * Nothing is collected in between: a service's `metrics` (docs.h) looks at what
 * it counts anyway and writes it. */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "base/buf.h"

struct metrics {
	struct buf text;
	const char *name; /* of the family under way */
};

/* The samples that follow are of this family, each written once: a gauge or a
 * counter by its name. */
void metrics_family(struct metrics *m, const char *name, const char *help);

/* One sample; `labels` as `state="running"`, or "" for none.  Label values must
 * be identifiers, or be written by metrics_label. */
void metrics_sample(struct metrics *m, const char *labels, double value);

/* A family of one sample without labels. */
void metrics_one(
	struct metrics *m, const char *name, const char *help, double value);

struct http_request;

/* Writes what every service shows of itself: its version, its process, the
 * requests that the server of this one has answered. */
void metrics_server(struct metrics *m, const struct http_request *q);

/* Writes NAME="TEXT", with the escapes that the format asks for, cut off at
 * 200 bytes of text. */
#define METRICS_LABEL_BYTES 512
void metrics_label(
	const char *name, const char *text, char out[METRICS_LABEL_BYTES]);

#endif
