/* field_read.c -- documents into structs, a row at a time. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/field.h"
#include "base/hash.h"

#define NAME_BYTES_MAX 64

/* A row's value, where it stands. */
struct field_place {
	const struct field *f;
	const json_t *obj; /* the object that has the member */
	const char *at;    /* its JSON pointer */
	const struct field_reader *r;
	char *s; /* the struct */
};

static int read_table(const struct fields *t, const json_t *v, const char *at,
	const struct field_reader *r, char *s, struct err *e);

/* The JSON pointer of the member. */
static void pointer_to(const struct field_place *p, char *out, size_t size)
{
	snprintf(out, size, "%s/%s", p->at, p->f->key);
}

/* -- one value a type; the member is there -- */

static int read_int(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	int64_t x;
	int rc = doc_int(
		p->obj, p->at, f->key, (int64_t)f->lo, (int64_t)f->hi, &x, e);

	if (rc)
		return rc;
	if (f->type == FIELD_INT)
		*(int *)(p->s + f->at) = (int)x;
	else
		*(int64_t *)(p->s + f->at) = x;
	return 0;
}

static int read_text(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	const char *text;
	int rc = doc_str(
		p->obj, p->at, f->key, (size_t)f->lo, (size_t)f->hi, &text, e);

	if (rc)
		return rc;
	if (!field_printable(text))
		return err_at(e, ERR_INVALID, p->at, f->key,
			"\"%s\" has control characters", f->key);
	memcpy(p->s + f->at, text, strlen(text) + 1);
	return 0;
}

static int read_hash(const struct field_place *p, struct err *e)
{
	const char *text, *key = p->f->key;
	int rc = doc_str(p->obj, p->at, key, 64, 64, &text, e);

	if (rc)
		return rc;
	if (!sha256_is_hex(text))
		return err_at(e, ERR_INVALID, p->at, key,
			"\"%s\" must be 64 lower-case hex digits", key);
	memcpy(p->s + p->f->at, text, SHA256_HEX_BYTES);
	return 0;
}

static int unknown_name(const struct field_place *p, struct err *e)
{
	char names[FIELD_NAMES_BYTES];

	field_names_say(p->f, names);
	return err_at(e, ERR_RANGE, p->at, p->f->key, "\"%s\" must be %s",
		p->f->key, names);
}

static int read_name(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	const char *text;
	int value, rc = doc_str(
			   p->obj, p->at, f->key, 0, NAME_BYTES_MAX, &text, e);

	if (rc)
		return rc;
	value = field_named(f, text);
	if (value < 0)
		return unknown_name(p, e);
	*(int *)(p->s + f->at) = value;
	return 0;
}

static int read_names(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	int *out = (int *)(p->s + f->at), *n = (int *)(p->s + f->count);
	const json_t *list, *v;
	size_t i;
	int rc = doc_list(
		p->obj, p->at, f->key, (size_t)f->lo, (size_t)f->hi, &list, e);

	if (rc)
		return rc;
	*n = 0;
	json_array_foreach((json_t *)list, i, v) {
		const char *text = json_string_value(v);
		int value = text ? field_named(f, text) : -1;

		if (value < 0)
			return unknown_name(p, e);
		for (int k = 0; k < *n; k++)
			if (out[k] == value)
				return err_at(e, ERR_RANGE, p->at, f->key,
					"\"%s\" has \"%s\" twice", f->key,
					f->name(value));
		out[(*n)++] = value;
	}
	return 0;
}

static int read_object(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	char at[sizeof e->where];
	const json_t *v;
	int rc = doc_obj(p->obj, p->at, f->key, &v, e);

	pointer_to(p, at, sizeof at);
	return rc ? rc : read_table(f->of, v, at, p->r, p->s + f->at, e);
}

static int read_list(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	const size_t lo = (size_t)f->lo, hi = (size_t)f->hi;
	char at[sizeof e->where];
	const json_t *v;
	int rc = doc_list(p->obj, p->at, f->key, lo, hi, &v, e);

	if (rc)
		return rc;
	pointer_to(p, at, sizeof at);
	return fields_read_list(f->of, v, at, lo, hi, p->r,
		(void **)(p->s + f->at), (size_t *)(p->s + f->count), e);
}

static int read_value(const struct field_place *p, struct err *e)
{
	const struct field *f = p->f;

	switch (f->type) {
	case FIELD_INT:
	case FIELD_WHOLE: return read_int(p, e);
	case FIELD_REAL:
	case FIELD_SECONDS:
		return doc_real(p->obj, p->at, f->key, f->lo, f->hi,
			(double *)(p->s + f->at), e);
	case FIELD_FLAG:
		return doc_bool(
			p->obj, p->at, f->key, (int *)(p->s + f->at), e);
	case FIELD_TEXT: return read_text(p, e);
	case FIELD_HASH: return read_hash(p, e);
	case FIELD_NAME: return read_name(p, e);
	case FIELD_NAMES: return read_names(p, e);
	case FIELD_OBJECT: return read_object(p, e);
	case FIELD_LIST: return read_list(p, e);
	case FIELD_INCLUDE:
	case FIELD_OWN: break;
	}
	assert(!"a row's value");
	return 0;
}

/* -- rows -- */

