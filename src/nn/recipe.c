/* recipe.c -- the ranges of a recipe. */
#include "nn/recipe.h"

/* NaN is in no range. */
static int check(const char *name, double x, double max, struct err *e)
{
	if (x >= 0 && x <= max)
		return 0;
	return err_set(
		e, ERR_RANGE, "%s is %g but must be 0 to %g", name, x, max);
}

int recipe_check(const struct recipe *r, struct err *e)
{
	int rc = 0;

	if ((unsigned)r->schedule >= SCHEDULE_COUNT)
		rc = err_set(e, ERR_RANGE, "there is no schedule %d",
			(int)r->schedule);
	if (rc == 0 && r->own_decay)
		rc = check(
			"weight_decay", r->weight_decay, RECIPE_DECAY_MAX, e);
	if (rc == 0)
		rc = check("label_smoothing", r->label_smoothing,
			RECIPE_SMOOTHING_MAX, e);
	if (rc == 0)
		rc = check("clip_norm", r->clip_norm, RECIPE_CLIP_MAX, e);
	return rc;
}
