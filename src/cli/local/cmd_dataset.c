/* cmd_dataset.c -- `nevod dataset`: sets are imported, listed, looked at,
 * checked and removed. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "cli/remote/dataset_push.h"
#include "cli/options/command.h"
#include "cli/options/dataset_option.h"
#include "cli/options/interrupt.h"
#include "cli/options/places.h"
#include "cli/options/reading_options.h"
#include "cli/view/dataset_ready.h"
#include "cli/view/dataset_text.h"
#include "cli/view/report.h"
#include "data/dataset_manifest.h"
#include "data/dataset_names.h"
#include "data/dataset_writer.h"
#include "data/png.h"
#include "data/sample_sheet.h"
#include "http/client.h"

#define HASH_SHOWN 12

static const struct option place_options[] = {
	{"data-dir", OPTION_TEXT, 0, 0, "DIR",
		"where data sets are kept ($XDG_DATA_HOME/nevod)"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option result_options[] = {
	{"contact-sheet", OPTION_TEXT, 0, 0, "FILE",
		"info: write a PNG there, a row of images a class"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the result as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

struct dataset_command {
	const struct options *options;
	const char *const *args; /* behind the verb */
	char data_dir[PATH_MAX], cache[PATH_MAX + 16];
	struct progress progress;
};

/* -- a set that is meant -- */

/* Finds, prepares and opens it. */
static int open_ready(struct dataset_command *c, const char *given,
	struct dataset **out, struct err *e)
{
	char name[PATH_MAX];
	struct reading how;
	const struct dataset_watch watch = {.name = name,
		.how = &how,
		.data_dir = c->data_dir,
		.progress = &c->progress};
	int rc = reading_options(c->options, &how, e);

	if (rc == 0)
		rc = dataset_meant(given, c->data_dir, name, e);
	if (rc)
		return rc;
	*out = dataset_ready(&watch, e);
	return *out ? 0 : e->code;
}

static int show(const struct dataset_command *c, const char *name,
	const struct dataset *d, struct err *e)
{
	if (options_flag(c->options, "json"))
		return report_print_json(dataset_json(name, d), e);
	dataset_text(name, d, stdout);
	return 0;
}

/* -- the verbs -- */

static int import(struct dataset_command *c, struct err *e)
{
	const char *source = c->args[0], *name = c->args[1];
	struct dataset *d;
	int rc = dataset_name_check(name, e);

	if (rc == 0)
		rc = open_ready(c, source, &d, e);
	if (rc)
		return rc;
	rc = dataset_name_keep(c->cache, name, dataset_info(d), e);
	if (rc == 0)
		rc = show(c, name, d, e);
	dataset_close(d);
	return rc;
}

static int write_sheet(const char *file, const struct dataset *d, struct err *e)
{
	struct pixels p;
	size_t n;
	void *png;
	int rc = sample_sheet(d, &p, e);

	if (rc)
		return rc;
	rc = png_write(&p, &png, &n, e);
	free(p.values);
	if (rc)
		return rc;
	rc = output_write(file, png, n, e);
	free(png);
	return rc ? err_prefix(e, "--contact-sheet %.150s", file) : 0;
}

static int info(struct dataset_command *c, struct err *e)
{
	const char *sheet = options_text(c->options, "contact-sheet", NULL);
	struct dataset *d;
	int rc = sheet ? output_check(sheet, e) : 0;

	if (rc == 0)
		rc = open_ready(c, c->args[0], &d, e);
	if (rc)
		return rc;
	if (sheet)
		rc = write_sheet(sheet, d, e);
	if (rc == 0)
		rc = show(c, c->args[0], d, e);
	dataset_close(d);
	return rc;
}

