/* safetensors.c -- the header by jansson, then the tensors one by one. */
#include "model/safetensors.h"

#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"

#if __BYTE_ORDER != __LITTLE_ENDIAN
#error "tensors are written as they lie in memory, which must be little-endian"
#endif

#define HEADER_ALIGN 8 /* so that the tensors can be mapped */

static json_t *notes_json(const struct tensor_note *notes, size_t n)
{
	json_t *out = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(
			out, notes[i].key, json_string(notes[i].value));
	return out;
}

/* The entry of a tensor whose bytes start at *offset, which moves on. */
static json_t *tensor_json(const struct net_tensor *t, size_t *offset)
{
	json_t *shape = json_array();
	size_t start = *offset;

	*offset += t->count * sizeof(float);
	for (int i = 0; i < t->ndims; i++)
		json_array_append_new(shape, json_integer(t->dims[i]));
	return json_pack("{s:s, s:o, s:[I, I]}", "dtype", "F32", "shape", shape,
		"data_offsets", (json_int_t)start, (json_int_t)*offset);
}

/* jansson keeps the order of insertion: tensors stand by rising offset. */
static char *header_text(
	const struct net *n, const struct tensor_note *notes, size_t n_notes)
{
	json_t *header = json_object();
	size_t offset = 0;
	struct net_tensor t;
	char *text;

	json_object_set_new(header, "__metadata__", notes_json(notes, n_notes));
	for (size_t i = 0; i < net_tensor_count(n); i++) {
		net_tensor(n, i, &t);
		json_object_set_new(header, t.name, tensor_json(&t, &offset));
	}
	text = json_dumps(header, JSON_COMPACT);
	json_decref(header);
	return text;
}

static int write_header(const char *text, struct buf *out, struct err *e)
{
	size_t len = strlen(text);
	size_t padding = (HEADER_ALIGN - len % HEADER_ALIGN) % HEADER_ALIGN;
	uint64_t total = htole64(len + padding);
	int rc = buf_add(out, &total, sizeof total, e);

	if (rc == 0)
		rc = buf_add(out, text, len, e);
	if (rc == 0)
		rc = buf_add(out, "        ", padding, e);
	return rc;
}

static int write_tensor(
	const struct net *n, size_t i, struct buf *out, struct err *e)
{
	struct net_tensor t;
	float *values;
	int rc;

	net_tensor(n, i, &t);
	values = xcalloc(t.count, sizeof *values);
	net_tensor_read(n, i, values);
	rc = buf_add(out, values, t.count * sizeof *values, e);
	free(values);
	return rc;
}

int safetensors_write(const struct net *n, const struct tensor_note *notes,
	size_t n_notes, struct buf *out, struct err *e)
{
	char *text = header_text(n, notes, n_notes);
	int rc;

	if (!text)
		return err_set(e, ERR_WORLD, "no memory for a model's header");
	rc = write_header(text, out, e);
	for (size_t i = 0; rc == 0 && i < net_tensor_count(n); i++)
		rc = write_tensor(n, i, out, e);
	free(text);
	return rc;
}
