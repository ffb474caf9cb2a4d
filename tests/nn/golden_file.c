/* golden_file.c -- a file that is not as make_golden.py writes it fails the
 * test. */
#include "golden_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

json_t *golden_open(const char *name)
{
	const char *folder = getenv("NEVOD_GOLDEN");
	char path[4096];
	json_error_t why;
	json_t *file;

	if (!folder)
		fail_msg("NEVOD_GOLDEN must name the folder of golden files");
	snprintf(path, sizeof path, "%s/%s.json", folder, name);
	file = json_load_file(path, 0, &why);
	if (!file)
		fail_msg("%s:%d: %s", path, why.line, why.text);
	return file;
}

const json_t *golden_member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("a golden file lacks \"%s\"", key);
	return value;
}

int golden_int(const json_t *object, const char *key)
{
	return (int)json_integer_value(json_object_get(object, key));
}

double golden_number(const json_t *list, size_t i)
{
	assert_true(json_is_number(json_array_get(list, i)));
	return json_number_value(json_array_get(list, i));
}

void golden_floats(const json_t *list, float *out, size_t n)
{
	assert_int_equal(json_array_size(list), n);
	for (size_t i = 0; i < n; i++)
		out[i] = (float)golden_number(list, i);
}
