/* safetensors_read.c -- a header that is believed only as far as the bytes
 * behind it bear it out. */
#include "model/safetensors.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"

#define LENGTH_BYTES 8
#define NOTES "__metadata__"

/* -- one tensor's entry -- */

/* Fills dims and count; `room` floats are all that the file can hold. */
static int read_shape(
	const json_t *v, size_t room, struct safetensor *t, struct err *e)
{
	const json_t *list;
	int rc = doc_list(v, "", "shape", 1, SAFETENSORS_DIMS_MAX, &list, e);

	if (rc)
		return rc;
	t->ndims = (int)json_array_size(list);
	t->count = 1;
	for (int i = 0; i < t->ndims; i++) {
		const json_t *dim = json_array_get(list, (size_t)i);
		json_int_t x = json_integer_value(dim);

		if (!json_is_integer(dim) || x < 1 || x > INT_MAX)
			return err_set(e, ERR_INVALID,
				"entry %d of \"shape\" must be an integer from "
				"1 to %d",
				i, INT_MAX);
		if ((size_t)x > room / t->count)
			return err_set(e, ERR_INVALID,
				"its shape asks for more numbers than the "
				"file holds");
		t->dims[i] = (int)x;
		t->count *= (size_t)x;
	}
	return 0;
}

/* Where the next tensor must start is checked when all are known. */
static int read_offsets(
	const json_t *v, size_t bytes, struct safetensor *t, struct err *e)
{
	const json_t *list, *start, *end;
	int rc = doc_list(v, "", "data_offsets", 2, 2, &list, e);

	if (rc)
		return rc;
	start = json_array_get(list, 0);
	end = json_array_get(list, 1);
	if (!json_is_integer(start) || !json_is_integer(end) ||
		json_integer_value(start) < 0 ||
		json_integer_value(end) < json_integer_value(start) ||
		(uint64_t)json_integer_value(end) > bytes)
		return err_set(e, ERR_INVALID,
			"\"data_offsets\" must be two rising integers from 0 "
			"to %zu, where the file ends",
			bytes);
	t->start = (size_t)json_integer_value(start);
	if ((size_t)json_integer_value(end) - t->start !=
		t->count * sizeof(float))
		return err_set(e, ERR_INVALID,
			"its \"data_offsets\" span %zu bytes but its shape "
			"takes %zu",
			(size_t)json_integer_value(end) - t->start,
			t->count * sizeof(float));
	return 0;
}

static int read_tensor(
	const json_t *v, size_t bytes, struct safetensor *t, struct err *e)
{
	static const char *const keys[] = {
		"dtype", "shape", "data_offsets", NULL};
	const char *dtype;
	int rc;

	if (!json_is_object(v))
		return err_set(e, ERR_INVALID, "it must be an object, not %s",
			doc_type_name(v));
	rc = doc_only(v, "", keys, e);
	if (rc == 0)
		rc = doc_str(v, "", "dtype", 1, 16, &dtype, e);
	if (rc)
		return rc;
	if (strcmp(dtype, "F32") != 0)
		return err_set(e, ERR_INVALID,
			"its type is %s, and only F32 is read", dtype);
	rc = read_shape(v, bytes / sizeof(float), t, e);
	return rc ? rc : read_offsets(v, bytes, t, e);
}

/* -- all of them -- */

static int by_start(const void *a, const void *b)
{
	const struct safetensor *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Each starts where the one before ends, and the last ends with the file. */
static int check_places(
	const struct safetensors *f, size_t bytes, struct err *e)
{
	size_t next = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct safetensor *t = &f->tensors[i];

		if (t->start != next)
			return err_set(e, ERR_INVALID,
				"the tensor \"%.48s\" starts at byte %zu of "
				"the data, which must be %zu: no holes, no "
				"overlaps",
				t->name, t->start, next);
		next += t->count * sizeof(float);
	}
	if (next != bytes)
		return err_set(e, ERR_INVALID,
			"the tensors end %zu bytes before the file does",
			bytes - next);
	return 0;
}

static int check_notes(const json_t *header, struct err *e)
{
	const json_t *notes = NULL, *value;
	const char *key;
	int rc = doc_obj_opt(header, "", NOTES, &notes, e);

	if (rc)
		return rc;
	json_object_foreach((json_t *)notes, key, value)
		if (!json_is_string(value))
			return err_set(e, ERR_INVALID,
				"the note \"%.48s\" must be a string, not %s",
				key, doc_type_name(value));
	return 0;
}

static int read_tensors(struct safetensors *f, size_t bytes, struct err *e)
{
	size_t members = json_object_size(f->header);
	struct err why = {0};
	const char *name;
	json_t *v;

	if (members > SAFETENSORS_TENSORS_MAX + 1)
		return err_set(e, ERR_RANGE,
			"%zu tensors, of which a file may have %d", members,
			SAFETENSORS_TENSORS_MAX);
	f->tensors = xcalloc(members + 1, sizeof *f->tensors);
	json_object_foreach(f->header, name, v) {
		struct safetensor *t = &f->tensors[f->n];

		if (strcmp(name, NOTES) == 0)
			continue;
		t->name = name;
		if (read_tensor(v, bytes, t, &why))
			return err_set(e, why.code, "the tensor \"%.48s\": %s",
				name, why.text);
		f->n++;
	}
	qsort(f->tensors, f->n, sizeof *f->tensors, by_start);
	return check_places(f, bytes, e);
}

/* -- the file -- */

static int read_length(
	const unsigned char *bytes, size_t n, size_t *length, struct err *e)
{
	uint64_t x = 0;

	if (n < LENGTH_BYTES)
		return err_set(
			e, ERR_INVALID, "%zu bytes are no safetensors file", n);
	for (int i = LENGTH_BYTES - 1; i >= 0; i--)
		x = x << 8 | bytes[i];
	if (x > SAFETENSORS_HEADER_MAX)
		return err_set(e, ERR_INVALID,
			"this is no safetensors file, or its header is longer "
			"than %zu bytes",
			SAFETENSORS_HEADER_MAX);
	if (x > n - LENGTH_BYTES)
		return err_set(e, ERR_INVALID, "the header is cut short");
	*length = (size_t)x;
	return 0;
}

static json_t *parse_header(const char *text, size_t n, struct err *e)
{
	struct err why = {0};
	json_t *header = doc_parse(text, n, &why);

	if (!header)
		err_set(e, why.code, "the header: %s", why.text);
	return header;
}

int safetensors_read(
	const void *bytes, size_t n, struct safetensors *out, struct err *e)
{
	struct safetensors f = {0};
	const char *text = (const char *)bytes + LENGTH_BYTES;
	size_t length = 0;
	int rc = read_length(bytes, n, &length, e);

	if (rc)
		return rc;
	f.header = parse_header(text, length, e);
	if (!f.header)
		return ERR_INVALID;
	f.data = text + length;
	rc = check_notes(f.header, e);
	if (rc == 0)
		rc = read_tensors(&f, n - LENGTH_BYTES - length, e);
	if (rc)
		safetensors_release(&f);
	else
		*out = f;
	return rc;
}

void safetensors_release(struct safetensors *f)
{
	json_decref(f->header);
	free(f->tensors);
	*f = (struct safetensors){0};
}

const char *safetensors_note(const struct safetensors *f, const char *key)
{
	const json_t *notes = json_object_get(f->header, NOTES);

	return json_string_value(json_object_get(notes, key));
}
