/* seeds_json.c -- each genome by the reader of its own form. */
#include "wire/seeds_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "wire/genome_json.h"

static int read_one(struct arena *mem, const json_t *v, const char *at,
	const struct data_shape *data, const struct genome **out, struct err *e)
{
	struct genome_doc doc;
	int rc = genome_doc_read(v, at, mem, &doc, e);

	if (rc)
		return rc;
	if (data && !data_shape_equal(data, &doc.data))
		return err_at(e, ERR_RANGE, at, NULL,
			"a known genome is for images of %dx%dx%d in %d "
			"classes, but these are %dx%dx%d in %d",
			doc.data.channels, doc.data.height, doc.data.width,
			doc.data.classes, data->channels, data->height,
			data->width, data->classes);
	*out = doc.graph;
	return 0;
}

int seeds_read(struct arena *mem, const json_t *list, const char *at,
	const struct data_shape *data, const struct genome *const **out,
	size_t *n, struct err *e)
{
	const struct genome **genomes = arena_array(
		mem, SEEDS_MAX, sizeof *genomes);
	const size_t count = json_array_size(list);

	if (!json_is_array(list) || count > SEEDS_MAX)
		return err_at(e, ERR_RANGE, at, NULL,
			"known genomes must be a list of at most %d",
			SEEDS_MAX);
	for (size_t i = 0; i < count; i++) {
		char place[sizeof e->where];
		int rc;

		snprintf(place, sizeof place, "%.80s/%zu", at, i);
		rc = read_one(mem, json_array_get(list, i), place, data,
			&genomes[i], e);
		if (rc)
			return rc;
	}
	*out = genomes;
	*n = count;
	return 0;
}

json_t *seeds_write_again(const json_t *list)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct genome_doc doc;
		struct arena mem;

		arena_init(&mem, SEEDS_ARENA_BYTES);
		if (genome_doc_read(
			    json_array_get(list, i), "", &mem, &doc, NULL) == 0)
			json_array_append_new(out, genome_doc_write(&doc));
		arena_release(&mem);
	}
	return out;
}

static int check_size(const json_t *list, const char *at, struct err *e)
{
	char *text = canonical_text(list, NULL);
	const int fits = text && strlen(text) <= SEEDS_BYTES_MAX;

	free(text);
	return fits ? 0
		    : err_at(e, ERR_TOO_BIG, at, NULL,
			      "known genomes may be %zu bytes together",
			      SEEDS_BYTES_MAX);
}

static int read_list(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	const struct genome *const *genomes;
	struct arena mem;
	size_t n = 0;
	int rc = 0;

	(void)r;
	if (v) {
		arena_init(&mem, SEEDS_ARENA_BYTES);
		rc = seeds_read(&mem, v, at, NULL, &genomes, &n, e);
		arena_release(&mem);
	}
	if (rc == 0 && n > 0)
		rc = check_size(v, at, e);
	if (rc)
		return rc;
	*(const json_t **)((char *)s + f->at) = n > 0 ? v : NULL;
	return 0;
}

static json_t *write_list(const struct field *f, const void *s)
{
	return json_incref(*(json_t *const *)((const char *)s + f->at));
}

json_t *seeds_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s, s:s, s:i, s:{s:s}}", "type", "array",
		"description", "genomes that are the first of generation 0",
		"maxItems", SEEDS_MAX, "items", "$ref",
		"schemas.json#/AnyGenome");
}

const struct field_codec seeds_codec = {read_list, write_list, seeds_schema};
