/* fuzz_trace.c -- a traceparent, as a client may send it, and a sentence on its
 * way to the log, which may quote anybody. */
#include "fuzz.h"

#include <string.h>

#include "base/log_sentence.h"
#include "base/trace.h"

static void read_trace(const char *text)
{
	char written[TRACE_PARENT_BYTES];
	struct trace t, again;

	if (trace_read(text, &t))
		return;
	must(strlen(t.id) == TRACE_ID_BYTES - 1 && t.flags <= 1);
	trace_write(&t, written);
	must(trace_read(written, &again) == 0);
	must(strcmp(t.id, again.id) == 0 && t.flags == again.flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	char out[LOG_SENTENCE_BYTES];

	must(text != NULL);
	read_trace(text);
	log_sentence(text, out);
	must(strlen(out) < sizeof out);
	/* Who asks is no part of a URL that is shown. */
	must(!strstr(out, "://me:secret@"));
	free(text);
	return 0;
}
