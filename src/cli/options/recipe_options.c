/* recipe_options.c -- a table of options, and the members they set. */
#include "cli/options/recipe_options.h"

#include <stdio.h>
#include <string.h>

#include "cli/options/command.h"
#include "wire/recipe_json.h"

#define KEY_BYTES 32

const struct option options_recipe[] = {
	{"schedule", OPTION_TEXT, 0, 0, "NAME",
		"learning rate: constant, cosine or one-cycle"},
	{"weight-decay", OPTION_REAL, 0, RECIPE_DECAY_MAX, "X",
		"pull of the weights to 0 (0.01 for adamw, else 0)"},
	{"label-smoothing", OPTION_REAL, 0, RECIPE_SMOOTHING_MAX, "X",
		"share of a label spread over all classes"},
	{"clip-norm", OPTION_REAL, 0, RECIPE_CLIP_MAX, "X",
		"largest norm of a step's gradients; 0: any"},
	{"augment-crop", OPTION_INT, 0, AUGMENT_CROP_MAX, "N",
		"shift training images by up to N pixels"},
	{"augment-flip", OPTION_FLAG, 0, 0, NULL,
		"flip half of them left to right; not for digits or text"},
	{"augment-erase", OPTION_REAL, 0, 1, "X",
		"chance to blank a rectangle of one"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* The member that an option sets: "clip-norm" is "clip_norm" and
 * "augment-crop" the "crop" of "augment".  True for one of "augment". */
static int key_of(const struct option *p, char key[KEY_BYTES])
{
	static const char prefix[] = "augment-";
	int nested = strncmp(p->name, prefix, strlen(prefix)) == 0;

	snprintf(key, KEY_BYTES, "%s", p->name + (nested ? strlen(prefix) : 0));
	for (char *c = key; *c; c++)
		if (*c == '-')
			*c = '_';
	return nested;
}

static json_t *value_of(const struct options *o, const struct option *p)
{
	switch (p->kind) {
	case OPTION_FLAG: return json_boolean(options_flag(o, p->name));
	case OPTION_INT: return json_integer(options_int(o, p->name, 0));
	case OPTION_REAL: return json_real(options_real(o, p->name, 0));
	case OPTION_TEXT:
	case OPTION_LIST: break;
	}
	/* What is not UTF-8 names no schedule either. */
	return json_string_nocheck(options_text(o, p->name, ""));
}

void recipe_options_add(const struct options *o, json_t *v)
{
	json_t *augment = json_object();

	for (const struct option *p = options_recipe; p->name; p++) {
		char key[KEY_BYTES];
		json_t *to = key_of(p, key) ? augment : v;

		if (options_source(o, p->name) != OPTION_ABSENT)
			json_object_set_new(to, key, value_of(o, p));
	}
	if (json_object_size(augment) > 0)
		json_object_set(v, "augment", augment);
	json_decref(augment);
}

int recipe_options_default(const struct option *p, char *out, size_t size)
{
	json_t *plain = json_object();
	char key[KEY_BYTES];
	const json_t *v;
	int n = 0;

	recipe_fill(plain);
	v = key_of(p, key) ? json_object_get(plain, "augment") : plain;
	v = json_object_get(v, key);
	if (json_is_number(v))
		n = snprintf(out, size, "%g", json_number_value(v));
	else if (json_is_string(v))
		n = snprintf(out, size, "%s", json_string_value(v));
	json_decref(plain);
	return n > 0 && (size_t)n < size;
}
