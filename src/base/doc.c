/* doc.c -- readers over jansson; each checks one type and one bound. */
#include "base/doc.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/canonical.h"

/* jansson recurses to its own, deeper limit: look at the brackets first. */
static int check_depth(const char *text, size_t n, struct err *e)
{
	int depth = 0, in_string = 0;

	for (size_t i = 0; i < n; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = 0;
			continue;
		}
		if (c == '"')
			in_string = 1;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		if (depth > DOC_DEPTH_MAX)
			return err_set(e, ERR_INVALID,
				"the JSON is nested deeper than %d levels",
				DOC_DEPTH_MAX);
	}
	return 0;
}

/* What a value takes in jansson's memory, at least as much as it is: an object
 * has a table of 8 lists from the start, a list room for 8 values. */
#define OBJECT_BYTES 320
#define LIST_BYTES 160
#define VALUE_BYTES 64

static size_t values_of(const char *text, size_t n)
{
	size_t cost = VALUE_BYTES;

	for (size_t i = 0; i < n; i++) {
		switch (text[i]) {
		case '"':
			for (i++; i < n && text[i] != '"'; i++)
				i += text[i] == '\\';
			break;
		case '{': cost += OBJECT_BYTES; break;
		case '[': cost += LIST_BYTES; break;
		case ',': cost += VALUE_BYTES; break;
		default: break;
		}
	}
	return cost;
}

int doc_weigh(const char *text, size_t n, size_t *bytes, struct err *e)
{
	*bytes = values_of(text, n);
	if (*bytes <= DOC_VALUES_MAX)
		return 0;
	return err_set(e, ERR_TOO_BIG,
		"there are too many values: they would take more than %zu MB "
		"of memory",
		DOC_VALUES_MAX >> 20);
}

/* Text of any JSON type.  Without memory jansson says anything, even that all
 * is well with what it could keep: errno tells. */
static json_t *parse(const char *text, size_t n, struct err *e)
{
	json_error_t why;
	json_t *v;

	if (check_depth(text, n, e))
		return NULL;
	errno = 0;
	v = json_loadb(text ? text : "", n, JSON_REJECT_DUPLICATES, &why);
	if (errno == ENOMEM) {
		json_decref(v);
		err_set(e, ERR_BUSY,
			"there is no memory for what this JSON says; try again "
			"in a moment");
		return NULL;
	}
	if (!v)
		err_set(e, ERR_INVALID,
			"this is not JSON: %s (line %d, column %d)", why.text,
			why.line, why.column);
	return v;
}

/* Takes over `v`, which may be NULL, and gives it back if it is `wanted`. */
static json_t *only_type(
	json_t *v, json_type type, const char *wanted, struct err *e)
{
	if (!v || json_typeof(v) == type)
		return v;
	err_set(e, ERR_INVALID, "the JSON must be %s, not %s", wanted,
		doc_type_name(v));
	json_decref(v);
	return NULL;
}

json_t *doc_parse(const char *text, size_t n, struct err *e)
{
	return only_type(parse(text, n, e), JSON_OBJECT, "an object", e);
}

json_t *doc_parse_list(const char *text, size_t n, struct err *e)
{
	return only_type(parse(text, n, e), JSON_ARRAY, "a list", e);
}

const char *doc_type_name(const json_t *v)
{
	if (!v)
		return "nothing";
	switch (json_typeof(v)) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "a list";
	case JSON_STRING: return "a string";
	case JSON_INTEGER: return "an integer";
	case JSON_REAL: return "a number with a fraction";
	case JSON_TRUE:
	case JSON_FALSE: return "true or false";
	case JSON_NULL: return "null";
	}
	return "something else";
}

int doc_only(const json_t *obj, const char *at, const char *const *names,
	struct err *e)
{
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)obj, key, member) {
		const char *const *n = names;

		while (*n && strcmp(*n, key) != 0)
			n++;
		if (!*n)
			return err_at(e, ERR_INVALID, at, key,
				"the key \"%.60s\" is not known", key);
	}
	return 0;
}

static int wrong_type(struct err *e, const char *at, const char *name,
	const char *wanted, const json_t *got)
{
	if (!got)
		return err_at(e, ERR_INVALID, at, name,
			"\"%s\" is required (%s)", name, wanted);
	return err_at(e, ERR_INVALID, at, name, "\"%s\" must be %s, not %s",
		name, wanted, doc_type_name(got));
}

