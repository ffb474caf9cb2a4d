/* pareto_text.c -- one genome a line, and a bar for how accurate it is. */
#include "cli/view/pareto_text.h"

#define BAR_CELLS 24

static double number(const json_t *of, const char *name)
{
	return json_number_value(json_object_get(of, name));
}

/* The lowest and the highest accuracy; the bars span them. */
static void bounds(const json_t *items, double *lo, double *hi)
{
	size_t i;
	json_t *v;

	*lo = 1;
	*hi = 0;
	json_array_foreach((json_t *)items, i, v) {
		double fitness = number(v, "fitness");

		*lo = fitness < *lo ? fitness : *lo;
		*hi = fitness > *hi ? fitness : *hi;
	}
}

static void bar(double share, char out[BAR_CELLS + 1])
{
	int n = (int)(share * (BAR_CELLS - 1) + 1.5);

	for (int i = 0; i < BAR_CELLS; i++)
		out[i] = i < n ? '#' : ' ';
	out[BAR_CELLS] = '\0';
}

void pareto_text(const json_t *front, FILE *out)
{
	const json_t *items = json_object_get(front, "items");
	char cells[BAR_CELLS + 1];
	double lo, hi;
	size_t i;
	json_t *v;

	bounds(items, &lo, &hi);
	fprintf(out, "%10s %10s %12s %10s\n", "genome", "validation",
		"parameters", "MFLOP");
	json_array_foreach((json_t *)items, i, v) {
		double fitness = number(v, "fitness");

		bar(hi > lo ? (fitness - lo) / (hi - lo) : 1, cells);
		fprintf(out, "%10.0f %8.2f %% %12.0f %10.3f  %s\n",
			number(v, "id"), 100 * fitness, number(v, "parameters"),
			number(v, "mflop"), cells);
	}
}
