/* recipe_options.h -- the training recipe on the command line. */
#ifndef CLI_OPTIONS_RECIPE_OPTIONS_H
#define CLI_OPTIONS_RECIPE_OPTIONS_H

#include <jansson.h>
#include <stddef.h>

#include "cli/options/options.h"

/* Sets the recipe's members (recipe_json.h) that options_recipe gave, and no
 * others. */
void recipe_options_add(const struct options *o, json_t *v);

/* Writes what the plain recipe has for an option of options_recipe; false where
 * there is nothing to say.  For --help. */
int recipe_options_default(const struct option *p, char *out, size_t size);

#endif
