/* class_names_json.c -- a list of strings. */
#include "data/class_names_json.h"

#include <string.h>

#include "base/arena.h"

json_t *class_names_json(const struct dataset_info *d)
{
	json_t *out = json_array();

	for (int i = 0; i < d->classes; i++)
		json_array_append_new(out, json_string(d->class_names[i]));
	return out;
}

static int check_count(size_t n, struct err *e)
{
	if (n >= 2 && n <= DATASET_CLASSES_MAX)
		return 0;
	return err_set(e, ERR_RANGE, "%zu class names, which must be 2 to %d",
		n, DATASET_CLASSES_MAX);
}

static int check_name(const json_t *v, size_t i, struct err *e)
{
	const char *name = json_string_value(v);

	if (name && class_name_is_fit(name, json_string_length(v)))
		return 0;
	return err_set(e, ERR_INVALID,
		"class name %zu must be a string of 1 to %d bytes without "
		"control characters",
		i, DATASET_NAME_BYTES - 1);
}

static int check_list(const json_t *list, struct err *e)
{
	int rc = check_count(json_array_size(list), e);

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
		rc = check_name(json_array_get(list, i), i, e);
	return rc;
}

int class_names_take(const json_t *list, struct class_names *out, struct err *e)
{
	const size_t n = json_array_size(list);
	int rc = check_list(list, e);

	if (rc)
		return rc;
	out->n = n;
	out->names = xcalloc(n, sizeof *out->names);
	for (size_t i = 0; i < n; i++)
		strcpy(out->names[i],
			json_string_value(json_array_get(list, i)));
	return 0;
}

/* As the list is written: quotes, and a comma or a bracket. */
static size_t text_bytes(const json_t *list)
{
	size_t n = 1;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += json_string_length(json_array_get(list, i)) + 3;
	return n;
}

static int check_text(const json_t *list, struct err *e)
{
	const size_t n = text_bytes(list);

	if (n <= CLASS_NAMES_TEXT_MAX)
		return 0;
	return err_set(e, ERR_RANGE,
		"the names of the %zu classes take %zu bytes, which must be at "
		"most %zu: give shorter ones in classes.txt",
		json_array_size(list), n, CLASS_NAMES_TEXT_MAX);
}

int class_names_fit(const struct dataset_info *d, struct err *e)
{
	json_t *list = class_names_json(d);
	int rc = check_text(list, e);

	json_decref(list);
	return rc;
}

static int read_member(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct err why = {0};
	int rc = 0;

	(void)r;
	if (v && !json_is_array(v))
		rc = err_set(
			&why, ERR_INVALID, "\"%s\" must be a list", f->key);
	else if (v)
		rc = check_list(v, &why);
	if (rc == 0 && v)
		rc = check_text(v, &why);
	if (rc)
		return err_at(e, rc, at, NULL, "%s", why.text);
	*(const json_t **)((char *)s + f->at) = v;
	return 0;
}

static json_t *write_member(const struct field *f, const void *s)
{
	return json_incref(*(json_t *const *)((const char *)s + f->at));
}

static json_t *member_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s, s:s, s:i, s:i, s:{s:s, s:i, s:i}}", "type",
		"array", "description", "the names of the classes, in order",
		"minItems", 2, "maxItems", DATASET_CLASSES_MAX, "items", "type",
		"string", "minLength", 1, "maxLength", DATASET_NAME_BYTES - 1);
}

const struct field_codec class_names_codec = {
	read_member, write_member, member_schema};
