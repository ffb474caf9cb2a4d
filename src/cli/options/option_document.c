/* option_document.c -- from the options that are fields to the document that
 * they describe. */
#include "cli/options/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define PAIRS_MAX 64

const char *options_pair(
	const char *option, const char *text, size_t *n, struct err *e)
{
	*n = strcspn(text, "=");
	if (*n > 0 && text[*n] && text[*n + 1])
		return text + *n + 1;
	err_set(e, ERR_INVALID, "--%s takes NAME=X, not '%.80s'", option, text);
	return NULL;
}

/* "NAME=X" into the object: a number, or else a text. */
static int add_pair(
	json_t *v, const char *option, const char *text, struct err *e)
{
	size_t n;
	const char *x = options_pair(option, text, &n, e);
	json_t *value;
	double number;
	char *end;

	if (!x)
		return e->code;
	number = strtod(x, &end);
	value = *end || !isfinite(number) ? json_string(x) : json_real(number);
	if (json_object_setn_new(v, text, n, value))
		return err_set(e, ERR_INVALID, "--%s is not UTF-8", option);
	return 0;
}

/* Pairs with commas between them. */
static int add_pairs(
	json_t *v, const char *option, const char *text, struct err *e)
{
	char *copy = xstrdup(text), *pair = copy;
	int rc = 0;

	while (rc == 0 && pair) {
		char *comma = strchr(pair, ',');

		if (comma)
			*comma++ = '\0';
		rc = add_pair(v, option, pair, e);
		pair = comma;
	}
	free(copy);
	return rc;
}

static json_t *pairs(
	const struct options *o, const struct option_entry *p, struct err *e)
{
	const char *given[PAIRS_MAX];
	size_t n = options_list(o, p->name, given, PAIRS_MAX);
	json_t *v = json_object();

	for (size_t i = 0; i < n; i++)
		if (add_pairs(v, p->name, given[i], e)) {
			json_decref(v);
			return NULL;
		}
	return v;
}

static json_t *value_of(
	const struct options *o, const struct option_entry *p, struct err *e)
{
	char label[OPTION_NAME_BYTES + 2];

	snprintf(label, sizeof label, "--%s", p->name);
	if (p->kind == OPTION_LIST)
		return pairs(o, p, e);
	if (p->kind == OPTION_FLAG &&
		options_source(o, p->name) != OPTION_ABSENT)
		return json_boolean(options_flag(o, p->name));
	return field_parse(
		p->field, options_text(o, p->name, p->absent), label, e);
}

/* True if the group itself says what holds when the option is absent. */
static int has_default(const struct option_entry *p)
{
	for (const struct option_default *d = p->group->defaults; d && d->key;
		d++)
		if (strcmp(d->key, p->field->key) == 0)
			return 1;
	return 0;
}

/* True if the entry is a member of such a document, also through a table that
 * it includes and that has a group of its own. */
static int is_member(const struct option_entry *p, const struct fields *t)
{
	return p->field &&
	       fields_find(t, NULL, p->object ? p->object : p->field->key);
}

static void put(json_t *doc, const struct option_entry *p, json_t *v)
{
	json_t *to = doc;

	if (p->object) {
		to = json_object_get(doc, p->object);
		if (!to) {
			to = json_object();
			json_object_set_new(doc, p->object, to);
		}
	}
	json_object_set_new(to, p->field->key, v);
}

json_t *options_document(
	const struct options *o, const struct fields *t, struct err *e)
{
	json_t *doc = json_object();

	for (size_t i = 0; i < o->n_entries; i++) {
		const struct option_entry *p = &o->entries[i];
		json_t *v;

		if (!is_member(p, t) ||
			(options_source(o, p->name) == OPTION_ABSENT &&
				!has_default(p)))
			continue;
		v = value_of(o, p, e);
		if (!v) {
			json_decref(doc);
			return NULL;
		}
		put(doc, p, v);
	}
	return doc;
}

/* True if the JSON pointer leads to the entry's member, or into it. */
static int is_at(const struct option_entry *p, const char *where)
{
	char at[2 * OPTION_NAME_BYTES];
	int n = snprintf(at, sizeof at, "%s%s/%s", p->object ? "/" : "",
		p->object ? p->object : "", p->field->key);

	return strncmp(where, at, (size_t)n) == 0 &&
	       (where[n] == '\0' || where[n] == '/');
}

int options_blame(
	const struct options *o, const struct fields *t, struct err *e)
{
	for (size_t i = 0; i < o->n_entries; i++) {
		const struct option_entry *p = &o->entries[i];

		if (is_member(p, t) && is_at(p, e->where))
			return err_prefix(e, "--%s", p->name);
	}
	return e->code;
}
