/* field.c -- rows and names looked up, and values as a person types them. */
#include "base/field.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* -- rows -- */

const struct fields *fields_included(const struct field *f, const void *s)
{
	return f->of ? f->of : f->choice(f->choose(s));
}

/* The row of that key in what an INCLUDE brings. */
static const struct field *find_included(
	const struct field *f, const void *s, const char *key)
{
	const struct field *found = NULL;
	const char *inner = s ? (const char *)s + f->at : NULL;

	if (f->of)
		return fields_find(f->of, inner, key);
	if (s)
		return fields_find(f->choice(f->choose(s)), inner, key);
	for (int i = 0; !found && f->choice(i); i++)
		found = fields_find(f->choice(i), NULL, key);
	return found;
}

const struct field *fields_find(
	const struct fields *t, const void *s, const char *key)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct field *f = &t->rows[i];

		if (f->type == FIELD_INCLUDE)
			f = find_included(f, s, key);
		else if (strcmp(f->key, key) != 0)
			f = NULL;
		if (f)
			return f;
	}
	return NULL;
}

/* Of a list of names `lo` is how many there must be. */
int field_first_name(const struct field *f)
{
	return f->type == FIELD_NAMES ? 0 : (int)f->lo;
}

/* -- bounds -- */

/* NaN is in no range. */
static int number_in_bounds(const struct field *f, double x, struct err *e)
{
	if (x >= f->lo && x <= f->hi)
		return 0;
	return err_set(e, ERR_RANGE, "%s is %g but must be %g to %g", f->key, x,
		f->lo, f->hi);
}

static int name_in_bounds(const struct field *f, int value, struct err *e)
{
	for (int i = field_first_name(f); f->name(i); i++)
		if (i == value)
			return 0;
	return err_set(e, ERR_RANGE, "there is no %s %d", f->key, value);
}

static int names_in_bounds(const struct field *f, const char *s, struct err *e)
{
	const int *values = (const int *)(s + f->at);
	const int n = *(const int *)(s + f->count);
	int rc = 0;

	if (n < f->lo || n > f->hi)
		return err_set(e, ERR_RANGE,
			"%s has %d entries but must have %.0f to %.0f", f->key,
			n, f->lo, f->hi);
	for (int i = 0; rc == 0 && i < n; i++)
		rc = name_in_bounds(f, values[i], e);
	return rc;
}

static int row_in_bounds(const struct field *f, const char *s, struct err *e)
{
	const char *at = s + f->at;

	if (f->given && !*(const int *)(s + f->given))
		return 0;
	switch (f->type) {
	case FIELD_INT: return number_in_bounds(f, *(const int *)at, e);
	case FIELD_WHOLE:
		return number_in_bounds(f, (double)*(const int64_t *)at, e);
	case FIELD_REAL:
	case FIELD_SECONDS: return number_in_bounds(f, *(const double *)at, e);
	case FIELD_NAME: return name_in_bounds(f, *(const int *)at, e);
	case FIELD_NAMES: return names_in_bounds(f, s, e);
	case FIELD_OBJECT: return fields_in_bounds(f->of, at, e);
	case FIELD_INCLUDE:
		return fields_in_bounds(fields_included(f, s), at, e);
	default: return 0;
	}
}

int fields_in_bounds(const struct fields *t, const void *s, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < t->n; i++)
		rc = row_in_bounds(&t->rows[i], s, e);
	return rc;
}

/* -- names and texts -- */

/* DEL and the C1 block (0xc2 0x80..0x9f in UTF-8) move cursors too. */
int field_printable(const char *s)
{
	for (const unsigned char *p = (const unsigned char *)s; *p; p++)
		if (*p < 0x20 || *p == 0x7f ||
			(*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			return 0;
	return 1;
}

int field_named(const struct field *f, const char *text)
{
	for (int i = field_first_name(f); f->name(i); i++)
		if (strcasecmp(f->name(i), text) == 0)
			return i;
	return -1;
}

void field_names_say(const struct field *f, char out[FIELD_NAMES_BYTES])
{
	const int first = field_first_name(f);
	size_t n = 0;

	out[0] = '\0';
	for (int i = first; f->name(i) && n < FIELD_NAMES_BYTES; i++) {
		const char *join = f->name(i + 1) ? ", " : " or ";

		n += (size_t)snprintf(out + n, FIELD_NAMES_BYTES - n,
			"%s\"%s\"", i > first ? join : "", f->name(i));
	}
}

/* -- values as text -- */

static json_t *parse_whole(const struct field *f, const char *text,
	const char *label, struct err *e)
{
	char *end;
	long long x;

	errno = 0;
	x = strtoll(text, &end, 10);
	if (end == text || *end) {
		err_set(e, ERR_INVALID,
			"%s must be a whole number, not '%.40s'", label, text);
		return NULL;
	}
	if (errno || (double)x < f->lo || (double)x > f->hi) {
		err_set(e, ERR_RANGE, "%s must be %.0f to %.0f, not %.40s",
			label, f->lo, f->hi, text);
		return NULL;
	}
	return json_integer(x);
}

static json_t *parse_real(const struct field *f, const char *text,
	const char *label, struct err *e)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || !isfinite(x)) {
		err_set(e, ERR_INVALID, "%s must be a number, not '%.40s'",
			label, text);
		return NULL;
	}
	if (x < f->lo || x > f->hi) {
		err_set(e, ERR_RANGE, "%s must be %g to %g, not %.40s", label,
			f->lo, f->hi, text);
		return NULL;
	}
	return json_real(x);
}