/* Every shard against the manifest, then the samples against the hash. */
static int verify_set(const char *path, const struct dataset *d, struct err *e)
{
	const char *hash = dataset_info(d)->hash;
	struct manifest kept, found = {.n = 0};
	struct pieces p;
	int rc = manifest_load(hash, path, &kept, e);

	if (rc)
		return rc;
	manifest_pieces(&kept, path, &p);
	rc = manifest_compute(hash, &p, &found, e);
	for (size_t k = 0; rc == 0 && k < kept.n; k++)
		if (strcmp(kept.shards[k].sha256, found.shards[k].sha256) != 0)
			rc = err_set(e, ERR_DAMAGED,
				"shard %zu of %zu is not as it was written: "
				"remove the set and import it again",
				k + 1, kept.n);
	manifest_release(&found);
	manifest_release(&kept);
	if (rc == 0 && dataset_verify(d, e))
		rc = e->code = ERR_DAMAGED;
	return rc;
}

static int verify(struct dataset_command *c, struct err *e)
{
	char path[DATASET_PATH_MAX];
	struct dataset *d;
	int rc = open_ready(c, c->args[0], &d, e);

	if (rc)
		return rc;
	rc = dataset_writer_path(c->cache, dataset_info(d)->hash, path, e);
	if (rc == 0)
		rc = verify_set(path, d, e);
	if (rc == 0 && options_flag(c->options, "json"))
		rc = report_print_json(
			json_pack("{s:s, s:s, s:b}", "name", c->args[0], "hash",
				dataset_info(d)->hash, "intact", 1),
			e);
	else if (rc == 0)
		printf("%s is as it was written (hash %s)\n", c->args[0],
			dataset_info(d)->hash);
	dataset_close(d);
	return rc ? err_prefix(e, "%.100s", c->args[0]) : 0;
}

struct listing {
	const struct dataset_command *command;
	json_t *sets; /* NULL: lines are printed */
	int n;
};

static void list_one(void *ctx, const char *name, const char *hash)
{
	struct listing *l = ctx;
	const struct dataset_order order = {.name = name};
	struct dataset *d = dataset_load(&order, l->command->cache, NULL);
	char shape[DATASET_SHAPE_BYTES];

	l->n++;
	if (d && l->sets) {
		json_array_append_new(l->sets, dataset_json(name, d));
	} else if (l->sets) {
		json_array_append_new(
			l->sets, json_pack("{s:s, s:s, s:n}", "name", name,
					 "hash", hash, "classes"));
	} else if (d) {
		const struct dataset_info *info = dataset_info(d);

		dataset_shape_text(info, shape);
		printf("%-24s  %.*s  %-20s  %7d  %10zu %10zu\n", name,
			HASH_SHOWN, hash, shape, info->classes,
			info->n_train + info->n_validation, info->n_test);
	} else {
		printf("%-24s  %.*s  its files are gone or damaged\n", name,
			HASH_SHOWN, hash);
	}
	dataset_close(d);
}

static int list(struct dataset_command *c, struct err *e)
{
	const int json = options_flag(c->options, "json");
	struct listing l = {c, json ? json_array() : NULL, 0};
	int rc;

	if (!json)
		printf("%-24s  %-*s  %-20s  %7s  %10s %10s\n", "name",
			HASH_SHOWN, "hash", "images", "classes", "train",
			"test");
	rc = dataset_name_each(c->cache, list_one, &l, e);
	if (rc == 0 && json)
		return report_print_json(
			json_pack("{s:o}", "items", l.sets), e);
	json_decref(l.sets);
	if (rc == 0 && l.n == 0)
		printf("(none: nevod dataset import PATH NAME)\n");
	return rc;
}

/* What a set is called there: as it is here, or as its folder or file. */
static int name_there(
	const struct dataset_command *c, char out[PATH_MAX], struct err *e)
{
	const char *given = c->args[c->options->n_args > 2 ? 1 : 0];
	const char *slash = strrchr(given, '/');

	snprintf(out, PATH_MAX, "%s", slash ? slash + 1 : given);
	if (dataset_name_check(out, NULL) == 0)
		return 0;
	dataset_name_check(out, e);
	return err_prefix(e,
		"'%.60s' cannot be its name there: give one "
		"behind the path",
		out);
}