/* Of reals those that a double tells apart. */
int doc_integer(const json_t *v, int64_t *out)
{
	double x = json_real_value(v);

	if (json_is_integer(v))
		*out = json_integer_value(v);
	else if (json_is_real(v) && x == floor(x) && fabs(x) <= 0x1p53)
		*out = (int64_t)x;
	else
		return 0;
	return 1;
}

int doc_int(const json_t *obj, const char *at, const char *name, int64_t lo,
	int64_t hi, int64_t *out, struct err *e)
{
	const json_t *v = json_object_get(obj, name);
	int64_t x;

	if (!doc_integer(v, &x))
		return wrong_type(e, at, name, "an integer", v);
	if (x < lo || x > hi)
		return err_at(e, ERR_RANGE, at, name,
			"\"%s\" is %lld but must be from %lld to %lld", name,
			(long long)x, (long long)lo, (long long)hi);
	*out = x;
	return 0;
}

int doc_real(const json_t *obj, const char *at, const char *name, double lo,
	double hi, double *out, struct err *e)
{
	const json_t *v = json_object_get(obj, name);
	char x[CANONICAL_NUMBER_BYTES], low[CANONICAL_NUMBER_BYTES],
		high[CANONICAL_NUMBER_BYTES];

	if (!json_is_number(v))
		return wrong_type(e, at, name, "a number", v);
	if (!(json_number_value(v) >= lo && json_number_value(v) <= hi)) {
		canonical_number(json_number_value(v), x);
		canonical_number(lo, low);
		canonical_number(hi, high);
		return err_at(e, ERR_RANGE, at, name,
			"\"%s\" is %s but must be from %s to %s", name, x, low,
			high);
	}
	*out = json_number_value(v);
	return 0;
}

int doc_str(const json_t *obj, const char *at, const char *name,
	size_t min_bytes, size_t max_bytes, const char **out, struct err *e)
{
	const json_t *v = json_object_get(obj, name);
	size_t n;

	if (!json_is_string(v))
		return wrong_type(e, at, name, "a string", v);
	n = json_string_length(v);
	if (n < min_bytes || n > max_bytes)
		return err_at(e, ERR_RANGE, at, name,
			"\"%s\" has %zu bytes but must have from %zu to %zu",
			name, n, min_bytes, max_bytes);
	*out = json_string_value(v);
	return 0;
}

int doc_bool(const json_t *obj, const char *at, const char *name, int *out,
	struct err *e)
{
	const json_t *v = json_object_get(obj, name);

	if (!json_is_boolean(v))
		return wrong_type(e, at, name, "true or false", v);
	*out = json_is_true(v);
	return 0;
}

int doc_obj(const json_t *obj, const char *at, const char *name,
	const json_t **out, struct err *e)
{
	const json_t *v = json_object_get(obj, name);

	if (!json_is_object(v))
		return wrong_type(e, at, name, "an object", v);
	*out = v;
	return 0;
}

int doc_list(const json_t *obj, const char *at, const char *name, size_t min,
	size_t max, const json_t **out, struct err *e)
{
	const json_t *v = json_object_get(obj, name);

	if (!json_is_array(v))
		return wrong_type(e, at, name, "a list", v);
	if (json_array_size(v) < min || json_array_size(v) > max)
		return err_at(e, ERR_RANGE, at, name,
			"\"%s\" has %zu entries but must have from %zu to %zu",
			name, json_array_size(v), min, max);
	*out = v;
	return 0;
}

static int absent(const json_t *obj, const char *name)
{
	const json_t *v = json_object_get(obj, name);

	return !v || json_is_null(v);
}

int doc_int_opt(const json_t *obj, const char *at, const char *name, int64_t lo,
	int64_t hi, int64_t *out, struct err *e)
{
	return absent(obj, name) ? 0 : doc_int(obj, at, name, lo, hi, out, e);
}

int doc_real_opt(const json_t *obj, const char *at, const char *name, double lo,
	double hi, double *out, struct err *e)
{
	return absent(obj, name) ? 0 : doc_real(obj, at, name, lo, hi, out, e);
}

int doc_str_opt(const json_t *obj, const char *at, const char *name,
	size_t min_bytes, size_t max_bytes, const char **out, struct err *e)
{
	if (absent(obj, name))
		return 0;
	return doc_str(obj, at, name, min_bytes, max_bytes, out, e);
}

int doc_obj_opt(const json_t *obj, const char *at, const char *name,
	const json_t **out, struct err *e)
{
	return absent(obj, name) ? 0 : doc_obj(obj, at, name, out, e);
}

int doc_bool_opt(const json_t *obj, const char *at, const char *name, int *out,
	struct err *e)
{
	return absent(obj, name) ? 0 : doc_bool(obj, at, name, out, e);
}
