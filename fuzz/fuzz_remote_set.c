/* fuzz_remote_set.c -- whatever a URL says, the files that it names have names
 * that are files of one folder: none is hidden, or elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "data/remote_set.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *url = calloc(1, n + 1);
	struct remote_set s;

	memcpy(url, data, n);
	if (remote_set_read(url, &s, NULL) == 0) {
		for (size_t i = 0; i < s.n; i++)
			must(s.files[i].name[0] && s.files[i].name[0] != '.' &&
				!strchr(s.files[i].name, '/'));
		remote_set_release(&s);
	}
	free(url);
	return 0;
}
