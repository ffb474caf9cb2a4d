/* options.c -- a subcommand's words against its table. */
#include "cli/options/options.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options/config.h"
#include "cli/options/suggest.h"

/* The option called name[0..n-1], or NULL. */
static const struct option_entry *find(
	const struct options *o, const char *name, size_t n)
{
	for (size_t i = 0; i < o->n_entries; i++)
		if (strlen(o->entries[i].name) == n &&
			memcmp(o->entries[i].name, name, n) == 0)
			return &o->entries[i];
	return NULL;
}

static int unknown_option(
	const struct options *o, const char *word, size_t n, struct err *e)
{
	const char *names[OPTION_ENTRIES_MAX + 1] = {"help"};
	size_t count = 1;
	char typed[64];
	const char *near;

	snprintf(typed, sizeof(typed), "%.*s", (int)n, word);
	for (size_t i = 0; i < o->n_entries; i++)
		if (o->entries[i].help)
			names[count++] = o->entries[i].name;
	near = suggest_name(typed, names, count);
	if (near)
		return err_set(e, ERR_INVALID,
			"there is no option --%s; did you mean --%s?", typed,
			near);
	return err_set(e, ERR_INVALID, "there is no option --%s", typed);
}

/* -- one value -- */

static int read_int(struct option_value *v, const char *label, struct err *e)
{
	const struct option_entry *p = v->option;
	char *end;

	errno = 0;
	v->integer = strtoll(v->text, &end, 10);
	if (end == v->text || *end)
		return err_set(e, ERR_INVALID,
			"%s must be a whole number, not '%.40s'", label,
			v->text);
	if (errno || (double)v->integer < p->lo || (double)v->integer > p->hi)
		return err_set(e, ERR_RANGE,
			"%s must be %.0f to %.0f, not %.40s", label, p->lo,
			p->hi, v->text);
	return 0;
}

static int read_real(struct option_value *v, const char *label, struct err *e)
{
	const struct option_entry *p = v->option;
	char *end;

	v->real = strtod(v->text, &end);
	if (end == v->text || *end || !isfinite(v->real))
		return err_set(e, ERR_INVALID,
			"%s must be a number, not '%.40s'", label, v->text);
	if (v->real < p->lo || v->real > p->hi)
		return err_set(e, ERR_RANGE, "%s must be %g to %g, not %.40s",
			label, p->lo, p->hi, v->text);
	return 0;
}

static int read_flag(struct option_value *v, const char *label, struct err *e)
{
	if (strcmp(v->text, "1") != 0 && strcmp(v->text, "0") != 0)
		return err_set(e, ERR_INVALID, "%s must be 1 or 0, not '%.40s'",
			label, v->text);
	v->integer = v->text[0] == '1';
	return 0;
}

/* A field says itself what its values are. */
static int read_field(struct option_value *v, const char *label, struct err *e)
{
	struct err why = {0};
	json_t *x = field_parse(v->option->field, v->text, label, &why);

	if (!x)
		return err_set(e, why.code, "%s", why.text);
	v->integer = json_integer_value(x);
	v->real = json_number_value(x);
	json_decref(x);
	return 0;
}

static int read_value(struct option_value *v, const char *label, struct err *e)
{
	switch (v->option->kind) {
	case OPTION_FLAG: return read_flag(v, label, e);
	case OPTION_INT: return read_int(v, label, e);
	case OPTION_REAL: return read_real(v, label, e);
	case OPTION_TEXT:
	case OPTION_LIST: break;
	}
	if (!*v->text)
		return err_set(e, ERR_INVALID, "%s is empty", label);
	if (v->option->field && v->option->kind == OPTION_TEXT)
		return read_field(v, label, e);
	return 0;
}

/* Checks and keeps a value; `label` is what a message calls its option. */
static int keep(struct options *o, const struct option_entry *p,
	enum option_source source, const char *text, const char *label,
	struct err *e)
{
	struct option_value v = {.option = p, .source = source, .text = text};
	int rc;

	if (o->n_values == OPTION_VALUES_MAX)
		return err_set(e, ERR_INVALID, "more than %d options",
			OPTION_VALUES_MAX);
	rc = read_value(&v, label, e);
	if (rc == 0)
		o->values[o->n_values++] = v;
	return rc;
}

/* -- the line -- */

/* Reads the option in argv[i] ("--..."); returns how many words it took, or an
 * error's code. */
static int read_option(struct options *o, int argc, char **argv, struct err *e)
{
	const char *word = argv[0] + 2;
	size_t n = strcspn(word, "=");
	const struct option_entry *p = find(o, word, n);
	const char *value = word[n] ? word + n + 1 : NULL;
	int words = 1, rc;
	char label[72];

	if (!p)
		return unknown_option(o, word, n, e);
	snprintf(label, sizeof(label), "--%s", p->name);
	if (p->kind == OPTION_FLAG) {
		if (value)
			return err_set(
				e, ERR_INVALID, "%s takes no value", label);
		value = "1";
	} else if (!value) {
		if (argc < 2 || strncmp(argv[1], "--", 2) == 0)
			return err_set(e, ERR_INVALID,
				"%s needs a value: %s %s", label, label,
				p->value);
		value = argv[1];
		words = 2;
	}
	rc = keep(o, p, OPTION_LINE, value, label, e);
	return rc ? rc : words;
}

static int read_line(
	struct options *o, int max_args, int argc, char **argv, struct err *e)
{
	int only_args = 0;

