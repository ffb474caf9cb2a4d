/* log.h -- one line an event on stderr: time level service event key=value.
 *
 * Only services and the command line log; libraries return errors.  ERROR: a
 * person must look.  WARN: odd but handled.  INFO: state changes only. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO };

struct log {
	const char *service;  /* "broker", "genome", ... */
	enum log_level level; /* lines above it are dropped */
};

/* Writes one line in one write(2).  `fmt` gives "key=value key=value"; values
 * that come from outside must be identifiers or numbers already checked. */
void log_line(const struct log *l, enum log_level level, const char *event,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

#define log_error(l, event, ...) log_line(l, LOG_ERROR, event, __VA_ARGS__)
#define log_warn(l, event, ...) log_line(l, LOG_WARN, event, __VA_ARGS__)
#define log_info(l, event, ...) log_line(l, LOG_INFO, event, __VA_ARGS__)

#endif
