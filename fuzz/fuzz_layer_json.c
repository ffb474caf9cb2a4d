/* fuzz_layer_json.c -- a graph of layers, as clients send it; what is accepted
 * is drawn as well. */
#include "fuzz.h"

#include <string.h>

#include "base/canonical.h"
#include "base/doc.h"
#include "draw/dot.h"
#include "draw/svg.h"
#include "wire/layer_json.h"

#define MEMORY ((size_t)1 << 20)
#define PICTURE_BYTES ((size_t)2 << 20)

static char *written(const struct genome *g, const struct data_shape *data)
{
	json_t *v = layer_json_write(g, data);
	char *text = canonical_text(v, NULL);

	must(text != NULL);
	json_decref(v);
	return text;
}

static void draw(const struct genome *g, const struct data_shape *data)
{
	struct buf out;

	buf_init(&out, PICTURE_BYTES);
	must(svg_write(g, data, &out, NULL) == 0);
	buf_release(&out);
	must(dot_write(g, data, &out, NULL) == 0);
	buf_release(&out);
}

static void read_again(const struct genome *g, const struct data_shape *data)
{
	char *once = written(g, data), *twice;
	json_t *v = doc_parse(once, strlen(once), NULL);
	struct data_shape data_again;
	struct genome again;
	struct arena mem;

	arena_init(&mem, MEMORY);
	must(v && layer_json_read(v, "", &mem, &again, &data_again, NULL) == 0);
	must(genome_equal(g, &again) && data_shape_equal(data, &data_again));
	twice = written(&again, &data_again);
	must(strcmp(once, twice) == 0);
	arena_release(&mem);
	json_decref(v);
	free(once);
	free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *v = doc_parse((const char *)data, size, NULL);
	struct data_shape shape;
	struct arena mem;
	struct genome g;

	arena_init(&mem, MEMORY);
	if (v && layer_json_read(v, "", &mem, &g, &shape, NULL) == 0) {
		must(genome_check(&g, NULL) == 0);
		read_again(&g, &shape);
		draw(&g, &shape);
	}
	arena_release(&mem);
	json_decref(v);
	return 0;
}
