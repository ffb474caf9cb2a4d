/* log.c -- a line is put together in one place and written whole. */
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log_sentence.h"
#include "base/utf8.h"

#define LINE_BYTES 4096
#define VALUE_BYTES 600 /* of a text, escaped */
#define FIELD_BYTES (VALUE_BYTES + 64)
#define RUN_BYTES 64

struct line {
	enum log_format format;
	size_t n;
	char text[LINE_BYTES];
};

const char *log_format_name(int format)
{
	static const char *const names[] = {"text", "json", NULL};

	return names[format];
}

/* -- texts -- */

static void put(struct line *l, const char *s)
{
	const size_t n = strlen(s);

	memcpy(l->text + l->n, s, n);
	l->n += n;
}

/* Whether the character, of `n` bytes, is shown as it is: DEL and the C1 block
 * (0xc2 0x80..0x9f) move cursors, as those below the blank do. */
static int is_shown(const char *s, int n)
{
	const unsigned char c = (unsigned char)*s;

	if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
		return 0;
	return n > 0 && !(c == 0xc2 && (unsigned char)s[1] < 0xa0);
}

/* A character, in 6 bytes at most; gives how many it took. */
static size_t put_character(struct line *l, const char *s)
{
	const int n = utf8_bytes(s);
	char escape[8];
	unsigned code = n == 2 ? (unsigned char)s[1] : (unsigned char)*s;

	if (is_shown(s, n)) {
		memcpy(l->text + l->n, s, (size_t)n);
		l->n += (size_t)n;
		return (size_t)n;
	}
	if (*s == '"' || *s == '\\')
		snprintf(escape, sizeof escape, "\\%c", *s);
	else
		snprintf(escape, sizeof escape, "\\u%04x",
			n == 0 ? 0xfffd : code);
	put(l, escape);
	return n > 0 ? (size_t)n : 1;
}

/* In quotes, as JSON has it; cut where it is too long. */
static void put_quoted(struct line *l, const char *s)
{
	const size_t end = l->n + VALUE_BYTES - 8;

	put(l, "\"");
	while (*s && l->n < end)
		s += put_character(l, s);
	put(l, "\"");
}

/* Without quotes where it is one word. */
static void put_word(struct line *l, const char *s)
{
	size_t n = 0;

	while (s[n] > ' ' && s[n] != 0x7f && s[n] != '"' && s[n] != '\\')
		n++;
	if (s[n] || n > VALUE_BYTES)
		put_quoted(l, s);
	else
		put(l, s);
}

/* -- fields -- */

/* True if there is room for one more. */
static int put_key(struct line *l, const char *key)
{
	if (l->n + FIELD_BYTES > LINE_BYTES - 4)
		return 0;
	if (l->format == LOG_JSON)
		put(l, l->n > 1 ? ",\"" : "\"");
	else if (l->n > 0)
		put(l, " ");
	put(l, key);
	put(l, l->format == LOG_JSON ? "\":" : "=");
	return 1;
}

static void put_text(struct line *l, const char *key, const char *text)
{
	if (!text || !text[0] || !put_key(l, key))
		return;
	if (l->format == LOG_JSON)
		put_quoted(l, text);
	else
		put_word(l, text);
}

static void put_int(struct line *l, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	if (put_key(l, key))
		put(l, text);
}

/* What the id of a job names besides. */
static void put_parts(struct line *l, const char *id)
{
	char run[RUN_BYTES];
	int64_t genome;

	if (sscanf(id, "%63[^/]/%*[^/]/%" SCNd64, run, &genome) != 2)
		return;
	put_text(l, "run", run);
	put_int(l, "genome", genome);
}

static void put_field(struct line *l, const struct log_field *f)
{
	char sentence[LOG_SENTENCE_BYTES];

	if (f->kind == LOG_FIELD_INT) {
		put_int(l, f->key, f->number);
	} else if (f->kind == LOG_FIELD_SAYS && f->text) {
		log_sentence(f->text, sentence);
		put_text(l, f->key, sentence);
	} else if (f->text) {
		if (f->kind == LOG_FIELD_JOB && l->format == LOG_JSON)
			put_parts(l, f->text);
		put_text(l, f->key, f->text);
	}
}

/* -- the line -- */

static void put_head(struct line *l, const char *when, const char *level,
	const char *service, const char *event)
{
	const char *const head[] = {"time", when, "level", level, "service",
		service, "message", event};

	for (int i = 0; i < 8; i += 2) {
		if (l->format == LOG_JSON) {
			put_text(l, head[i], head[i + 1]);
		} else {
			put(l, i > 0 ? " " : "");
			put(l, head[i + 1]);
		}
	}
}

void log_event(const struct log *l, enum log_level level, const char *event,
	const struct log_field *fields)
{
	static const char *const name[] = {"ERROR", "WARN", "INFO"};
	char when[CLOCK_TEXT_BYTES];
	struct line line = {.n = 0};

	if (!l || level > l->level)
		return;
	line.format = l->format;
	clock_format(clock_wall_ms(), when);
	put(&line, line.format == LOG_JSON ? "{" : "");
	put_head(&line, when, name[level], l->service, event);
	for (const struct log_field *f = fields; f->key; f++)
		put_field(&line, f);
	put(&line, line.format == LOG_JSON ? "}\n" : "\n");
	if (write(STDERR_FILENO, line.text, line.n) < 0)
		return; /* nowhere left to say so */
}
