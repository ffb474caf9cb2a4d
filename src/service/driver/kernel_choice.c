/* kernel_choice.c -- the best class that every worker which answers can run. */
#include "service/driver/kernel_choice.h"

#include <string.h>

#include "base/words.h"

#define WORKERS_BYTES_MAX ((size_t)1 << 28)

static int all_have(
	const struct dispatch_worker *w, size_t n, const char *word, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (!words_have(w[i].kernels, word, len))
			return 0;
	return 1;
}

int kernels_common(const struct dispatch_worker *workers, size_t n,
	char kernels[SETTINGS_KERNELS_MAX], struct err *e)
{
	const char *list = n > 0 ? workers[0].kernels : "", *name;
	size_t len;

	while ((name = words_next(&list, &len))) {
		if (len >= SETTINGS_KERNELS_MAX ||
			!all_have(workers, n, name, len))
			continue;
		memcpy(kernels, name, len);
		kernels[len] = '\0';
		return 0;
	}
	return err_set(e, ERR_RANGE,
		"the evolutioners have no kernel class in common; name one "
		"with \"kernels\"");
}

static int someone_has(const struct dispatch_worker *w, size_t n,
	const char *kernels, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (words_have(w[i].kernels, kernels, strlen(kernels)))
			return 0;
	return err_at(e, ERR_RANGE, "", "kernels",
		"no evolutioner has the kernels \"%s\"; the first one has: %s",
		kernels, w[0].kernels);
}

/* Those that have answered and are not lost. */
static size_t alive(
	struct dispatch *d, struct arena *mem, struct dispatch_worker **out)
{
	size_t n = dispatch_workers(d, mem, out), kept = 0;

	for (size_t i = 0; i < n; i++)
		if ((*out)[i].seen_ms > 0 && !(*out)[i].lost)
			(*out)[kept++] = (*out)[i];
	return kept;
}

int kernels_choose(
	struct dispatch *d, char kernels[SETTINGS_KERNELS_MAX], struct err *e)
{
	struct dispatch_worker *w;
	struct arena mem;
	size_t n;
	int rc;

	arena_init(&mem, WORKERS_BYTES_MAX);
	n = alive(d, &mem, &w);
	if (n == 0)
		rc = err_set(e, ERR_BUSY,
			"no evolutioner answers; start one, or name it with "
			"--evolutioner");
	else if (kernels[0])
		rc = someone_has(w, n, kernels, e);
	else
		rc = kernels_common(w, n, kernels, e);
	arena_release(&mem);
	return rc;
}
