/* dataset_option.c -- finds the data set that a person means. */
#include "cli/options/dataset_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/options/suggest.h"
#include "data/dataset.h"

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int is_known(const char *name)
{
	for (const char *const *p = dataset_known(); *p; p++)
		if (strcmp(*p, name) == 0)
			return 1;
	return 0;
}

static int unknown(const char *given, struct err *e)
{
	const char *const *known = dataset_known();
	const char *near;
	size_t n = 0;

	if (strchr(given, '/'))
		return err_set(e, ERR_NOT_FOUND,
			"--dataset: there is no folder %.200s", given);
	while (known[n])
		n++;
	near = suggest_name(given, known, n);
	return err_set(e, ERR_NOT_FOUND,
		"--dataset: '%.60s' is neither a known data set nor a folder "
		"here; %s %s%s",
		given, near ? "did you mean" : "known:", near ? near : known[0],
		near ? "?" : "");
}

int dataset_option(const char *given, char out[PATH_MAX], struct err *e)
{
	if (is_known(given)) {
		snprintf(out, PATH_MAX, "%s", given);
		return 0;
	}
	if (!is_folder(given) || !realpath(given, out))
		return unknown(given, e);
	return dataset_exists(out, e) ? err_prefix(e, "--dataset") : 0;
}