/* Seconds in a unit of time; 0 for none. */
static double seconds_in(const char *unit)
{
	static const struct {
		const char *name;
		double seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};

	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(unit, units[i].name) == 0)
			return units[i].seconds;
	return 0;
}

static json_t *parse_seconds(const struct field *f, const char *text,
	const char *label, struct err *e)
{
	char *end;
	double x = strtod(text, &end) * seconds_in(end);

	if (end == text || seconds_in(end) == 0 || !isfinite(x)) {
		err_set(e, ERR_INVALID,
			"%s must be a time like 90s, 30m, 2h or 1d, not "
			"'%.40s'",
			label, text);
		return NULL;
	}
	if (x < f->lo || x > f->hi) {
		err_set(e, ERR_RANGE, "%s must be %g to %g seconds, not %.40s",
			label, f->lo, f->hi, text);
		return NULL;
	}
	return json_real(x);
}

static json_t *parse_flag(const char *text, const char *label, struct err *e)
{
	static const char *const yes[] = {"true", "1"}, *const no[] = {
								"false", "0"};

	for (int i = 0; i < 2; i++) {
		if (strcmp(text, yes[i]) == 0)
			return json_true();
		if (strcmp(text, no[i]) == 0)
			return json_false();
	}
	err_set(e, ERR_INVALID, "%s must be true or false, not '%.40s'", label,
		text);
	return NULL;
}

static json_t *parse_text(const struct field *f, const char *text,
	const char *label, struct err *e)
{
	size_t n = strlen(text);
	json_t *v = json_string(text);

	if (!v) {
		err_set(e, ERR_INVALID, "%s is not UTF-8", label);
		return NULL;
	}
	if (f->type == FIELD_TEXT && ((double)n < f->lo || (double)n > f->hi)) {
		err_set(e, ERR_RANGE,
			"%s must have %.0f to %.0f bytes, not %zu", label,
			f->lo, f->hi, n);
		json_decref(v);
		return NULL;
	}
	return v;
}

static json_t *parse_name(const struct field *f, const char *text,
	const char *label, struct err *e)
{
	int value = field_named(f, text);
	char names[FIELD_NAMES_BYTES];

	if (value >= 0)
		return json_string(f->name(value));
	field_names_say(f, names);
	err_set(e, ERR_RANGE, "%s must be %s, not '%.40s'", label, names, text);
	return NULL;
}

/* Names that commas separate. */
static json_t *parse_names(const struct field *f, const char *text,
	const char *label, struct err *e)
{
	json_t *list = json_array();

	while (*text) {
		size_t n = strcspn(text, ",");
		char one[64];
		json_t *v;

		snprintf(one, sizeof one, "%.*s", (int)n, text);
		v = parse_name(f, one, label, e);
		if (!v) {
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, v);
		text += n + (text[n] == ',');
	}
	return list;
}

json_t *field_parse(const struct field *f, const char *text, const char *label,
	struct err *e)
{
	switch (f->type) {
	case FIELD_INT:
	case FIELD_WHOLE: return parse_whole(f, text, label, e);
	case FIELD_REAL: return parse_real(f, text, label, e);
	case FIELD_SECONDS: return parse_seconds(f, text, label, e);
	case FIELD_FLAG: return parse_flag(text, label, e);
	case FIELD_NAME: return parse_name(f, text, label, e);
	case FIELD_NAMES: return parse_names(f, text, label, e);
	default: return parse_text(f, text, label, e);
	}
}
