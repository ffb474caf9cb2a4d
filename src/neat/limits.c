/* limits.c -- the limits, a row each. */
#include "neat/limits.h"

#define KIB 1024
#define MEGA 1e6

#define AT(member) offsetof(struct limits, member)
#define NONE .standard = "0", .before = "0", .since = 1

static const struct field rows[] = {
	{.key = "max_parameters",
		.type = FIELD_WHOLE,
		.at = AT(max_parameters),
		.hi = 1e12,
		NONE,
		.unit = "N",
		.help = "breed no network of more trained numbers; 0: any"},
	{.key = "max_mflop",
		.type = FIELD_REAL,
		.at = AT(max_mflop),
		.hi = 1e9,
		NONE,
		.unit = "X",
		.help = "breed no network that takes more millions of "
			"operations an image; 0: any"},
	{.key = "max_model_kb",
		.type = FIELD_WHOLE,
		.at = AT(max_model_kb),
		.hi = 1e9,
		NONE,
		.unit = "KB",
		.help = "breed no network whose weights take more in a file; "
			"0: any"},
	{.key = "max_work",
		.type = FIELD_REAL,
		.at = AT(max_work),
		.hi = 1e12,
		NONE,
		.unit = "X",
		.help = "breed no network that takes more millions of "
			"operations to train on an image; 0: any, or what the "
			"budget lets a finalist train on"},
};

const struct fields limits_fields = {FIELDS(struct limits, rows)};

int limits_any(const struct limits *l)
{
	return l->max_parameters > 0 || l->max_mflop > 0 ||
	       l->max_model_kb > 0 || l->max_work > 0;
}

int limits_check(
	const struct limits *l, const struct network_cost *c, struct err *e)
{
	const double mflop = (double)c->forward_flops / MEGA;
	const int64_t kb = c->weight_bytes / KIB + (c->weight_bytes % KIB > 0);

	if (l->max_parameters > 0 && c->parameters > l->max_parameters)
		return err_at(e, ERR_RANGE, "", "max_parameters",
			"%lld parameters, and \"max_parameters\" is %lld",
			(long long)c->parameters, (long long)l->max_parameters);
	if (l->max_mflop > 0 && mflop > l->max_mflop)
		return err_at(e, ERR_RANGE, "", "max_mflop",
			"%.6g million operations an image, and \"max_mflop\" "
			"is %.6g",
			mflop, l->max_mflop);
	if (l->max_model_kb > 0 && kb > l->max_model_kb)
		return err_at(e, ERR_RANGE, "", "max_model_kb",
			"weights of %lld KB, and \"max_model_kb\" is %lld",
			(long long)kb, (long long)l->max_model_kb);
	if (l->max_work > 0 && c->work / MEGA > l->max_work)
		return err_at(e, ERR_RANGE, "", "max_work",
			"%.6g million operations to train on an image, and "
			"\"max_work\" is %.6g",
			c->work / MEGA, l->max_work);
	return 0;
}

int gate_admits(const struct gate *gate, const struct genome *g)
{
	return !gate->admits || gate->admits(g, gate->data, gate->limits, NULL);
}
