/* architecture.c -- the ops' own lists of fields serve both directions. */
#include "model/architecture.h"

#include <float.h>
#include <limits.h>
#include <string.h>

#include "base/doc.h"

#define NAME_BYTES_MAX 32

/* -- writing -- */

static json_t *value_json(
	const struct spec_field *f, const struct spec_node *node)
{
	const void *member = (const char *)node + f->at;

	switch (f->type) {
	case SPEC_INT: return json_integer(*(const int *)member);
	case SPEC_REAL: return json_real(*(const double *)member);
	case SPEC_ACTIVATION:
		return json_string(
			activation_name(*(const enum activation *)member));
	}
	return NULL;
}

static json_t *node_json(const struct spec_node *node)
{
	json_t *out = json_object(), *inputs = json_array();
	size_t n;
	const struct spec_field *fields = spec_fields(node->op, &n);

	json_object_set_new(out, "op", json_string(spec_op_name(node->op)));
	for (int i = 0; i < node->n_inputs; i++)
		json_array_append_new(inputs, json_integer(node->inputs[i]));
	json_object_set_new(out, "inputs", inputs);
	json_object_set_new(out, "shape",
		json_pack("[i, i, i]", node->shape.channels, node->shape.height,
			node->shape.width));
	for (size_t i = 0; i < n; i++)
		json_object_set_new(
			out, fields[i].key, value_json(&fields[i], node));
	return out;
}

json_t *architecture_write(const struct spec *s)
{
	json_t *out = json_array();

	for (int i = 0; i < s->n; i++)
		json_array_append_new(out, node_json(&s->nodes[i]));
	return out;
}

/* -- reading -- */

/* Bounds of the values are spec_check's; here they only have to fit. */

static int read_op(const json_t *v, enum op *out, struct err *e)
{
	const char *name;
	int op, rc = doc_str(v, "", "op", 1, NAME_BYTES_MAX, &name, e);

	if (rc)
		return rc;
	op = spec_op_find(name);
	if (op >= 0) {
		*out = (enum op)op;
		return 0;
	}
	return err_at(e, ERR_INVALID, "", "op",
		"there is no op \"%.32s\" in this version", name);
}

static int check_keys(const json_t *v, enum op op, struct err *e)
{
	const char *keys[3 + SPEC_FIELDS_MAX + 1] = {"op", "inputs", "shape"};
	size_t n;
	const struct spec_field *fields = spec_fields(op, &n);

	for (size_t i = 0; i < n; i++)
		keys[3 + i] = fields[i].key;
	return doc_only(v, "", keys, e);
}

/* Reads a list of at least `min` and at most `max` integers. */
static int read_ints(const json_t *v, const char *key, size_t min, size_t max,
	int *out, struct err *e)
{
	const json_t *list;
	int rc = doc_list(v, "", key, min, max, &list, e);

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		int64_t x;

		if (!doc_integer(json_array_get(list, i), &x) || x < 0 ||
			x > INT_MAX)
			return err_at(e, ERR_INVALID, "", key,
				"entry %zu of \"%s\" must be an integer from 0 "
				"to %d",
				i, key, INT_MAX);
		out[i] = (int)x;
	}
	return rc ? rc : (int)json_array_size(list);
}

static int read_activation(
	const json_t *v, const char *key, enum activation *out, struct err *e)
{
	const char *name;
	int rc = doc_str(v, "", key, 1, NAME_BYTES_MAX, &name, e);

	if (rc)
		return rc;
	for (int i = 0; i < ACT_COUNT; i++) {
		if (strcmp(activation_name(i), name) == 0) {
			*out = i;
			return 0;
		}
	}
	return err_at(e, ERR_INVALID, "", key,
		"there is no activation \"%.32s\" in this version", name);
}

static int read_field(const json_t *v, const struct spec_field *f,
	struct spec_node *node, struct err *e)
{
	void *member = (char *)node + f->at;
	int64_t integer = 0;
	int rc;

	switch (f->type) {
	case SPEC_INT:
		rc = doc_int(v, "", f->key, INT_MIN, INT_MAX, &integer, e);
		*(int *)member = (int)integer;
		return rc;
	case SPEC_REAL:
		return doc_real(v, "", f->key, -DBL_MAX, DBL_MAX, member, e);
	case SPEC_ACTIVATION: return read_activation(v, f->key, member, e);
	}
	return 0;
}

static int read_node(const json_t *v, struct spec_node *out, struct err *e)
{
	const struct spec_field *fields;
	struct spec_node node = {0};
	int shape[3], rc;
	size_t n;

	if (!json_is_object(v))
		return err_set(e, ERR_INVALID, "it must be an object, not %s",
			doc_type_name(v));
	rc = read_op(v, &node.op, e);
	if (rc == 0)
		rc = check_keys(v, node.op, e);
	if (rc == 0)
		rc = read_ints(v, "shape", 3, 3, shape, e);
	if (rc < 0)
		return rc;
	rc = read_ints(v, "inputs", 0, SPEC_INPUTS_MAX, node.inputs, e);
	if (rc < 0)
		return rc;
	node.n_inputs = rc;
	node.shape = (struct shape){shape[0], shape[1], shape[2]};
	fields = spec_fields(node.op, &n);
	rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = read_field(v, &fields[i], &node, e);
	if (rc == 0)
		*out = node;
	return rc;
}

/* The shapes in the file say nothing new, but a file that is wrong about them
 * was not made by what made its tensors. */
static int check_shapes(
	const struct spec *s, const struct shape *said, struct err *e)
{
	for (int i = 0; i < s->n; i++) {
		const struct shape *is = &s->nodes[i].shape;

		if (is->channels != said[i].channels ||
			is->height != said[i].height ||
			is->width != said[i].width)
			return err_set(e, ERR_INVALID,
				"node %d (%s) gives a map of %dx%dx%d, but its "
				"\"shape\" says %dx%dx%d",
				i, spec_op_name(s->nodes[i].op), is->channels,
				is->height, is->width, said[i].channels,
				said[i].height, said[i].width);
	}
	return 0;
}

static int read_nodes(
	const json_t *list, struct spec *s, struct shape *said, struct err *e)
{
	struct err why = {0};

	s->n = (int)json_array_size(list);
	for (int i = 0; i < s->n; i++) {
		const json_t *v = json_array_get(list, (size_t)i);

		if (read_node(v, &s->nodes[i], &why))
			return err_set(e, why.code, "node %d: %s", i, why.text);
		said[i] = s->nodes[i].shape;
	}
	if (spec_check(s, &why))
		return err_set(e, ERR_INVALID,
			"the network cannot be built: %s", why.text);
	return 0;
}

int architecture_read(
	const json_t *list, int classes, struct spec *out, struct err *e)
{
	struct spec s = {.classes = classes};
	struct shape said[SPEC_NODES_MAX];
	int rc;

	if (json_array_size(list) > SPEC_NODES_MAX)
		return err_set(e, ERR_RANGE,
			"%zu nodes, of which a network has at most %d",
			json_array_size(list), SPEC_NODES_MAX);
	rc = read_nodes(list, &s, said, e);
	if (rc == 0)
		rc = check_shapes(&s, said, e);
	if (rc == 0)
		*out = s;
	return rc;
}