/* Reads the value that stands in for a missing one. */
static int read_stand_in(struct field_place *p, json_t *value, struct err *e)
{
	json_t *obj = json_pack("{s:o}", p->f->key, value);
	int rc;

	p->obj = obj;
	rc = read_value(p, e);
	json_decref(obj);
	return rc;
}

static int read_missing(struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	const char *text = p->r->origin == FIELD_REQUEST ? f->standard
							 : f->before;

	if (f->given)
		*(int *)(p->s + f->given) = text != NULL;
	if (text)
		return read_stand_in(p, field_parse(f, text, f->key, NULL), e);
	if (f->given)
		return 0;
	if (f->flags & FIELD_OPTIONAL)
		return f->type == FIELD_OBJECT
			       ? read_stand_in(p, json_object(), e)
			       : 0;
	return read_value(p, e); /* says that it is required */
}

static int read_own(const struct field_place *p, const json_t *v, struct err *e)
{
	const struct field *f = p->f;
	const char *text = p->r->origin == FIELD_REQUEST ? f->standard
							 : f->before;
	json_t *stand_in = !v && text ? json_string(text) : NULL;
	char at[sizeof e->where];
	int rc;

	pointer_to(p, at, sizeof at);
	rc = f->codec->read(f, stand_in ? stand_in : v, at, p->r, p->s, e);
	json_decref(stand_in);
	return rc;
}

static int read_rows(const struct fields *t, const json_t *obj, const char *at,
	const struct field_reader *r, char *s, struct err *e);

static int read_row(struct field_place *p, struct err *e)
{
	const struct field *f = p->f;
	const json_t *v;

	if (f->type == FIELD_INCLUDE)
		return read_rows(fields_included(f, p->s), p->obj, p->at, p->r,
			p->s + f->at, e);
	if ((f->flags & FIELD_FILLED) && p->r->origin == FIELD_REQUEST)
		return 0;
	v = json_object_get(p->obj, f->key);
	if (json_is_null(v))
		v = NULL;
	if (f->type == FIELD_OWN)
		return read_own(p, v, e);
	if (!v)
		return read_missing(p, e);
	if (f->given)
		*(int *)(p->s + f->given) = 1;
	return read_value(p, e);
}

static int read_rows(const struct fields *t, const json_t *obj, const char *at,
	const struct field_reader *r, char *s, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		struct field_place p = {
			.f = &t->rows[i], .obj = obj, .at = at, .r = r, .s = s};
		int rc = read_row(&p, e);

		if (rc)
			return rc;
	}
	return t->check ? t->check(s, at, e) : 0;
}

/* Refuses members without a row, and those that a request may not have. */
static int only_known(const struct fields *t, const json_t *obj, const char *at,
	const struct field_reader *r, const char *s, struct err *e)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)obj, key, v) {
		const struct field *f = fields_find(t, s, key);

		if (!f || ((f->flags & FIELD_FILLED) &&
				  r->origin == FIELD_REQUEST))
			return err_at(e, ERR_INVALID, at, key,
				"the key \"%.60s\" is not known", key);
	}
	return 0;
}

/* A misspelt key is told before the one that is missing for it; one that
 * belongs to another choice only when the choice is read. */
static int read_table(const struct fields *t, const json_t *v, const char *at,
	const struct field_reader *r, char *s, struct err *e)
{
	int rc;

	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"%s must be an object, not %s",
			t->what ? t->what : "this", doc_type_name(v));
	rc = r->lenient ? 0 : only_known(t, v, at, r, NULL, e);
	if (rc == 0)
		rc = read_rows(t, v, at, r, s, e);
	if (rc == 0 && !r->lenient)
		rc = only_known(t, v, at, r, s, e);
	return rc;
}

int fields_read_list(const struct fields *t, const json_t *v, const char *at,
	size_t lo, size_t hi, const struct field_reader *r, void **out,
	size_t *n, struct err *e)
{
	size_t entries = json_array_size(v);
	char *array;

	if (!json_is_array(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"this must be a list, not %s", doc_type_name(v));
	if (entries < lo || entries > hi)
		return err_at(e, ERR_RANGE, at, NULL,
			"the list has %zu entries but must have from %zu to "
			"%zu",
			entries, lo, hi);
	array = arena_array(r->mem, entries + 1, t->size); /* never NULL */
	for (size_t i = 0; i < entries; i++) {
		char place[sizeof e->where];
		int rc;

		snprintf(place, sizeof place, "%s/%zu", at, i);
		rc = read_table(t, json_array_get(v, i), place, r,
			array + i * t->size, e);
		if (rc)
			return rc;
	}
	*out = array;
	*n = entries;
	return 0;
}

int fields_read(const struct fields *t, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	char *scratch = xcalloc(1, t->size);
	int rc;

	memcpy(scratch, s, t->size);
	rc = read_table(t, v, at, r, scratch, e);
	if (rc == 0)
		memcpy(s, scratch, t->size);
	free(scratch);
	return rc;
}

void fields_default(const struct fields *t, enum field_origin origin, void *s)
{
	const struct field_reader r = {.origin = origin};
	json_t *nothing = json_object();
	int rc;

	memset(s, 0, t->size);
	rc = read_rows(t, nothing, "", &r, s, NULL);
	assert(rc == 0);
	(void)rc;
	json_decref(nothing);
}
