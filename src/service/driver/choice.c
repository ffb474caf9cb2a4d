/* choice.c -- kernels first, for the speed is that of a class. */
#include "service/driver/choice.h"

#include "run/run.h"
#include "service/driver/budget_choice.h"
#include "service/driver/kernel_choice.h"

int choice_open(const struct run_settings *s)
{
	return !s->kernels[0] || (s->has_budget_s && !s->has_budget);
}

int choice_make(struct dispatch *d, struct run_settings *s, struct err *e)
{
	int rc = kernels_choose(d, s->kernels, e);

	/* One that is given needs nobody to confirm it. */
	if (rc == ERR_BUSY && s->kernels[0])
		rc = 0;
	if (rc == 0)
		rc = budget_choose(d, s, e);
	return rc ? rc : run_budget_plan(s, e);
}
