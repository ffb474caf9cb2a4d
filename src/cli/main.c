/* main.c -- nevod SUBCOMMAND: finds it, reads its options, runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/options/command.h"
#include "cli/options/suggest.h"
#include "data/dataset.h"
#include "service/service.h"

static const struct command *const commands[] = {
	&command_evolve,
	&command_train,
	&command_up,
	&command_status,
	&command_workers,
	&command_watch,
	&command_champion,
	&command_report,
	&command_export,
	&command_verify,
	&command_predict,
	&command_dataset,
	&command_pause,
	&command_resume,
	&command_cancel,
	&command_show,
	&command_neat,
	&command_broker,
	&command_genome,
	&command_evolutioner,
	&command_bench,
	&command_simulate,
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static const char exit_statuses[] =
	"\nExit status:\n"
	"  0    done\n"
	"  1    failed: the run failed or was cancelled, or a service could "
	"not "
	"start\n"
	"  2    a flag or a setting is wrong\n"
	"  3    the broker does not answer\n"
	"  4    no such run, champion or data set\n"
	"  130  interrupted; a run that was going can be continued\n";

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[N_COMMANDS + 1] = {"help"};
	const char *near;

	for (size_t i = 0; i < N_COMMANDS; i++)
		names[i + 1] = commands[i]->name;
	near = suggest_name(name, names, N_COMMANDS + 1);
	fprintf(stderr, "nevod: there is no subcommand '%.60s'", name);
	if (near)
		fprintf(stderr, "; did you mean '%s'?", near);
	fprintf(stderr, "\nTry: nevod help\n");
	return EXIT_USAGE;
}

static int print_overview(FILE *out, int status)
{
	fprintf(out, "nevod " NEVOD_VERSION
		     " - evolves convolutional networks for your images\n\n"
		     "Usage: nevod SUBCOMMAND [OPTION]...\n\nSubcommands:\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-12s %s\n", commands[i]->name,
			commands[i]->summary);
	fprintf(out,
		"  %-12s %s\n\n"
		"Start with: nevod evolve --dataset " DATASET_DEFAULT "\n"
		"More on one: nevod help SUBCOMMAND\n",
		"help", "explain a subcommand and its options");
	fputs(exit_statuses, out);
	return status;
}

static int print_help(const struct command *c)
{
	printf("Usage: nevod %s [OPTION]...%s%s\n\n%s.\n", c->name,
		*c->args ? " " : "", c->args, c->summary);
	if (c->details)
		printf("\n%s", c->details);
	options_print(c->groups, stdout);
	puts("\nEach option can also be set in the environment: NEVOD_ and its "
	     "name in\ncapitals, with _ for - (NEVOD_DATA_DIR).");
	return EXIT_OK;
}

static int run_command(const struct command *c, int argc, char **argv)
{
	struct options o;
	int status = EXIT_USAGE;
	struct err e;

	if (options_read(&o, c->groups, c->max_args, argc, argv, &e))
		fprintf(stderr, "nevod: %s\n", e.text);
	else
		status = o.help ? print_help(c) : c->run(&o);
	if (status == EXIT_USAGE)
		fprintf(stderr, "Try: nevod help %s\n", c->name);
	return status;
}

static int help(int argc, char **argv)
{
	const struct command *c;

	if (argc == 0)
		return print_overview(stdout, EXIT_OK);
	c = find(argv[0]);
	return c ? print_help(c) : unknown_command(argv[0]);
}

/* The status, unless what was printed did not arrive: a full disk, a closed
 * pipe. */
static int written(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "nevod: the output cannot be written\n");
	return status == EXIT_OK ? EXIT_FAILED : status;
}

int main(int argc, char **argv)
{
	const struct command *c;

	if (argc < 2)
		return print_overview(stderr, EXIT_USAGE);
	if (strcmp(argv[1], "--version") == 0) {
		puts("nevod " NEVOD_VERSION);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
		strcmp(argv[1], "-h") == 0)
		return written(help(argc - 2, argv + 2));
	/* The evolutioner's child, not a person's subcommand. */
	if (strcmp(argv[1], "train-job") == 0)
		return train_job_main(argc - 1, argv + 1);
	c = find(argv[1]);
	return c ? written(run_command(c, argc - 2, argv + 2))
		 : unknown_command(argv[1]);
}
