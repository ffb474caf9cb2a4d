/* params_json.c -- constants by the rows of their table. */
#include "neat/params_json.h"

#include <string.h>

#include "base/doc.h"

#define PRESET "preset"
#define PRESET_MAX_BYTES 40

static int read_preset(const json_t *v, const char *at,
	enum field_origin origin, struct params *p, struct err *e)
{
	const char *preset = origin == FIELD_REQUEST ? PARAMS_PRESET
						     : PARAMS_PRESET_BEFORE;
	struct err why = {0};
	int rc = doc_str_opt(v, at, PRESET, 1, PRESET_MAX_BYTES, &preset, e);

	if (rc)
		return rc;
	if (params_preset(p, preset, &why))
		return err_at(e, ERR_RANGE, at, PRESET, "%s", why.text);
	if (origin == FIELD_STORED)
		params_set_before(p);
	return 0;
}

static int read_constant(const char *at, const char *name, const json_t *v,
	struct params *p, struct err *e)
{
	struct err why = {0};
	int rc;

	if (!json_is_number(v))
		return err_at(e, ERR_INVALID, at, name,
			"\"%.40s\" must be a number, not %s", name,
			doc_type_name(v));
	rc = params_set(p, name, json_number_value(v), &why);
	if (rc)
		return err_at(e, rc == ERR_NOT_FOUND ? ERR_INVALID : rc, at,
			name, "%s", why.text);
	return 0;
}

/* The preset first, then what stands in place of its constants. */
static int read_all(const json_t *v, const char *at, enum field_origin origin,
	struct params *p, struct err *e)
{
	int rc = read_preset(v, at, origin, p, e);
	const json_t *x;
	const char *key;

	json_object_foreach((json_t *)v, key, x) {
		if (rc)
			return rc;
		if (strcmp(key, PRESET) != 0)
			rc = read_constant(at, key, x, p, e);
	}
	return rc;
}

static int read_params(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct params p;
	struct err why = {0};
	int rc;

	if (v && !json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be an object, not %s", f->key,
			doc_type_name(v));
	rc = read_all(v, at, r->origin, &p, e);
	if (rc)
		return rc;
	if (params_check(&p, &why))
		return err_at(e, ERR_RANGE, at, NULL, "%s", why.text);
	memcpy((char *)s + f->at, &p, sizeof p);
	return 0;
}

/* True if a document without the constant means what it is. */
static int as_before(const struct params *p, const struct params_row *row)
{
	return row->since && params_get(p, row) == row->before;
}

static json_t *write_rows(const struct field *f, const void *s, int later_too)
{
	const struct params *p = (const void *)((const char *)s + f->at);
	json_t *v = json_object();
	size_t n;
	const struct params_row *rows = params_table(&n);

	for (size_t i = 0; i < n; i++)
		if (later_too || !as_before(p, &rows[i]))
			json_object_set_new(v, rows[i].name,
				json_real(params_get(p, &rows[i])));
	return v;
}

static json_t *write_params(const struct field *f, const void *s)
{
	return write_rows(f, s, 1);
}

json_t *params_keep(const struct field *f, const void *s)
{
	return write_rows(f, s, 0);
}

static json_t *row_schema(const struct params_row *row)
{
	json_t *v = json_pack("{s:s, s:f, s:f, s:s+}", "type",
		row->whole ? "integer" : "number", "minimum", row->lo,
		"maximum", row->hi, "description", "unit: ", row->unit);

	return v;
}

static json_t *preset_schema(void)
{
	json_t *names = json_array();

	for (int i = 0; params_preset_name(i); i++)
		json_array_append_new(
			names, json_string(params_preset_name(i)));
	return json_pack("{s:s, s:o, s:s}", "type", "string", "enum", names,
		"default", PARAMS_PRESET);
}

static json_t *params_schema(const struct field *f)
{
	json_t *properties = json_object();
	size_t n;
	const struct params_row *rows = params_table(&n);

	json_object_set_new(properties, PRESET, preset_schema());
	for (size_t i = 0; i < n; i++)
		json_object_set_new(
			properties, rows[i].name, row_schema(&rows[i]));
	return json_pack("{s:s, s:o, s:b, s:s}", "type", "object", "properties",
		properties, "additionalProperties", 0, "description", f->help);
}

const struct field_codec params_codec = {
	.read = read_params,
	.write = write_params,
	.schema = params_schema,
};
