/* cmd_backup.c -- `nevod backup` and `nevod restore`. */
#include <limits.h>
#include <stdio.h>

#include "cli/local/backup.h"
#include "cli/options/command.h"
#include "cli/options/places.h"

/* NULL with ERR_INVALID where none is given. */
static const char *read_file(const struct options *o, struct err *e)
{
	if (o->n_args > 0)
		return o->args[0];
	err_set(e, ERR_INVALID,
		"name the backup's file: nevod backup FILE.tar");
	return NULL;
}

static void say(const char *done, const char *to, const struct backup_size *s)
{
	printf("%s %s: %lld files, %.1f MB\n", done, to, (long long)s->files,
		(double)s->bytes * 1e-6);
}

static int run_backup(const struct options *o)
{
	char dir[PATH_MAX];
	struct backup_size size;
	struct err e;
	const char *file = read_file(o, &e);

	if (!file ||
		place_data_dir(options_text(o, "data-dir", NULL), dir, &e) ||
		backup_make(dir, file, options_flag(o, "datasets"), &size, &e))
		return command_fail_here(&e);
	say("Saved in", file, &size);
	return EXIT_OK;
}

static int run_restore(const struct options *o)
{
	char dir[PATH_MAX];
	struct backup_size size;
	struct err e;
	const char *file = read_file(o, &e);

	if (!file ||
		place_data_dir(options_text(o, "data-dir", NULL), dir, &e) ||
		backup_restore(file, dir, &size, &e))
		return command_fail_here(&e);
	say("Restored to", dir, &size);
	return EXIT_OK;
}

static const struct option backup_options[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"the broker's folder ($XDG_DATA_HOME/nevod)"},
	{"datasets", OPTION_FLAG, 0, 0, NULL,
		"imported data sets, too, which may be large"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option restore_options[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"the folder to make ($XDG_DATA_HOME/nevod)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group backup_groups[] = {
	{"What", .options = backup_options},
	{.title = NULL},
};

static const struct option_group restore_groups[] = {
	{"Where", .options = restore_options},
	{.title = NULL},
};

const struct command command_backup = {
	.name = "backup",
	.args = "FILE",
	.summary = "save all runs and their weights in a tar file",
	.details = "The broker may run meanwhile: what is saved is the store "
		   "as it was at one\nmoment, with the weights that it names "
		   "and a checksum of each file.\n",
	.groups = backup_groups,
	.max_args = 1,
	.run = run_backup,
};

const struct command command_restore = {
	.name = "restore",
	.args = "FILE",
	.summary = "make a data folder of a backup",
	.details =
		"Everything is checked first; a folder with something in it "
		"is left alone.\nRuns that were under way go on when a broker "
		"starts there.\n",
	.groups = restore_groups,
	.max_args = 1,
	.run = run_restore,
};
