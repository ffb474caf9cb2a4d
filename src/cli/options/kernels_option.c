/* kernels_option.c -- finds the kernel class that a person means. */
#include "cli/options/kernels_option.h"

const struct kernels *kernels_option(const struct options *o, struct err *e)
{
	const char *name = options_text(o, "kernels", NULL);
	const struct kernels *found = name ? kernels_find(name, e)
					   : kernels_best();

	if (!found) {
		e->code = ERR_RANGE;
		err_prefix(e, "--kernels");
	}
	return found;
}
