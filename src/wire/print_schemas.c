/* print_schemas.c -- the schemas that tables say, printed for the build: from
 * them and from api/ tools/bundle-openapi makes the OpenAPI documents, and
 * `--settings` prints docs/settings.md. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "wire/schemas.h"
#include "wire/settings_page.h"

int main(int argc, char **argv)
{
	json_t *all;
	char *text;

	if (argc > 1 && strcmp(argv[1], "--settings") == 0) {
		settings_page_print(stdout);
		return EXIT_SUCCESS;
	}
	all = wire_schemas();
	text = canonical_text_as_added(all, NULL);
	puts(text);
	free(text);
	json_decref(all);
	return EXIT_SUCCESS;
}
