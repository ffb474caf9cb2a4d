/* options.h -- the command line of a subcommand, read by a table.
 *
 * `--name value`, `--name=value`, `--flag`; what is not on the line is looked
 * up in the environment as NEVOD_NAME (upper case, '_' for '-').  One table
 * serves the parser, its messages and --help. */
#ifndef CLI_OPTIONS_OPTIONS_H
#define CLI_OPTIONS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

enum option_kind {
	OPTION_FLAG, /* in the environment: 1 or 0 */
	OPTION_INT,
	OPTION_REAL,
	OPTION_TEXT,
	OPTION_LIST, /* a text that may come again; in the environment
		      * separated by commas */
};

struct option {
	const char *name; /* without the dashes; NULL ends a table */
	enum option_kind kind;
	double lo, hi;     /* INT and REAL; at most 2^53 */
	const char *value; /* what --help calls the value: "N", "DIR" */
	const char *help;  /* NULL: not shown and not in the environment */
};

/* Options that belong together; several subcommands may share a group.  A list
 * of groups ends with title NULL. */
struct option_group {
	const char *title;
	const struct option *options;
	/* Writes what holds when the option is absent and returns true, for
	 * --help; NULL where the help text says it. */
	int (*absent)(const struct option *p, char *out, size_t size);
};

enum option_source { OPTION_ABSENT, OPTION_ENVIRONMENT, OPTION_LINE };

struct option_value {
	const struct option *option;
	enum option_source source;
	const char *text;
	int64_t integer;
	double real;
};

#define OPTION_VALUES_MAX 128
#define OPTION_ARGS_MAX 4
#define OPTION_ENVIRONMENT_BYTES 4096

/* What was given.  Texts point into argv, the environment or `lists`, so the
 * struct must stay where it is. */
struct options {
	const struct option_group *groups;
	struct option_value values[OPTION_VALUES_MAX];
	size_t n_values;
	const char *args[OPTION_ARGS_MAX]; /* what is not an option */
	int n_args;
	int help; /* --help or -h was given: nothing else was checked */
	char lists[OPTION_ENVIRONMENT_BYTES]; /* lists of the environment */
	size_t lists_used;
};

/* Reads argv[0..argc-1], the words after the subcommand, with at most
 * `max_args` of them that are not options.  ERR_INVALID for an unknown option
 * (with "did you mean") or a value of the wrong kind, ERR_RANGE for one out of
 * its bounds; the sentence names the option or the variable. */
int options_read(struct options *o, const struct option_group *groups,
	int max_args, int argc, char **argv, struct err *e);

/* Where the value of `name` came from.  Here and below, a name that is not in
 * the table asserts; of an option given twice the last counts. */
enum option_source options_source(const struct options *o, const char *name);

int options_flag(const struct options *o, const char *name);
int64_t options_int(const struct options *o, const char *name, int64_t absent);
double options_real(const struct options *o, const char *name, double absent);
const char *options_text(
	const struct options *o, const char *name, const char *absent);

/* Writes the values of a list, at most `max`, and returns how many. */
size_t options_list(const struct options *o, const char *name, const char **out,
	size_t max);

/* Writes the name of the option's environment variable. */
#define OPTION_VARIABLE_BYTES 64
void options_variable(const struct option *p, char out[OPTION_VARIABLE_BYTES]);

/* Prints the groups' options, a line each or two. */
void options_print(const struct option_group *groups, FILE *out);

#endif
