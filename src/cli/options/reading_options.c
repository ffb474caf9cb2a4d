/* reading_options.c -- by way of the document that they make. */
#include "cli/options/reading_options.h"

int reading_options(const struct options *o, struct reading *out, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	json_t *v = options_document(o, &reading_fields, e);
	int rc = v ? fields_read(&reading_fields, v, "", &r, out, e) : e->code;

	json_decref(v);
	return rc ? options_blame(o, &reading_fields, e) : 0;
}
