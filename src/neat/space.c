/* space.c -- lists of choices, and the one that a run has unless it says
 * otherwise. */
#include "neat/space.h"

#include "base/activation.h"
#include "base/optimizer_kind.h"

const struct space *space_default(void)
{
	static const struct space space = {
		.activations = {5, {ACT_RELU, ACT_SIGMOID, ACT_TANH,
					   ACT_LEAKYRELU, ACT_SELU}},
		.optimizers = {4, {OPT_ADAM, OPT_ADAMW, OPT_SGD, OPT_RMSPROP}},
	};

	return &space;
}

/* What a document without them means is what space_default has. */
#define AT(member) offsetof(struct space, member)
#define ACTIVATIONS "relu,sigmoid,tanh,leakyrelu,selu"
#define OPTIMIZERS "adam,adamw,sgd,rmsprop"

static const struct field rows[] = {
	{.key = "activations",
		.type = FIELD_NAMES,
		.at = AT(activations.value),
		.count = AT(activations.n),
		.lo = 1,
		.hi = SPACE_CHOICES_MAX,
		.name = activation_name,
		.standard = ACTIVATIONS,
		.before = ACTIVATIONS,
		.since = 1,
		.unit = "NAME,...",
		.help = "activations that evolution draws from"},
	{.key = "optimizers",
		.type = FIELD_NAMES,
		.at = AT(optimizers.value),
		.count = AT(optimizers.n),
		.lo = 1,
		.hi = SPACE_CHOICES_MAX,
		.name = optimizer_kind_name,
		.standard = OPTIMIZERS,
		.before = OPTIMIZERS,
		.since = 1,
		.unit = "NAME,...",
		.help = "optimizers that evolution draws from"},
};

const struct fields space_fields = {FIELDS(struct space, rows)};

/* The place of a value in the list, or -1. */
static int find(const struct choices *c, int value)
{
	for (int i = 0; i < c->n; i++)
		if (c->value[i] == value)
			return i;
	return -1;
}

static int check_choices(
	const struct choices *c, const char *what, int known, struct err *e)
{
	if (c->n < 1 || c->n > SPACE_CHOICES_MAX)
		return err_set(e, ERR_RANGE,
			"evolution must have from 1 to %d %s to draw from, not "
			"%d",
			SPACE_CHOICES_MAX, what, c->n);
	for (int i = 0; i < c->n; i++)
		if (c->value[i] < 0 || c->value[i] >= known ||
			find(c, c->value[i]) != i)
			return err_set(e, ERR_RANGE,
				"number %d of the %s to draw from is unknown, "
				"or there already",
				i + 1, what);
	return 0;
}

int space_check(const struct space *s, struct err *e)
{
	if (check_choices(&s->activations, "activations", ACT_COUNT, e))
		return ERR_RANGE;
	return check_choices(&s->optimizers, "optimizers", OPT_COUNT, e);
}

int space_draw(const struct choices *c, struct rng *r)
{
	return c->value[rng_below(r, (uint64_t)c->n)];
}

int space_draw_other(const struct choices *c, int now, struct rng *r)
{
	const int at = find(c, now);

	if (at < 0)
		return space_draw(c, r);
	if (c->n == 1)
		return now;
	return c->value[(at + 1 + (int)rng_below(r, (uint64_t)c->n - 1)) %
			c->n];
}
