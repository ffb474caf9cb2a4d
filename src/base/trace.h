/* trace.h -- what was done for one request, wherever it was done: the trace
 * that a client names in a "traceparent" header, or that begins here.
 * W3C Trace Context, https://www.w3.org/TR/trace-context/ */
#ifndef BASE_TRACE_H
#define BASE_TRACE_H

#define TRACE_ID_BYTES 33     /* 32 lower-case digits and a NUL */
#define TRACE_PARENT_BYTES 56 /* a traceparent of version 00 and a NUL */

struct trace {
	char id[TRACE_ID_BYTES]; /* not all zeros */
	unsigned flags;          /* 1: somebody records it */
};

/* Reads a traceparent: 0, or ERR_INVALID, which the recommendation says to take
 * for none.  Of a version that is not known yet the beginning counts. */
int trace_read(const char *traceparent, struct trace *out);

/* A trace that begins here. */
void trace_make(struct trace *out);

/* The trace of a run: that of the traceparent that it was asked for with, or
 * where there is none its own uuid, which is as random. */
void trace_of_run(const char *traceparent, const char *uuid, struct trace *out);

/* Writes the traceparent of a call that is a part of the trace, with an id of
 * its own. */
void trace_write(const struct trace *t, char out[TRACE_PARENT_BYTES]);

#endif
