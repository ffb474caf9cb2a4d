/* config_check.c -- names in configuration files that nothing answers to. */
#include <string.h>

#include "cli/options/command.h"
#include "cli/options/config.h"
#include "cli/options/suggest.h"

#define COMMANDS_MAX 64

/* Adds the names of a subcommand's options; returns how many there are then. */
static size_t option_names(const struct option_entry *entries, size_t n,
	const char **names, size_t count)
{
	for (size_t i = 0; i < n; i++)
		if (entries[i].help)
			names[count++] = entries[i].name;
	return count;
}

static int has(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

static int unknown(const struct config_line *l, const char *what,
	const char *name, const char *const *names, size_t n, struct err *e)
{
	const char *near = suggest_name(name, names, n);

	return err_set(e, ERR_INVALID, "%s: there is no %s '%.40s'%s%s%s",
		l->where, what, name, near ? "; did you mean '" : "",
		near ? near : "", near ? "'?" : "");
}

/* A key of one subcommand's section. */
static int check_key(
	const struct config_line *l, const struct command *c, struct err *e)
{
	struct option_entry entries[OPTION_ENTRIES_MAX];
	const char *names[OPTION_ENTRIES_MAX];
	size_t n = option_names(
		entries, options_entries(c->groups, entries), names, 0);

	return has(names, n, l->key)
		       ? 0
		       : unknown(l, "option", l->key, names, n, e);
}

/* A key above all sections. */
static int check_common(const struct config_line *l, struct err *e)
{
	struct err first = {0};

	for (size_t i = 0; commands[i]; i++) {
		struct err why = {0};

		if (check_key(l, commands[i], &why) == 0)
			return 0;
		/* The first that knows a name nearby says it best. */
		if (!first.text[0] || (strstr(why.text, "did you mean") &&
					      !strstr(first.text, "did you")))
			first = why;
	}
	return err_set(e, ERR_INVALID, "%s", first.text);
}

static int check_line(const struct config_line *l, struct err *e)
{
	const char *names[COMMANDS_MAX];
	size_t n = 0;

	if (!*l->section)
		return check_common(l, e);
	for (; commands[n] && n < COMMANDS_MAX; n++) {
		if (strcmp(commands[n]->name, l->section) == 0)
			return check_key(l, commands[n], e);
		names[n] = commands[n]->name;
	}
	return unknown(l, "subcommand", l->section, names, n, e);
}

int config_check(const struct config *c, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		int rc = check_line(&c->lines[i], e);

		if (rc)
			return rc;
	}
	return 0;
}
