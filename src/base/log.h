/* log.h -- one line an event on stderr, for people or as JSON.
 *
 *     2026-11-29T18:27:19.123Z WARN broker job-retried job=... reason="..."
 *     {"time":"2026-11-29T18:27:19.123Z","level":"WARN","service":"broker",
 *      "message":"job-retried","run":"...","genome":3,"job":"...",
 *      "reason":"..."}                                     (on one line)
 *
 * Only services and the command line log; libraries return errors.  ERROR: a
 * person must look.  WARN: odd but handled.  INFO: state changes only.  Events
 * are words with hyphens between them.  Tokens and data do not belong here, nor
 * where data is: of a path in a sentence the last name is all that is shown. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO };

enum log_format { LOG_TEXT, LOG_JSON };

struct log {
	const char *service;  /* "broker", "genome", ... */
	enum log_level level; /* lines above it are dropped */
	enum log_format format;
};

/* "text", "json"; NULL beyond. */
const char *log_format_name(int format);

enum log_kind { LOG_FIELD_TEXT, LOG_FIELD_JOB, LOG_FIELD_SAYS, LOG_FIELD_INT };

/* Made by the functions below; what is "" or NULL is left out. */
struct log_field {
	const char *key; /* NULL ends a list */
	enum log_kind kind;
	const char *text;
	int64_t number;
};

/* A word: an identifier, a state, an address. */
static inline struct log_field log_text(const char *key, const char *text)
{
	return (struct log_field){key, LOG_FIELD_TEXT, text, 0};
}

static inline struct log_field log_int(const char *key, int64_t number)
{
	return (struct log_field){key, LOG_FIELD_INT, "", number};
}

static inline struct log_field log_run(const char *uuid)
{
	return log_text("run", uuid);
}

static inline struct log_field log_genome(int64_t id)
{
	return log_int("genome", id);
}

/* A job by its id, RUN/GENERATION/GENOME/RUNG/FOLD; as JSON also the run and
 * the genome that it names. */
static inline struct log_field log_job(const char *id)
{
	return (struct log_field){"job", LOG_FIELD_JOB, id, 0};
}

/* The URL of an evolutioner, or its id. */
static inline struct log_field log_worker(const char *name)
{
	return log_text("worker", name);
}

/* The id of a trace (trace.h). */
static inline struct log_field log_trace(const char *id)
{
	return log_text("trace", id);
}

/* Why: an error's sentence, whose paths are cut to their last name. */
static inline struct log_field log_reason(const char *sentence)
{
	return (struct log_field){"reason", LOG_FIELD_SAYS, sentence, 0};
}

/* What was noticed: likewise. */
static inline struct log_field log_note(const char *sentence)
{
	return (struct log_field){"note", LOG_FIELD_SAYS, sentence, 0};
}

/* Of an event that says it all. */
static inline struct log_field log_bare(void)
{
	return (struct log_field){.key = NULL};
}

/* Writes one line, of at most 4 kB, in one write(2).  What comes after `event`
 * are fields, at least one.  A text is cut to some hundred bytes, and what is
 * no printable UTF-8 in it is escaped. */
void log_event(const struct log *l, enum log_level level, const char *event,
	const struct log_field *fields);

#define LOG_FIELDS(...)             \
	(const struct log_field[])  \
	{                           \
		__VA_ARGS__,        \
		{                   \
			.key = NULL \
		}                   \
	}
#define log_error(l, event, ...) \
	log_event(l, LOG_ERROR, event, LOG_FIELDS(__VA_ARGS__))
#define log_warn(l, event, ...) \
	log_event(l, LOG_WARN, event, LOG_FIELDS(__VA_ARGS__))
#define log_info(l, event, ...) \
	log_event(l, LOG_INFO, event, LOG_FIELDS(__VA_ARGS__))

#endif
