/* command.h -- a subcommand: its name, its options and what it does. */
#ifndef CLI_OPTIONS_COMMAND_H
#define CLI_OPTIONS_COMMAND_H

#include "cli/options/exit_codes.h"
#include "cli/options/options.h"

struct command {
	const char *name;
	const char *args;    /* what follows the options: "[UUID]", or "" */
	const char *summary; /* a line of `nevod help` */
	const char *details; /* paragraphs of `nevod help NAME`, or NULL */
	const struct option_group *groups;
	int max_args;
	/* Does it; returns the process's exit status. */
	int (*run)(const struct options *o);
};

extern const struct command command_evolve, command_train, command_up;
extern const struct command command_predict, command_dataset;
extern const struct command command_workers, command_verify;
extern const struct command command_status, command_watch, command_champion;
extern const struct command command_report, command_export;
extern const struct command command_pause, command_resume, command_cancel;
extern const struct command command_neat, command_show;
extern const struct command command_broker, command_genome, command_evolutioner;
extern const struct command command_bench, command_simulate;
extern const struct command command_backup, command_restore, command_doctor;
extern const struct command command_store, command_completion;

/* All of them, in the order of `nevod help`; ends with NULL. */
extern const struct command *const commands[];

/* Options that several subcommands share; tables end with name NULL. */
extern const struct option options_client[]; /* --broker, --token-file */
extern const struct option options_up[];     /* --data-dir, --slots, ports */

/* Prints "nevod: SENTENCE" on standard error; returns the exit status that the
 * error's code asks for. */
int command_fail(const struct err *e);

/* The same for a subcommand in which no broker plays a part: what the disk or
 * the network refuses is a plain failure there. */
int command_fail_here(const struct err *e);

#endif
