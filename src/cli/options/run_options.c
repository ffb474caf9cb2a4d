/* run_options.c -- the settings of a run on the command line. */
#include "cli/options/run_options.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/uuid.h"
#include "cli/options/dataset_option.h"
#include "cli/options/genome_file.h"
#include "cli/options/places.h"
#include "http/url.h"
#include "wire/settings.h"

#define SEED_GENOME "seed-genome"
#define FORK "fork"
#define SEED_ARENA_BYTES ((size_t)1 << 20)

/* A name means a set of the broker's, if that is on another machine. */
static int is_elsewhere(const struct options *o, const char *dataset)
{
	const char *url = options_text(o, "broker", NULL);
	struct http_place at;

	return url && !strchr(dataset, '/') && http_url(url, &at, NULL) == 0 &&
	       !place_is_loopback(at.host);
}

/* What is not here may be there, where the broker is. */
static int find_dataset(const struct options *o, json_t *body, struct err *e)
{
	json_t *dataset = json_object_get(body, "dataset");
	const char *given = json_string_value(dataset);
	char path[PATH_MAX], data_dir[PATH_MAX];
	struct err why = {0};
	int rc;

	if (!dataset || is_elsewhere(o, given))
		return 0;
	rc = place_data_dir(options_text(o, "data-dir", NULL), data_dir, e);
	if (rc)
		return rc;
	rc = dataset_option(given, data_dir, path, &why);
	if (rc == ERR_NOT_FOUND && (given[0] == '/' || !strchr(given, '/')))
		return 0;
	if (rc) {
		*e = why;
		return rc;
	}
	if (rc == 0 && json_string_set(dataset, path))
		return err_set(e, ERR_INVALID, "--dataset is not UTF-8");
	return rc;
}

static int add_seed(json_t *list, const char *path, struct err *e)
{
	struct genome_doc doc;
	struct arena mem;
	int rc;

	arena_init(&mem, SEED_ARENA_BYTES);
	rc = genome_file_read(path, "--" SEED_GENOME, &mem, &doc, e);
	if (rc == 0)
		json_array_append_new(list, genome_doc_write(&doc));
	arena_release(&mem);
	return rc;
}

/* The genomes of the files, as the broker takes them. */
static int add_seeds(const struct options *o, json_t *body, struct err *e)
{
	const char *paths[SEEDS_MAX + 1];
	const size_t n = options_list(o, SEED_GENOME, paths, SEEDS_MAX + 1);
	json_t *list;
	int rc = 0;

	if (n == 0)
		return 0;
	list = json_array();
	json_object_set_new(body, "seed_genomes", list);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = add_seed(list, paths[i], e);
	return rc;
}

/* Of "RUN" or "RUN:GENERATION", a new reference; NULL with ERR_INVALID. */
static json_t *parse_fork(const char *text, struct err *e)
{
	const char *colon = strrchr(text, ':');
	const size_t n = colon ? (size_t)(colon - text) : strlen(text);
	const size_t digits = colon ? strspn(colon + 1, "0123456789") : 1;
	json_t *fork, *run;

	run = n > 0 && digits > 0 && digits <= 6 &&
			      !(colon && colon[1 + digits])
		      ? json_stringn(text, n)
		      : NULL;
	if (!run) {
		err_set(e, ERR_INVALID,
			"--" FORK " takes a run, by its uuid, number or name, "
			"and may take a generation: RUN:N, not '%.80s'",
			text);
		return NULL;
	}
	fork = json_pack("{s:o}", "run", run);
	if (colon)
		json_object_set_new(fork, "generation",
			json_integer(strtoll(colon + 1, NULL, 10)));
	return fork;
}

static int add_fork(const struct options *o, json_t *body, struct err *e)
{
	const char *text = options_text(o, FORK, NULL);
	json_t *fork;

	if (!text)
		return 0;
	if (json_object_get(body, "seed_genomes"))
		return err_set(e, ERR_INVALID,
			"a fork begins with the genomes of the run that it "
			"forks: give --" FORK " or --" SEED_GENOME
			", not both");
	fork = parse_fork(text, e);
	return fork ? json_object_set_new(body, FORK, fork) : e->code;
}

/* The bounds that hang together, too, such as elite below population.  Those of
 * a fork hang together with what the run has that it forks: the broker knows.
 */
static int check(const json_t *body, struct err *e)
{
	struct run_settings checked;
	int rc;

	if (json_object_get(body, FORK))
		return 0;
	rc = settings_read(body, &checked, e);
	if (rc == 0)
		settings_release(&checked);
	return rc;
}

const struct option run_options_genomes[] = {
	{SEED_GENOME, OPTION_LIST, 0, 0, "FILE",
		"begin with this genome, too: its JSON, or a champion's JSON "
		"or weights; once for each"},
	{FORK, OPTION_TEXT, 0, 0, "RUN[:N]",
		"go on from generation N of that run, or from its latest, with "
		"its settings but for those that are given"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

json_t *run_options_settings(const struct options *o, struct err *e)
{
	json_t *body = options_document(o, &settings_fields, e);

	if (!body)
		return NULL;
	if (find_dataset(o, body, e) == 0 && add_seeds(o, body, e) == 0 &&
		add_fork(o, body, e) == 0) {
		if (check(body, e) == 0)
			return body;
		options_blame(o, &settings_fields, e);
	}
	json_decref(body);
	return NULL;
}
