/* log_options.c -- by way of the document that they make. */
#include "cli/options/log_options.h"

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
