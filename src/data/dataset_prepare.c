/* dataset_prepare.c -- a data set by what it is called: a name that an import
 * gave it, a URL, files of this machine. */
#include <string.h>

#include "data/dataset.h"
#include "data/dataset_files.h"
#include "data/dataset_names.h"
#include "data/dataset_remote.h"
#include "data/dataset_source.h"

static const struct reading as_it_is;

/* The file, and the names, to be released: none where it has the right ones. */
static int find_or_read(const struct dataset_order *o, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct class_names *names, struct err *e)
{
	struct err why = {0};
	int rc;

	if (remote_is(o->name))
		return dataset_remote_read(o, cache_dir, path, names, e);
	rc = dataset_name_find(cache_dir, o->name, path, names, &why);
	if (rc == ERR_NOT_FOUND)
		return dataset_files_read(o, NULL, cache_dir, path, names, e);
	if (rc == 0)
		rc = reading_check(o->how ? o->how : &as_it_is, 0,
			"a data set that was imported: it was read then", &why);
	if (rc)
		class_names_release(names);
	if (rc && e)
		*e = why;
	return rc;
}

int dataset_order(const struct dataset_order *o, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e)
{
	struct class_names names = {.n = 0};
	int rc = find_or_read(o, cache_dir, path, &names, e);

	class_names_release(&names);
	return rc;
}

struct dataset *dataset_load(
	const struct dataset_order *o, const char *cache_dir, struct err *e)
{
	struct class_names names = {.n = 0};
	char path[DATASET_PATH_MAX];
	struct dataset *d;

	if (find_or_read(o, cache_dir, path, &names, e))
		return NULL;
	d = dataset_open(path, e);
	if (d && names.n > 0)
		dataset_rename(d,
			(const char(*)[DATASET_NAME_BYTES])names.names,
			names.n);
	class_names_release(&names);
	return d;
}

int dataset_prepare(const char *name, const char *cache_dir,
	char path[DATASET_PATH_MAX], struct err *e)
{
	return dataset_order(
		&(struct dataset_order){.name = name}, cache_dir, path, e);
}

int dataset_exists(const char *name, struct err *e)
{
	struct source source;

	return source_find(name, &as_it_is, DATASET_PACKAGES, &source, e);
}

const char *const *dataset_known(void)
{
	return source_known();
}
