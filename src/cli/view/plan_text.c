/* plan_text.c -- a budget, and what it is planned to pay for. */
#include "cli/view/plan_text.h"

#include "cli/view/run_view.h"

static double number(const json_t *of, const char *name)
{
	return json_number_value(json_object_get(of, name));
}

/* "10m00s of CPU at 226 GFLOP/s, 0.14 PFLOP", or the last part of it. */
static void write_budget(const json_t *settings, char *out, size_t size)
{
	const double seconds = number(settings, "budget");
	char time[DURATION_BYTES];
	int n = 0;

	run_view_duration(seconds, time);
	if (seconds > 0)
		n = snprintf(out, size, "%s of CPU at %.0f GFLOP/s, ", time,
			number(settings, "speed_gflops"));
	snprintf(out + n, size - (size_t)n, "%.3g PFLOP",
		number(settings, "budget_pflop"));
}

void plan_text(const json_t *run, char out[PLAN_TEXT_BYTES])
{
	const json_t *settings = json_object_get(run, "settings");
	const json_t *budget = json_object_get(run, "budget");
	char text[128];

	out[0] = '\0';
	if (!json_is_object(budget))
		return;
	write_budget(settings, text, sizeof text);
	snprintf(out, PLAN_TEXT_BYTES,
		"budget: %s\n"
		"plan: about %.0f generations of %.0f networks, %.0f %% of it; "
		"then %.0f finalist%s and\n"
		"the champion, from scratch, each for %.0f epochs or more",
		text, number(budget, "generations"),
		number(settings, "population"),
		100 * number(budget, "search_pflop") / number(budget, "pflop"),
		number(settings, "finalists"),
		number(settings, "finalists") == 1 ? "" : "s",
		number(settings, "final_epochs"));
}