	for (int i = 0; i < argc;) {
		const char *word = argv[i];

		if (!only_args && strcmp(word, "--") == 0) {
			only_args = 1;
			i++;
		} else if (!only_args && strncmp(word, "--", 2) == 0) {
			int took = read_option(o, argc - i, argv + i, e);

			if (took < 0)
				return took;
			i += took;
		} else if (!only_args && word[0] == '-' && word[1]) {
			return err_set(e, ERR_INVALID,
				"there is no option %.40s; options have two "
				"dashes",
				word);
		} else {
			if (o->n_args == max_args)
				return err_set(e, ERR_INVALID,
					"'%.60s' is not expected here", word);
			o->args[o->n_args++] = word;
			i++;
		}
	}
	return 0;
}

/* -- the environment -- */

/* Keeps each part of a list that commas separate. */
static int keep_list(struct options *o, const struct option_entry *p,
	const char *text, const char *label, struct err *e)
{
	size_t n = strlen(text) + 1;
	char *copy = o->lists + o->lists_used, *rest = NULL;
	int rc = 0;

	if (n > sizeof(o->lists) - o->lists_used)
		return err_set(e, ERR_TOO_BIG, "%s is too long", label);
	memcpy(copy, text, n);
	o->lists_used += n;
	for (char *part = strtok_r(copy, ",", &rest); part && rc == 0;
		part = strtok_r(NULL, ",", &rest))
		rc = keep(o, p, OPTION_ENVIRONMENT, part, label, e);
	return rc;
}

static int read_variable(
	struct options *o, const struct option_entry *p, struct err *e)
{
	char name[OPTION_VARIABLE_BYTES];
	const char *text;

	if (!p->help || options_source(o, p->name) != OPTION_ABSENT)
		return 0;
	options_variable(p->name, name);
	text = getenv(name);
	/* An empty variable counts as absent, as it does in most programs. */
	if (!text || !*text)
		return 0;
	if (p->kind == OPTION_LIST)
		return keep_list(o, p, text, name, e);
	return keep(o, p, OPTION_ENVIRONMENT, text, name, e);
}

static int read_environment(struct options *o, struct err *e)
{
	for (size_t i = 0; i < o->n_entries; i++) {
		int rc = read_variable(o, &o->entries[i], e);

		if (rc)
			return rc;
	}
	return 0;
}

/* -- files -- */

/* What the lines of one section say of an option; "" is above all sections. */
static int read_section(struct options *o, const struct option_entry *p,
	const struct config *c, const char *section, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < c->n && rc == 0; i++) {
		const struct config_line *l = &c->lines[i];
		char label[CONFIG_WHERE_BYTES + OPTION_NAME_BYTES + 2];

		if (strcmp(l->section, section) != 0 ||
			strcmp(l->key, p->name) != 0)
			continue;
		snprintf(label, sizeof label, "%s: %s", l->where, p->name);
		rc = keep(o, p, OPTION_CONFIG, l->value, label, e);
	}
	return rc;
}

int options_configure(struct options *o, const struct config *c,
	const char *command, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < o->n_entries && rc == 0; i++) {
		const struct option_entry *p = &o->entries[i];

		if (!p->help || options_source(o, p->name) != OPTION_ABSENT)
			continue;
		rc = read_section(o, p, c, "", e);
		if (rc == 0)
			rc = read_section(o, p, c, command, e);
	}
	return rc;
}

/* -- */

static int asks_for_help(int argc, char **argv)
{
	for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0 ||
			strcmp(argv[i], "-h") == 0)
			return 1;
	return 0;
}

int options_read(struct options *o, const struct option_group *groups,
	int max_args, int argc, char **argv, struct err *e)
{
	int rc;

	assert(max_args <= OPTION_ARGS_MAX);
	memset(o, 0, sizeof(*o));
	o->n_entries = options_entries(groups, o->entries);
	o->help = asks_for_help(argc, argv);
	if (o->help)
		return 0;
	rc = read_line(o, max_args, argc, argv, e);
	if (rc == 0)
		rc = read_environment(o, e);
	return rc;
}

/* -- what was given -- */

static const struct option_value *last(
	const struct options *o, const char *name)
{
	const struct option_entry *p = find(o, name, strlen(name));

	assert(p);
	for (size_t i = o->n_values; i > 0; i--)
		if (o->values[i - 1].option == p)
			return &o->values[i - 1];
	return NULL;
}

enum option_source options_source(const struct options *o, const char *name)
{
	const struct option_value *v = last(o, name);

	return v ? v->source : OPTION_ABSENT;
}

int options_flag(const struct options *o, const char *name)
{
	return options_int(o, name, 0) != 0;
}

int64_t options_int(const struct options *o, const char *name, int64_t absent)
{
	const struct option_value *v = last(o, name);

	return v ? v->integer : absent;
}

double options_real(const struct options *o, const char *name, double absent)
{
	const struct option_value *v = last(o, name);

	return v ? v->real : absent;
}

const char *options_text(
	const struct options *o, const char *name, const char *absent)
{
	const struct option_value *v = last(o, name);

	return v ? v->text : absent;
}

size_t options_list(
	const struct options *o, const char *name, const char **out, size_t max)
{
	const struct option_entry *p = find(o, name, strlen(name));
	size_t n = 0;

	assert(p);
	for (size_t i = 0; i < o->n_values && n < max; i++)
		if (o->values[i].option == p)
			out[n++] = o->values[i].text;
	return n;
}
