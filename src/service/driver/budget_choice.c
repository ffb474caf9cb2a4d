/* budget_choice.c -- only the operations are a setting: the speed is a label
 * beside them, and the time a wish. */
#include "service/driver/budget_choice.h"

#include <math.h>
#include <string.h>

#include "base/words.h"

#define WORKERS_BYTES_MAX ((size_t)1 << 28)

/* The place of a class in the worker's list, or -1. */
static int place_of(const struct dispatch_worker *w, const char *kernels)
{
	const char *list = w->kernels, *word;
	size_t n;

	for (int i = 0; (word = words_next(&list, &n)); i++)
		if (i < DISPATCH_KERNELS_MAX && strlen(kernels) == n &&
			strncmp(word, kernels, n) == 0)
			return i;
	return -1;
}

double budget_speed(
	const struct dispatch_worker *workers, size_t n, const char *kernels)
{
	double sum = 0, slots = 0;

	for (size_t i = 0; i < n; i++) {
		const struct dispatch_worker *w = &workers[i];
		const int at = place_of(w, kernels);

		if (w->lost || at < 0 || !(w->gflops[at] > 0))
			continue;
		sum += w->gflops[at] * (double)w->slots;
		slots += (double)w->slots;
	}
	return slots > 0 ? sum / slots : 0;
}

static double speed_now(struct dispatch *d, const char *kernels)
{
	struct dispatch_worker *w;
	struct arena mem;
	double gflops;
	size_t n;

	arena_init(&mem, WORKERS_BYTES_MAX);
	n = dispatch_workers(d, &mem, &w);
	gflops = budget_speed(w, n, kernels);
	arena_release(&mem);
	return gflops;
}

/* To two digits: what is measured again is often the same, and a person can
 * repeat it. */
static double rounded(double x)
{
	const double step = pow(10, floor(log10(x)) - 1);

	return floor(x / step + 0.5) * step;
}

int budget_choose(struct dispatch *d, struct run_settings *s, struct err *e)
{
	double gflops;

	if (!s->has_budget_s)
		return 0;
	gflops = speed_now(d, s->kernels);
	if (gflops <= 0)
		return err_at(e, ERR_BUSY, "", "budget",
			"no evolutioner has said yet how fast it trains with "
			"the kernels \"%s\"; try again, or give "
			"\"budget_pflop\"",
			s->kernels);
	s->speed_gflops = gflops;
	s->budget_pflop = rounded(s->budget_s * s->speed_gflops * 1e-6);
	s->has_budget = 1;
	return 0;
}
