/* options.c -- a subcommand's words against its table. */
#include "cli/options/options.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options/suggest.h"

/* -- the table -- */

/* The option called name[0..n-1], or NULL. */
static const struct option *find(
	const struct option_group *groups, const char *name, size_t n)
{
	for (const struct option_group *g = groups; g->title; g++)
		for (const struct option *p = g->options; p->name; p++)
			if (strlen(p->name) == n &&
				memcmp(p->name, name, n) == 0)
				return p;
	return NULL;
}

static int unknown_option(const struct option_group *groups, const char *word,
	size_t n, struct err *e)
{
	const char *names[OPTION_VALUES_MAX] = {"help"};
	size_t count = 1;
	char typed[64];
	const char *near;

	snprintf(typed, sizeof(typed), "%.*s", (int)n, word);
	for (const struct option_group *g = groups; g->title; g++)
		for (const struct option *p = g->options; p->name; p++)
			if (p->help && count < OPTION_VALUES_MAX)
				names[count++] = p->name;
	near = suggest_name(typed, names, count);
	if (near)
		return err_set(e, ERR_INVALID,
			"there is no option --%s; did you mean --%s?", typed,
			near);
	return err_set(e, ERR_INVALID, "there is no option --%s", typed);
}

void options_variable(const struct option *p, char out[OPTION_VARIABLE_BYTES])
{
	int n = snprintf(out, OPTION_VARIABLE_BYTES, "NEVOD_%s", p->name);

	assert(n > 0 && n < OPTION_VARIABLE_BYTES);
	for (char *c = out; *c; c++)
		*c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
}

/* -- one value -- */

static int read_int(struct option_value *v, const char *label, struct err *e)
{
	const struct option *p = v->option;
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
	const struct option *p = v->option;
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

/* Checks and keeps a value; `label` is what a message calls its option. */
static int keep(struct options *o, const struct option *p,
	enum option_source source, const char *text, const char *label,
	struct err *e)
{
	struct option_value v = {.option = p, .source = source, .text = text};
	int rc = 0;

	if (o->n_values == OPTION_VALUES_MAX)
		return err_set(e, ERR_INVALID, "more than %d options",
			OPTION_VALUES_MAX);
	switch (p->kind) {
	case OPTION_FLAG: rc = read_flag(&v, label, e); break;
	case OPTION_INT: rc = read_int(&v, label, e); break;
	case OPTION_REAL: rc = read_real(&v, label, e); break;
	case OPTION_TEXT:
	case OPTION_LIST:
		if (!*text)
			rc = err_set(e, ERR_INVALID, "%s is empty", label);
		break;
	}
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
	const struct option *p = find(o->groups, word, n);
	const char *value = word[n] ? word + n + 1 : NULL;
	int words = 1, rc;
	char label[72];

	if (!p)
		return unknown_option(o->groups, word, n, e);
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
static int keep_list(struct options *o, const struct option *p,
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
	struct options *o, const struct option *p, struct err *e)
{
	char name[OPTION_VARIABLE_BYTES];
	const char *text;

	if (!p->help || options_source(o, p->name) != OPTION_ABSENT)
		return 0;
	options_variable(p, name);
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
	for (const struct option_group *g = o->groups; g->title; g++) {
		for (const struct option *p = g->options; p->name; p++) {
			int rc = read_variable(o, p, e);

			if (rc)
				return rc;
		}
	}
	return 0;
}

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
	o->groups = groups;
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
	const struct option *p = find(o->groups, name, strlen(name));

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
	const struct option *p = find(o->groups, name, strlen(name));
	size_t n = 0;

	assert(p);
	for (size_t i = 0; i < o->n_values && n < max; i++)
		if (o->values[i].option == p)
			out[n++] = o->values[i].text;
	return n;
}

static void print_option(
	const struct option_group *g, const struct option *p, FILE *out)
{
	char left[64], absent[64];

	snprintf(left, sizeof(left), "--%s%s%s", p->name, p->value ? " " : "",
		p->value ? p->value : "");
	fprintf(out, "  %-26s %s", left, p->help);
	if (g->absent && g->absent(p, absent, sizeof(absent)))
		fprintf(out, " (%s)", absent);
	fputc('\n', out);
}

void options_print(const struct option_group *groups, FILE *out)
{
	for (const struct option_group *g = groups; g->title; g++) {
		fprintf(out, "\n%s:\n", g->title);
		for (const struct option *p = g->options; p->name; p++)
			if (p->help)
				print_option(g, p, out);
	}
}
