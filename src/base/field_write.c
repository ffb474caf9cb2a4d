/* field_write.c -- structs into documents. */
#include "base/field.h"

static json_t *write_names(const struct field *f, const char *s)
{
	const int *values = (const int *)(s + f->at);
	json_t *list = json_array();

	for (int i = 0; i < *(const int *)(s + f->count); i++)
		json_array_append_new(list, json_string(f->name(values[i])));
	return list;
}

static json_t *write_list(
	const struct field *f, enum field_purpose purpose, const char *s)
{
	const char *items = *(const char *const *)(s + f->at);
	size_t n = *(const size_t *)(s + f->count);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
			fields_write(f->of, purpose, items + i * f->of->size));
	return list;
}

static json_t *write_value(
	const struct field *f, enum field_purpose purpose, const char *s)
{
	const char *at = s + f->at;

	if (f->given && !*(const int *)(s + f->given))
		return json_null();
	switch (f->type) {
	case FIELD_INT: return json_integer(*(const int *)at);
	case FIELD_WHOLE: return json_integer(*(const int64_t *)at);
	case FIELD_REAL:
	case FIELD_SECONDS: return json_real(*(const double *)at);
	case FIELD_FLAG: return json_boolean(*(const int *)at);
	case FIELD_TEXT:
	case FIELD_HASH: return json_string(at);
	case FIELD_NAME: return json_string(f->name(*(const int *)at));
	case FIELD_NAMES: return write_names(f, s);
	case FIELD_OBJECT: return fields_write(f->of, purpose, at);
	case FIELD_LIST: return write_list(f, purpose, s);
	case FIELD_OWN:
		if (f->keep && purpose != FIELD_SHOW)
			return f->keep(f, s);
		return f->codec->write(f, s);
	case FIELD_INCLUDE: break;
	}
	return NULL;
}

/* True if `v` is what a document without the member means. */
static int as_before(const struct field *f, const json_t *v)
{
	json_t *before;
	int same;

	if (!f->before)
		return json_is_null(v) ||
		       (json_is_object(v) && json_object_size(v) == 0);
	before = field_parse(f, f->before, f->key, NULL);
	same = json_equal(v, before);
	json_decref(before);
	return same;
}

static void add_row(const struct field *f, enum field_purpose purpose,
	const char *s, json_t *obj)
{
	json_t *v;

	if (purpose == FIELD_DIGEST && (f->flags & FIELD_LABEL))
		return;
	v = write_value(f, purpose, s);
	if (v && f->since && purpose != FIELD_SHOW && as_before(f, v)) {
		json_decref(v);
		v = NULL;
	}
	if (v)
		json_object_set_new(obj, f->key, v);
}

void fields_add(const struct fields *t, enum field_purpose purpose,
	const void *s, json_t *v)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_INCLUDE)
			fields_add(fields_included(f, s), purpose,
				(const char *)s + f->at, v);
		else
			add_row(f, purpose, s, v);
	}
}

json_t *fields_write(
	const struct fields *t, enum field_purpose purpose, const void *s)
{
	json_t *v = json_object();

	fields_add(t, purpose, s, v);
	return v;
}

static int greater(int a, int b)
{
	return a > b ? a : b;
}

/* Of the members of a list. */
static int list_since(const struct field *f, const char *s)
{
	const char *items = *(const char *const *)(s + f->at);
	size_t n = *(const size_t *)(s + f->count);
	int since = 0;

	for (size_t i = 0; i < n; i++)
		since = greater(
			since, fields_since(f->of, items + i * f->of->size));
	return since;
}

/* Of a member that is written: its own, and what is in it. */
static int row_since(const struct field *f, const char *s)
{
	int since;
	json_t *v;

	if (f->type == FIELD_INCLUDE)
		return fields_since(fields_included(f, s), s + f->at);
	v = write_value(f, FIELD_KEEP, s);
	if (!v || (f->since && as_before(f, v)))
		since = 0;
	else if (f->type == FIELD_OBJECT && !json_is_null(v))
		since = greater(f->since, fields_since(f->of, s + f->at));
	else if (f->type == FIELD_LIST)
		since = greater(f->since, list_since(f, s));
	else
		since = f->since;
	json_decref(v);
	return since;
}

int fields_since(const struct fields *t, const void *s)
{
	int since = 0;

	for (size_t i = 0; i < t->n; i++)
		since = greater(since, row_since(&t->rows[i], s));
	return since;
}

int fields_latest(const struct fields *t)
{
	int latest = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		latest = greater(latest, f->since);
		if (f->of)
			latest = greater(latest, fields_latest(f->of));
	}
	return latest;
}
