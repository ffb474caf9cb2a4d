/* option_table.c -- a subcommand's groups as one list of options, and as
 * --help. */
#include "cli/options/options.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

struct table {
	const struct option_group *groups;
	struct option_entry *entries;
	size_t n;
};

static struct option_entry *add(struct table *t, const struct option_group *g)
{
	struct option_entry *entry = &t->entries[t->n++];

	assert(t->n <= OPTION_ENTRIES_MAX);
	*entry = (struct option_entry){.group = g};
	return entry;
}

static void add_option(
	struct table *t, const struct option_group *g, const struct option *p)
{
	struct option_entry *entry = add(t, g);

	snprintf(entry->name, sizeof entry->name, "%s", p->name);
	entry->kind = p->kind;
	entry->lo = p->lo;
	entry->hi = p->hi;
	entry->value = p->value;
	entry->help = p->help;
}

/* "clip_norm" is --clip-norm, and the "crop" of "augment" --augment-crop. */
static void name_of(
	const struct field *f, const char *object, char out[OPTION_NAME_BYTES])
{
	int n = snprintf(out, OPTION_NAME_BYTES, "%s%s%s", object ? object : "",
		object ? "-" : "", f->key);

	assert(n < OPTION_NAME_BYTES);
	(void)n;
	for (char *c = out; *c; c++)
		if (*c == '_')
			*c = '-';
}

static int lists(const struct option_group *g, const struct field *f)
{
	const char *const *k = g->only;

	while (*k && strcmp(*k, f->key) != 0)
		k++;
	return *k != NULL;
}

/* A group without a list has what no other group lists. */
static int is_option(const struct table *t, const struct option_group *g,
	const struct field *f)
{
	if (!f->help || g->only)
		return f->help && lists(g, f);
	for (const struct option_group *h = t->groups; h->title; h++)
		if (h->fields && h->only && lists(h, f))
			return 0;
	return 1;
}

/* True if the rows of that table have a group of their own. */
static int has_group(const struct table *t, const struct fields *fields)
{
	const struct option_group *h = t->groups;

	while (h->title && (h->fields != fields || h->only))
		h++;
	return h->title != NULL;
}

static const char *absent_of(
	const struct option_group *g, const struct field *f)
{
	for (const struct option_default *d = g->defaults; d && d->key; d++)
		if (strcmp(d->key, f->key) == 0)
			return d->text;
	return f->type == FIELD_FLAG || !f->standard || !*f->standard
		       ? NULL
		       : f->standard;
}

/* Algorithms may share rows, each of which is one option. */
static int is_there(const struct table *t, const struct field *f)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i].field == f)
			return 1;
	return 0;
}

static void add_field(struct table *t, const struct option_group *g,
	const struct field *f, const char *object)
{
	struct option_entry *entry;

	if (!is_option(t, g, f) || is_there(t, f))
		return;
	entry = add(t, g);
	name_of(f, object, entry->name);
	entry->kind = f->type == FIELD_FLAG  ? OPTION_FLAG
		      : f->type == FIELD_OWN ? OPTION_LIST
					     : OPTION_TEXT;
	entry->value = f->unit;
	entry->help = f->help;
	entry->field = f;
	entry->object = object;
	entry->absent = absent_of(g, f);
}

static void add_fields(struct table *t, const struct option_group *g,
	const struct fields *fields, const char *object)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->rows[i];

		if (f->type == FIELD_OBJECT)
			add_fields(t, g, f->of, f->key);
		else if (f->type != FIELD_INCLUDE)
			add_field(t, g, f, object);
		else if (f->of && (g->only || !has_group(t, f->of)))
			add_fields(t, g, f->of, object);
		else if (!f->of)
			for (int k = 0; f->choice(k); k++)
				add_fields(t, g, f->choice(k), object);
	}
}

size_t options_entries(
	const struct option_group *groups, struct option_entry *out)
{
	struct table t = {.groups = groups, .entries = out};

	for (const struct option_group *g = groups; g->title; g++) {
		for (const struct option *p = g->options; p && p->name; p++)
			add_option(&t, g, p);
		if (g->fields)
			add_fields(&t, g, g->fields, NULL);
	}
	return t.n;
}

void options_variable(const char *name, char out[OPTION_VARIABLE_BYTES])
{
	int n = snprintf(out, OPTION_VARIABLE_BYTES, "NEVOD_%s", name);

	assert(n > 0 && n < OPTION_VARIABLE_BYTES);
	(void)n;
	for (char *c = out; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}
