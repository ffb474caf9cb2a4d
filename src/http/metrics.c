/* metrics.c -- samples as text. */
#include "http/metrics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static int ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), m = strlen(end);

	return n >= m && strcmp(s + n - m, end) == 0;
}

void metrics_family(struct metrics *m, const char *name, const char *help)
{
	m->name = name;
	buf_printf(&m->text, NULL, "# HELP %s %s\n# TYPE %s %s\n", name, help,
		name, ends_in(name, "_total") ? "counter" : "gauge");
}

void metrics_sample(struct metrics *m, const char *labels, double value)
{
	int bare = *labels == '\0';

	/* Whole numbers as such; others with all their digits. */
	buf_printf(&m->text, NULL,
		fabs(value) < 1e15 && value == floor(value)
			? "%s%s%s%s %.0f\n"
			: "%s%s%s%s %.17g\n",
		m->name, bare ? "" : "{", labels, bare ? "" : "}", value);
}

void metrics_one(
	struct metrics *m, const char *name, const char *help, double value)
{
	metrics_family(m, name, help);
	metrics_sample(m, "", value);
}

void metrics_label(
	const char *name, const char *text, char out[METRICS_LABEL_BYTES])
{
	size_t n = (size_t)snprintf(out, 64, "%s=\"", name);

	for (size_t i = 0; text[i] && i < 200; i++) {
		if (strchr("\\\"\n", text[i]))
			out[n++] = '\\';
		out[n++] = text[i] == '\n' ? 'n' : text[i];
	}
	out[n++] = '"';
	out[n] = '\0';
}
