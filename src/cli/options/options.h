/* options.h -- the command line of a subcommand, read by a table.
 *
 * `--name value`, `--name=value`, `--flag`; what is not on the line is looked
 * up in the environment as NEVOD_NAME (upper case, '_' for '-'), and then in
 * the files of configuration (config.h).  One table
 * (option_table.c) serves the parser and its messages, --help (option_help.c)
 * and the documents that options make (option_document.c). */
#ifndef CLI_OPTIONS_OPTIONS_H
#define CLI_OPTIONS_OPTIONS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <jansson.h>

#include "base/err.h"
#include "base/field.h"

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

/* What holds in a subcommand where a field's option is absent, as a person
 * would type it, if it is not the field's own default. */
struct option_default {
	const char *key, *text; /* of the field; NULL ends a list */
};

/* Options that belong together; several subcommands may share a group.  A list
 * of groups ends with title NULL.
 *
 * Fields of a document (base/field.h) are options by themselves: each that has
 * a help text, under its key with '-' for '_' ("augment-crop" for the "crop" in
 * "augment").  A field is an option once: of the group that lists it, or else
 * of the group of its own table, or of a table that includes it.  Groups of one
 * title that follow one another are a section of --help. */
struct option_group {
	const char *title;
	const struct option *options; /* NULL: none */
	const struct fields *fields;  /* likewise */
	const char *const *only;      /* keys of the fields that are options
				       * here, NULL-ended; NULL: all that no
				       * other group has */
	const struct option_default *defaults; /* or NULL */
};

/* An option of either kind, as the parser and --help see it. */
#define OPTION_NAME_BYTES 40
struct option_entry {
	char name[OPTION_NAME_BYTES];
	enum option_kind kind;
	double lo, hi;
	const char *value, *help;
	const struct option_group *group;
	const struct field *field; /* NULL: none */
	const char *object;        /* key of the object that the field is in,
				    * or NULL */
	const char
		*absent; /* what holds then, or NULL where the help says it */
};

enum option_source {
	OPTION_ABSENT,
	OPTION_CONFIG,
	OPTION_ENVIRONMENT,
	OPTION_LINE,
};

struct config;

struct option_value {
	const struct option_entry *option;
	enum option_source source;
	const char *text;
	int64_t integer;
	double real;
};

#define OPTION_VALUES_MAX 128
#define OPTION_ENTRIES_MAX 96
#define OPTION_ARGS_MAX 4
#define OPTION_ENVIRONMENT_BYTES 4096

/* What was given.  Texts point into argv, the environment or `lists`, so the
 * struct must stay where it is. */
struct options {
	struct option_entry entries[OPTION_ENTRIES_MAX];
	size_t n_entries;
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

/* Adds what files of configuration say, for that subcommand, of options that
 * are still absent.  Errors as options_read; the sentence names file and line.
 * The texts stay in *c. */
int options_configure(struct options *o, const struct config *c,
	const char *command, struct err *e);

/* Where the value of `name` came from.  Here and below, a name that is not in
 * the table asserts; of an option given twice the last counts. */
enum option_source options_source(const struct options *o, const char *name);

/* True if the flag is given. */
int options_flag(const struct options *o, const char *name);

/* The value of an option, or `absent` where none is given.  The text lives as
 * long as argv, the environment and *o. */
int64_t options_int(const struct options *o, const char *name, int64_t absent);
/* Likewise. */
double options_real(const struct options *o, const char *name, double absent);
/* Likewise. */
const char *options_text(
	const struct options *o, const char *name, const char *absent);

/* Writes the values of a list, at most `max`, and returns how many. */
size_t options_list(const struct options *o, const char *name, const char **out,
	size_t max);

/* What stands behind the equals sign of "NAME=X", a value of the option, and
 * the length of the name before it; NULL with ERR_INVALID if either is empty.
 */
const char *options_pair(
	const char *option, const char *text, size_t *n, struct err *e);

/* The document of those of the table's fields that were given, or that their
 * group has a default for, and of no others: a new reference.  NULL with
 * ERR_INVALID for a text that is not UTF-8, or no NAME=X where one is
 * wanted. */
json_t *options_document(
	const struct options *o, const struct fields *t, struct err *e);

/* Puts the option's name before a sentence about a place in its document; a
 * place that is no option's stays without.  Returns the code. */
int options_blame(
	const struct options *o, const struct fields *t, struct err *e);

/* Writes the groups' options, at most OPTION_ENTRIES_MAX, and returns how
 * many. */
size_t options_entries(
	const struct option_group *groups, struct option_entry *out);

/* Writes the name of the option's environment variable. */
#define OPTION_VARIABLE_BYTES 64
void options_variable(const char *name, char out[OPTION_VARIABLE_BYTES]);

/* Writes what an option does, the names that it takes, and what holds without
 * it. */
#define OPTION_TEXT_BYTES 512
void options_describe(
	const struct option_entry *p, char out[OPTION_TEXT_BYTES]);

/* The i-th of the names that an option takes; NULL beyond the last, and for one
 * that takes anything else. */
const char *options_choice(const struct option_entry *p, int i);

/* Prints the groups' options, in 80 columns. */
void options_print(const struct option_group *groups, FILE *out);

#endif