static int push(struct dataset_command *c, struct err *e)
{
	char path[DATASET_PATH_MAX], name[PATH_MAX];
	struct broker_client broker;
	struct dataset_push p = {.broker = &broker,
		.path = path,
		.name = name,
		.progress = &c->progress};
	struct dataset *d;
	json_t *there = NULL;
	int rc = name_there(c, name, e);

	if (rc == 0)
		rc = broker_client_open(&broker, c->options, e);
	if (rc == 0)
		rc = open_ready(c, c->args[0], &d, e);
	if (rc)
		return rc;
	p.data = d;
	rc = dataset_writer_path(c->cache, dataset_info(d)->hash, path, e);
	if (rc == 0)
		rc = dataset_push(&p, &there, e);
	if (rc == 0 && options_flag(c->options, "json"))
		rc = report_print_json(there, e);
	else if (rc == 0)
		printf("the broker at %s has it as \"%s\" (hash %s)\n",
			broker.url, name, dataset_info(d)->hash);
	if (!options_flag(c->options, "json"))
		json_decref(there);
	dataset_close(d);
	return rc;
}

static int drop(struct dataset_command *c, struct err *e)
{
	return dataset_name_remove(c->cache, c->args[0], e);
}

/* -- the command -- */

static const struct verb {
	const char *name, *args;
	int n_args, n_more;
	int (*run)(struct dataset_command *c, struct err *e);
} verbs[] = {
	{"import", "PATH|URL NAME", 2, 0, import},
	{"list", "", 0, 0, list},
	{"info", "NAME|PATH", 1, 0, info},
	{"verify", "NAME|PATH", 1, 0, verify},
	{"remove", "NAME", 1, 0, drop},
	{"push", "NAME|PATH [NAME]", 1, 1, push},
};
#define VERBS (sizeof verbs / sizeof *verbs)

static const struct verb *find_verb(const struct options *o, struct err *e)
{
	for (size_t i = 0; o->n_args > 0 && i < VERBS; i++) {
		if (strcmp(verbs[i].name, o->args[0]) != 0)
			continue;
		if (o->n_args >= 1 + verbs[i].n_args &&
			o->n_args <= 1 + verbs[i].n_args + verbs[i].n_more)
			return &verbs[i];
		err_set(e, ERR_INVALID, "it is: nevod dataset %s %s",
			verbs[i].name, verbs[i].args);
		return NULL;
	}
	err_set(e, ERR_INVALID,
		"say what to do: nevod dataset import, list, info, "
		"verify, remove or push");
	return NULL;
}

static int run_dataset(const struct options *o)
{
	struct dataset_command c = {.options = o, .args = o->args + 1};
	struct err e = {0};
	const struct verb *v = find_verb(o, &e);
	int rc = v ? place_data_dir(
			     options_text(o, "data-dir", NULL), c.data_dir, &e)
		   : e.code;

	if (rc)
		return command_fail_here(&e);
	snprintf(c.cache, sizeof c.cache, "%s/datasets", c.data_dir);
	interrupt_catch();
	http_client_init();
	progress_init(&c.progress);
	rc = v->run(&c, &e);
	if (rc == ERR_CANCELLED) {
		progress_say(&c.progress,
			"stopped; the same command goes on from here");
		return EXIT_INTERRUPTED;
	}
	return rc ? command_fail_here(&e) : EXIT_OK;
}

static const struct option_group groups[] = {
	{"Place", .options = place_options},
	{"Reading", .fields = &reading_fields},
	{"Result", .options = result_options},
	{"Broker, to push to", .options = options_client},
	{.title = NULL},
};

const struct command command_dataset = {
	.name = "dataset",
	.args = "import PATH|URL NAME | list | info NAME | verify NAME | "
		"remove NAME | push NAME|PATH [NAME]",
	.summary = "import, list, look at, check, remove and push data sets",
	.details =
		"An imported set is used by its name (--dataset NAME), without "
		"the files that it\nwas read from.  An import that is stopped "
		"or killed goes on when it is given\nagain.  Without one, "
		"--dataset PATH prepares a set when it is first used.\n"
		"Pushed to a broker on another machine, a set is there under "
		"its name for\n`nevod evolve --broker URL --dataset NAME`.\n",
	.groups = groups,
	.max_args = 3,
	.run = run_dataset,
};
