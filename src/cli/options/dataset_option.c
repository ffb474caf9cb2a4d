/* dataset_option.c -- finds the data set that a person means. */
#include "cli/options/dataset_option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/options/suggest.h"
#include "data/dataset.h"
#include "data/dataset_names.h"
#include "data/remote_set.h"

static int is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 &&
	       (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
}

/* True if a set of that data folder has been given the name. */
static int is_imported(const char *name, const char *data_dir)
{
	char cache[PATH_MAX + 16], path[DATASET_PATH_MAX];

	snprintf(cache, sizeof cache, "%s/datasets", data_dir);
	return dataset_name_find(cache, name, path, NULL, NULL) !=
	       ERR_NOT_FOUND;
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
			"there is no folder or file %.200s", given);
	while (known[n])
		n++;
	near = suggest_name(given, known, n);
	return err_set(e, ERR_NOT_FOUND,
		"'%.60s' is neither a known data set nor a folder "
		"or file here; %s %s%s",
		given, near ? "did you mean" : "known:", near ? near : known[0],
		near ? "?" : "");
}

int dataset_meant(const char *given, const char *data_dir, char out[PATH_MAX],
	struct err *e)
{
	if (is_known(given) || remote_is(given) ||
		is_imported(given, data_dir)) {
		snprintf(out, PATH_MAX, "%s", given);
		return 0;
	}
	if (!is_there(given) || !realpath(given, out))
		return unknown(given, e);
	return dataset_exists(out, e);
}

int dataset_option(const char *given, const char *data_dir, char out[PATH_MAX],
	struct err *e)
{
	int rc = dataset_meant(given, data_dir, out, e);

	return rc ? err_prefix(e, "--dataset") : 0;
}
