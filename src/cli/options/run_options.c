/* run_options.c -- the settings of a run on the command line. */
#include "cli/options/run_options.h"

#include <limits.h>

#include "cli/options/dataset_option.h"
#include "wire/settings.h"

static int find_dataset(json_t *body, struct err *e)
{
	json_t *dataset = json_object_get(body, "dataset");
	char path[PATH_MAX];
	int rc = dataset ? dataset_option(json_string_value(dataset), path, e)
			 : 0;

	if (rc == 0 && dataset && json_string_set(dataset, path))
		return err_set(e, ERR_INVALID, "--dataset is not UTF-8");
	return rc;
}

json_t *run_options_settings(const struct options *o, struct err *e)
{
	json_t *body = options_document(o, &settings_fields, e);
	struct run_settings checked;

	if (!body)
		return NULL;
	/* The bounds that hang together, too, such as elite below
	 * population. */
	if (find_dataset(body, e) == 0) {
		if (settings_read(body, &checked, e) == 0)
			return body;
		options_blame(o, &settings_fields, e);
	}
	json_decref(body);
	return NULL;
}
