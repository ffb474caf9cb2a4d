/* log_options.c -- by way of the document that they make. */
#include "cli/options/log_options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/options/command.h"

static const struct field rows[] = {
	{.key = "log_format",
		.type = FIELD_NAME,
		.at = offsetof(struct log, format),
		.name = log_format_name,
		.standard = "text",
		.unit = "NAME",
		.help = "how a line of the log is written"},
};
const struct fields log_fields = {FIELDS(struct log, rows)};

int log_options(const struct options *o, enum log_format *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	json_t *v = options_document(o, &log_fields, e);
	struct log log = {.format = LOG_TEXT};
	int rc = v ? fields_read(&log_fields, v, "", &r, &log, e) : e->code;

	json_decref(v);
	*out = log.format;
	return rc ? options_blame(o, &log_fields, e) : 0;
}

static int has_log(const struct options *o)
{
	for (size_t i = 0; i < o->n_entries; i++)
		if (strcmp(o->entries[i].name, "log-format") == 0)
			return 1;
	return 0;
}

/* The environment is read after a line that may be wrong. */
enum log_format log_options_so_far(const struct options *o)
{
	const char *json = log_format_name(LOG_JSON), *given;
	char variable[OPTION_VARIABLE_BYTES];

	if (!has_log(o))
		return LOG_TEXT;
	options_variable("log-format", variable);
	given = options_text(o, "log-format", getenv(variable));
	return given && strcmp(given, json) == 0 ? LOG_JSON : LOG_TEXT;
}

int log_options_fail(
	const struct options *o, const char *service, const struct err *e)
{
	const struct log log = {.service = service, .format = LOG_JSON};

	if (log_options_so_far(o) == LOG_TEXT)
		return command_fail(e);
	log_error(&log, "not-started", log_reason(e->text));
	return exit_code_of(e);
}
