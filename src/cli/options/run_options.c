/* run_options.c -- the settings of a run on the command line. */
#include "cli/options/run_options.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "cli/options/command.h"
#include "cli/options/dataset_option.h"
#include "cli/options/recipe_options.h"
#include "wire/settings.h"

#define KEY_BYTES 32
#define CONSTANTS_MAX 64

/* Named as the settings of the API, with '-' for '_'.  Bounds are those of
 * settings.h, so that a slip is told before anything starts. */
const struct option options_run[] = {
	{"dataset", OPTION_TEXT, 0, 0, "NAME",
		"a known name, or a folder of IDX files"},
	{"population", OPTION_INT, 2, 10000, "N", "networks in a generation"},
	{"generations", OPTION_INT, 1, 100000, "N",
		"generations, the first one included"},
	{"fitness-threshold", OPTION_REAL, 0, 1, "X",
		"stop when the best reaches this accuracy"},
	{"stagnation", OPTION_INT, 0, 100000, "N",
		"stop after so many generations without a better best; 0: "
		"never"},
	{"epochs", OPTION_INT, 1, 1000, "N", "epochs to train a network"},
	{"train-limit", OPTION_INT, 0, 1e9, "N",
		"images to score a network with; 0: all (the champion's "
		"final training takes all)"},
	{"validation-fraction", OPTION_REAL, 0.01, 0.5, "X",
		"part of the training set that fitness is measured on"},
	{"final-epochs", OPTION_INT, 1, 1000, "N",
		"epochs to train the champion"},
	{"max-job-mb", OPTION_INT, 16, 65536, "MB",
		"memory that training one network may take"},
	{"batch-size", OPTION_INT, 1, 4096, "N",
		"images in a batch, of the first networks"},
	{"algorithm", OPTION_TEXT, 0, 0, "NAME",
		"how to breed: neat or truncation"},
	{"neat", OPTION_LIST, 0, 0, "NAME=X",
		"a constant of NEAT, or preset=NAME; may come again"},
	{"size-pressure", OPTION_REAL, 0, 0.1, "X",
		"neat: fitness that a layer or an edge costs in breeding (0)"},
	{"elite", OPTION_INT, 0, 9999, "N",
		"truncation: best networks kept as they are (1)"},
	{"mutation-rate", OPTION_REAL, 0, 1, "X",
		"truncation: chance that a gene of a child changes (0.1)"},
	{"kernels", OPTION_TEXT, 0, 0, "CLASS",
		"arithmetic to use (the best that all workers have)"},
	{"seed", OPTION_INT, 0, RNG_SEED_MAX, "N",
		"same seed, same champion (drawn)"},
	{"name", OPTION_TEXT, 0, 0, "TEXT", "a label for the run"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static void key_of(const struct option *p, char out[KEY_BYTES])
{
	size_t n = strlen(p->name);

	assert(n < KEY_BYTES);
	memcpy(out, p->name, n + 1);
	for (char *c = out; *c; c++)
		if (*c == '-')
			*c = '_';
}

/* "name=value" into the object: a number, or the name of a preset. */
static int add_constant(json_t *v, const char *text, struct err *e)
{
	const char *is = strchr(text, '=');
	char *end;
	double x;
	json_t *value;

	if (!is || is == text || !is[1])
		return err_set(e, ERR_INVALID,
			"--neat takes NAME=VALUE, not '%.80s'", text);
	x = strtod(is + 1, &end);
	value = *end || !isfinite(x) ? json_string(is + 1) : json_real(x);
	if (json_object_setn_new(v, text, (size_t)(is - text), value))
		return err_set(e, ERR_INVALID, "--neat is not UTF-8");
	return 0;
}

static json_t *constants_of(
	const struct options *o, const struct option *p, struct err *e)
{
	const char *given[CONSTANTS_MAX];
	size_t n = options_list(o, p->name, given, CONSTANTS_MAX);
	json_t *v = json_object();

	for (size_t i = 0; i < n; i++)
		if (add_constant(v, given[i], e)) {
			json_decref(v);
			return NULL;
		}
	return v;
}

static json_t *value_of(
	const struct options *o, const struct option *p, struct err *e)
{
	const char *text;
	char path[PATH_MAX];
	json_t *v;

	if (p->kind == OPTION_INT)
		return json_integer(options_int(o, p->name, 0));
	if (p->kind == OPTION_REAL)
		return json_real(options_real(o, p->name, 0));
	if (p->kind == OPTION_LIST)
		return constants_of(o, p, e);
	text = options_text(o, p->name, "");
	if (strcmp(p->name, "dataset") == 0) {
		if (dataset_option(text, path, e))
			return NULL;
		text = path;
	}
	v = json_string(text);
	if (!v)
		err_set(e, ERR_INVALID, "--%s is not UTF-8", p->name);
	return v;
}

json_t *run_options_settings(const struct options *o, struct err *e)
{
	json_t *body = json_object();
	struct run_settings checked;

	for (const struct option *p = options_run; p->name; p++) {
		char key[KEY_BYTES];
		json_t *v;

		if (options_source(o, p->name) == OPTION_ABSENT)
			continue;
		v = value_of(o, p, e);
		if (!v)
			goto failed;
		key_of(p, key);
		json_object_set_new(body, key, v);
	}
	recipe_options_add(o, body);
	/* The bounds that hang together, such as elite below population. */
	if (settings_read(body, &checked, e) == 0)
		return body;
failed:
	json_decref(body);
	return NULL;
}

int run_options_default(const struct option *p, char *out, size_t size)
{
	json_t *nothing = json_object(), *settings;
	struct run_settings defaults;
	char key[KEY_BYTES];
	const json_t *v;
	int n = 0;

	if (settings_read(nothing, &defaults, NULL)) {
		json_decref(nothing);
		return 0;
	}
	settings = settings_write(&defaults);
	key_of(p, key);
	v = json_object_get(settings, key);
	/* Below zero stands for "none", as in the seed that is drawn. */
	if (json_is_number(v) && json_number_value(v) >= 0)
		n = snprintf(out, size, "%g", json_number_value(v));
	else if (json_is_string(v) && json_string_length(v) > 0)
		n = snprintf(out, size, "%s", json_string_value(v));
	json_decref(settings);
	json_decref(nothing);
	return n > 0 && (size_t)n < size;
}
