/* recipe.c -- the members of a recipe, and their ranges. */
#include "nn/recipe.h"

#define AT(member) offsetof(struct recipe, member)

/* Documents from before there were recipes were trained by the plain one. */
static const struct field rows[] = {
	{.key = "schedule",
		.type = FIELD_NAME,
		.at = AT(schedule),
		.name = schedule_name,
		.standard = "one-cycle",
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
		.standard = "0.05",
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
	{.key = "spare_biases",
		.type = FIELD_FLAG,
		.at = AT(spare_biases),
		.standard = "false",
		.before = "false",
		.since = 3,
		.help = "weight decay leaves biases and normalizations alone"},
	{.key = "ema",
		.type = FIELD_REAL,
		.at = AT(ema),
		.hi = 0.99999,
		.standard = "0",
		.before = "0",
		.since = 3,
		.unit = "X",
		.help = "judge and keep averages of the weights over the "
			"steps, "
			"of this decay; 0: the last weights"},
	{.key = "rate_limit",
		.type = FIELD_REAL,
		.at = AT(rate_limit),
		.hi = 1,
		.standard = "0",
		.before = "0",
		.since = 9,
		.unit = "X",
		.help = "train at no higher learning rate; 0: at the "
			"network's"},
	{.key = "flip_test",
		.type = FIELD_FLAG,
		.at = AT(flip_test),
		.standard = "false",
		.before = "false",
		.since = 3,
		.help = "judge by an image and its mirror together; with "
			"--augment-flip"},
};

const struct fields recipe_fields = {FIELDS(struct recipe, rows)};

double recipe_rate(const struct recipe *r, double rate)
{
	return r->rate_limit > 0 && rate > r->rate_limit ? r->rate_limit : rate;
}

int recipe_check(const struct recipe *r, struct err *e)
{
	return fields_in_bounds(&recipe_fields, r, e);
}
