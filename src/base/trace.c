/* trace.c -- traceparents: "00-TRACE-CALLER-FLAGS" in lower-case digits. */
#include "base/trace.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "base/uuid.h"

#define AT_TRACE 3
#define AT_CALLER 36
#define AT_FLAGS 53
#define CALLER_DIGITS 16

/* `n` digits, of which one is not 0. */
static int is_id(const char *s, size_t n)
{
	return strspn(s, "0123456789abcdef") == n && strspn(s, "0") < n;
}

static int is_byte(const char *s)
{
	return strspn(s, "0123456789abcdef") == 2;
}

int trace_read(const char *text, struct trace *out)
{
	const size_t n = text ? strlen(text) : 0;
	char flags[3] = "";

	if (n < TRACE_PARENT_BYTES - 1 || !is_byte(text) ||
		strncmp(text, "ff", 2) == 0 || text[2] != '-' ||
		!is_id(text + AT_TRACE, TRACE_ID_BYTES - 1) ||
		text[AT_CALLER - 1] != '-' ||
		!is_id(text + AT_CALLER, CALLER_DIGITS) ||
		text[AT_FLAGS - 1] != '-')
		return ERR_INVALID;
	memcpy(flags, text + AT_FLAGS, 2);
	if (!is_byte(flags) || (n >= TRACE_PARENT_BYTES &&
				       (text[TRACE_PARENT_BYTES - 1] != '-' ||
					       strncmp(text, "00", 2) == 0)))
		return ERR_INVALID;
	memcpy(out->id, text + AT_TRACE, TRACE_ID_BYTES - 1);
	out->id[TRACE_ID_BYTES - 1] = '\0';
	out->flags = (unsigned)strtoul(flags, NULL, 16) & 1;
	return 0;
}

static void from_uuid(const char *uuid, struct trace *out)
{
	size_t n = 0;

	for (; *uuid && n < TRACE_ID_BYTES - 1; uuid++)
		if (*uuid != '-')
			out->id[n++] = *uuid;
	out->id[n] = '\0';
	out->flags = 0;
}

void trace_make(struct trace *out)
{
	char uuid[UUID_TEXT_BYTES];

	uuid_make(uuid);
	from_uuid(uuid, out);
}

void trace_of_run(const char *traceparent, const char *uuid, struct trace *out)
{
	if (trace_read(traceparent, out))
		from_uuid(uuid, out);
}

void trace_write(const struct trace *t, char out[TRACE_PARENT_BYTES])
{
	uint64_t caller = 0;

	while (caller == 0)
		if (getrandom(&caller, sizeof caller, 0) != sizeof caller)
			abort(); /* only a kernel older than 3.17 refuses */
	snprintf(out, TRACE_PARENT_BYTES, "00-%s-%016llx-%02x", t->id,
		(unsigned long long)caller, t->flags & 1);
}
