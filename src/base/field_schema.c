/* field_schema.c -- each row says what its member may be. */
#include "base/field_schema.h"

#include <string.h>

static json_t *number(const struct field *f, const char *type)
{
	int whole = strcmp(type, "integer") == 0;

	return json_pack("{s:s, s:o, s:o}", "type", type, "minimum",
		whole ? json_integer((json_int_t)f->lo) : json_real(f->lo),
		"maximum",
		whole ? json_integer((json_int_t)f->hi) : json_real(f->hi));
}

static json_t *names(const struct field *f)
{
	json_t *list = json_array();

	for (int i = field_first_name(f); f->name(i); i++)
		json_array_append_new(list, json_string(f->name(i)));
	return json_pack("{s:s, s:o}", "type", "string", "enum", list);
}

static json_t *list_of(const struct field *f, json_t *items)
{
	return json_pack("{s:s, s:o, s:I, s:I}", "type", "array", "items",
		items, "minItems", (json_int_t)f->lo, "maxItems",
		(json_int_t)f->hi);
}

static json_t *value(const struct field *f, enum field_origin origin)
{
	json_t *v;

	switch (f->type) {
	case FIELD_INT:
	case FIELD_WHOLE: return number(f, "integer");
	case FIELD_REAL:
	case FIELD_SECONDS: return number(f, "number");
	case FIELD_FLAG: return json_pack("{s:s}", "type", "boolean");
	case FIELD_TEXT:
		return json_pack("{s:s, s:I, s:I}", "type", "string",
			"minLength", (json_int_t)(f->lo > 0), "maxLength",
			(json_int_t)f->hi);
	case FIELD_HASH:
		return json_pack("{s:s, s:s}", "type", "string", "pattern",
			"^[0-9a-f]{64}$");
	case FIELD_NAME: return names(f);
	case FIELD_NAMES:
		v = list_of(f, names(f));
		json_object_set_new(v, "uniqueItems", json_true());
		return v;
	case FIELD_OBJECT: return fields_schema(f->of, origin);
	case FIELD_LIST: return list_of(f, fields_schema(f->of, origin));
	case FIELD_OWN: return f->codec->schema(f);
	case FIELD_INCLUDE: break;
	}
	return NULL;
}

/* A member that may be missing may be null too. */
static void allow_null(json_t *v)
{
	json_t *type = json_object_get(v, "type");
	json_t *allowed = json_object_get(v, "enum");

	if (!json_is_string(type))
		return;
	if (allowed)
		json_array_append_new(allowed, json_null());
	json_object_set_new(v, "type",
		json_pack("[s, s]", json_string_value(type), "null"));
}

static int may_miss(const struct field *f, enum field_origin origin)
{
	if ((f->flags & FIELD_OPTIONAL) || f->given)
		return 1;
	return (origin == FIELD_REQUEST ? f->standard : f->before) != NULL;
}

static json_t *default_of(const struct field *f)
{
	if (f->type == FIELD_OWN)
		return json_string(f->standard);
	return field_parse(f, f->standard, f->key, NULL);
}

struct schema {
	enum field_origin origin;
	json_t *properties, *required;
};

static void add_row(const struct schema *s, const struct field *f, int choice)
{
	json_t *v;

	if (s->origin == FIELD_REQUEST && (f->flags & FIELD_FILLED))
		return;
	v = value(f, s->origin);
	if (may_miss(f, s->origin))
		allow_null(v);
	if (f->help)
		json_object_set_new(v, "description", json_string(f->help));
	if (s->origin == FIELD_REQUEST && f->standard)
		json_object_set_new(v, "default", default_of(f));
	if (!choice && !may_miss(f, s->origin))
		json_array_append_new(s->required, json_string(f->key));
	json_object_set_new(s->properties, f->key, v);
}

static void add_rows(const struct schema *s, const struct fields *t, int choice)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type != FIELD_INCLUDE)
			add_row(s, f, choice);
		else if (f->of)
			add_rows(s, f->of, choice);
		else
			for (int k = 0; f->choice(k); k++)
				add_rows(s, f->choice(k), 1);
	}
}

json_t *fields_schema(const struct fields *t, enum field_origin origin)
{
	const struct schema s = {.origin = origin,
		.properties = json_object(),
		.required = json_array()};
	json_t *v = json_pack("{s:s, s:o, s:b}", "type", "object", "properties",
		s.properties, "additionalProperties", 0);

	add_rows(&s, t, 0);
	if (json_array_size(s.required) > 0)
		json_object_set(v, "required", s.required);
	json_decref(s.required);
	return v;
}
