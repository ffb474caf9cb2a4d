/* recipe.c -- the members of a recipe, and their ranges. */
#include "nn/recipe.h"

#define AT(member) offsetof(struct recipe, member)

/* Documents from before there were recipes were trained by the plain one. */
static const struct field rows[] = {
	{.key = "schedule",
		.type = FIELD_NAME,
		.at = AT(schedule),
		.name = schedule_name,
		.standard = "constant",
		.before = "constant",
		.unit = "NAME",
		.help = "learning rate over the steps"},
	{.key = "weight_decay",
		.type = FIELD_REAL,
		.at = AT(weight_decay),
		.given = AT(own_decay),
		.hi = 1,
		.unit = "X",
		.help = "pull of the weights to 0; the optimizer's own, 0.01 "
			"for adamw and else 0, where none is given"},
	{.key = "label_smoothing",
		.type = FIELD_REAL,
		.at = AT(label_smoothing),
		.hi = 0.5,
		.standard = "0",
		.before = "0",
		.unit = "X",
		.help = "share of a label spread over all classes"},
	{.key = "clip_norm",
		.type = FIELD_REAL,
		.at = AT(clip_norm),
		.hi = 1000,
		.standard = "0",
		.before = "0",
		.unit = "X",
		.help = "largest norm of a step's gradients; 0: any"},
};

const struct fields recipe_fields = {FIELDS(struct recipe, rows)};

int recipe_check(const struct recipe *r, struct err *e)
{
	return fields_in_bounds(&recipe_fields, r, e);
}
