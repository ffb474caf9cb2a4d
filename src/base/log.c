/* log.c -- formats a line and writes it whole. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

#define LINE_BYTES 1024

void log_line(const struct log *l, enum log_level level, const char *event,
	const char *fmt, ...)
{
	static const char *const name[] = {"ERROR", "WARN", "INFO"};
	char line[LINE_BYTES], when[CLOCK_TEXT_BYTES];
	va_list ap;
	int n, m;

	if (!l || level > l->level)
		return;
	clock_format(clock_wall_ms(), when);
	n = snprintf(line, sizeof line, "%s %s %s %s ", when, name[level],
		l->service, event);
	va_start(ap, fmt);
	m = vsnprintf(line + n, sizeof line - (size_t)n, fmt, ap);
	va_end(ap);
	n += m;
	if (n > (int)sizeof line - 2)
		n = (int)sizeof line - 2;
	for (int i = 0; i < n; i++)
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return; /* nowhere left to say so */
}
