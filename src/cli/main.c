/* main.c -- nevod SUBCOMMAND: finds it, reads its options, runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/commit.h"
#include "cli/manual/manual.h"
#include "cli/options/command.h"
#include "cli/options/config.h"
#include "cli/options/log_options.h"
#include "cli/options/suggest.h"
#include "data/dataset.h"
#include "nn/kernels/kernels.h"
#include "service/service.h"

#define NAMES_MAX 64
#define CLASSES_MAX 8

static const struct command *find(const char *name)
{
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown_command(const char *name)
{
	const char *names[NAMES_MAX] = {"help"};
	const char *near;
	size_t n = 1;

	for (size_t i = 0; commands[i] && n < NAMES_MAX; i++)
		names[n++] = commands[i]->name;
	near = suggest_name(name, names, n);
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
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-12s %s\n", commands[i]->name,
			commands[i]->summary);
	fprintf(out,
		"  %-12s %s\n\n"
		"Start with: nevod evolve --dataset " DATASET_DEFAULT "\n"
		"More on one: nevod help SUBCOMMAND\n",
		"help", "explain a subcommand and its options");
	fputs("\nExit status:\n", out);
	for (const struct exit_meaning *m = exit_meanings; m->meaning; m++)
		fprintf(out, "  %-3d  %s\n", m->status, m->meaning);
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
	     "name in\ncapitals, with _ for - (NEVOD_DATA_DIR); or in a file "
	     "/etc/nevod/*.conf or\n~/.config/nevod/*.conf: its name, = and "
	     "the value, a line each.");
	return EXIT_OK;
}

/* The line, the environment, then the files of configuration, into which the
 * options point. */
static int read_options(const struct command *c, int argc, char **argv,
	struct config *config, struct options *o, struct err *e)
{
	int rc = options_read(o, c->groups, c->max_args, argc, argv, e);

	if (rc || o->help)
		return rc;
	rc = config_read(config, e);
	if (rc == 0)
		rc = config_check(config, e);
	return rc ? rc : options_configure(o, config, c->name, e);
}

static int run_command(const struct command *c, int argc, char **argv)
{
	struct config config = {.n = 0};
	struct options o;
	int status = EXIT_USAGE;
	struct err e;

	if (read_options(c, argc, argv, &config, &o, &e))
		log_options_fail(&o, c->name, &e);
	else
		status = o.help ? print_help(c) : c->run(&o);
	config_release(&config);
	if (status == EXIT_USAGE && log_options_so_far(&o) == LOG_TEXT)
		fprintf(stderr, "Try: nevod help %s\n", c->name);
	return status;
}

/* For scripts. */
static int print_names(void)
{
	for (size_t i = 0; commands[i]; i++)
		puts(commands[i]->name);
	return EXIT_OK;
}

/* `help`, `help NAME`; with --man, the same as a page of the manual. */
static int help(int argc, char **argv)
{
	int man = argc > 0 && strcmp(argv[0], "--man") == 0;
	const struct command *c;

	if (argc == 1 && strcmp(argv[0], "--names") == 0)
		return print_names();
	if (argc - man == 0) {
		if (man)
			return manual_overview(stdout), EXIT_OK;
		return print_overview(stdout, EXIT_OK);
	}
	c = find(argv[man]);
	if (!c)
		return unknown_command(argv[man]);
	if (man)
		return manual_page(c, stdout), EXIT_OK;
	return print_help(c);
}

static int print_version(void)
{
	const char *classes[CLASSES_MAX];
	size_t n = kernels_available(classes, CLASSES_MAX);

	printf("nevod " NEVOD_VERSION " (commit %s)\nkernels of this CPU:",
		NEVOD_COMMIT);
	for (size_t i = 0; i < n && i < CLASSES_MAX; i++)
		printf(" %s", classes[i]);
	putchar('\n');
	return EXIT_OK;
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
	if (strcmp(argv[1], "--version") == 0)
		return written(print_version());
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
