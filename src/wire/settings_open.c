/* settings_open.c -- bits, each with the key of a setting. */
#include "wire/settings_open.h"

#include <string.h>

const char *settings_planned(size_t i)
{
	static const char *const keys[] = {"population", "generations",
		"train_limit", "rungs", "finalists", "final_epochs",
		"search_share", "rank_by", "final_rate_limit"};

	return i < sizeof keys / sizeof *keys ? keys[i] : NULL;
}

unsigned settings_open_in(const json_t *v)
{
	unsigned open = 0;

	for (size_t i = 0; settings_planned(i); i++)
		if (!json_object_get(v, settings_planned(i)))
			open |= 1u << i;
	return open;
}

/* The bit of a key; 0 for what is none. */
static unsigned bit_of(const json_t *v)
{
	for (size_t i = 0; json_is_string(v) && settings_planned(i); i++)
		if (strcmp(json_string_value(v), settings_planned(i)) == 0)
			return 1u << i;
	return 0;
}

static int read_open(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	unsigned open = 0;

	(void)r;
	if (v && !json_is_array(v))
		return err_at(e, ERR_INVALID, at, NULL, "\"%s\" must be a list",
			f->key);
	for (size_t i = 0; i < json_array_size(v); i++) {
		const unsigned bit = bit_of(json_array_get(v, i));

		if (!bit || (open & bit))
			return err_at(e, ERR_INVALID, at, NULL,
				"\"%s\" must be settings that a budget plans, "
				"each once",
				f->key);
		open |= bit;
	}
	*(unsigned *)((char *)s + f->at) = open;
	return 0;
}

static json_t *write_open(const struct field *f, const void *s)
{
	const unsigned open = *(const unsigned *)((const char *)s + f->at);
	json_t *list = open ? json_array() : NULL;

	for (size_t i = 0; list && settings_planned(i); i++)
		if (open & (1u << i))
			json_array_append_new(
				list, json_string(settings_planned(i)));
	return list;
}

static json_t *open_schema(const struct field *f)
{
	json_t *keys = json_array();

	(void)f;
	for (size_t i = 0; settings_planned(i); i++)
		json_array_append_new(keys, json_string(settings_planned(i)));
	return json_pack("{s:s, s:s, s:b, s:{s:s, s:o}}", "type", "array",
		"description",
		"settings that are planned of the budget when the run begins, "
		"whatever they are until then",
		"uniqueItems", 1, "items", "type", "string", "enum", keys);
}

const struct field_codec settings_open_codec = {
	read_open, write_open, open_schema};
