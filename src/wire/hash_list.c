/* hash_list.c -- each of them becomes a file's name somewhere, so nothing but
 * hex digits passes. */
#include "wire/hash_list.h"

#include <string.h>

static int read_list(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	char(*out)[SHA256_HEX_BYTES] = (void *)((char *)s + f->at);
	const size_t n = json_array_size(v);

	(void)r;
	if (v && (!json_is_array(v) || n > (size_t)f->hi))
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be a list of at most %.0f hashes", f->key,
			f->hi);
	for (size_t i = 0; i < n; i++) {
		const char *hash = json_string_value(json_array_get(v, i));

		if (!hash || !sha256_is_hex(hash))
			return err_at(e, ERR_INVALID, at, NULL,
				"entry %zu of \"%s\" must be 64 lower-case "
				"hex digits",
				i, f->key);
		memcpy(out[i], hash, SHA256_HEX_BYTES);
	}
	*(int *)((char *)s + f->count) = (int)n;
	return 0;
}

static json_t *write_list(const struct field *f, const void *s)
{
	const char *first = (const char *)s + f->at;
	const int n = *(const int *)((const char *)s + f->count);
	json_t *list = n > 0 ? json_array() : NULL;

	for (int i = 0; i < n; i++)
		json_array_append_new(
			list, json_string(first + i * SHA256_HEX_BYTES));
	return list;
}

static json_t *list_schema(const struct field *f)
{
	return json_pack("{s:s, s:i, s:{s:s, s:s}}", "type", "array",
		"maxItems", (int)f->hi, "items", "type", "string", "pattern",
		"^[0-9a-f]{64}$");
}

const struct field_codec hash_list_codec = {read_list, write_list, list_schema};
