/* spec_build.c -- building a spec, and the one place that checks it. */
#include "nn/spec.h"

#include <string.h>

#include "nn/op.h"

/* Limits that keep every product of a spec's numbers inside an int64_t. */
#define SIDE_MAX 4096
#define CHANNELS_MAX 65536
#define MAP_FLOATS_MAX ((int64_t)1 << 24)
#define CLASSES_MAX 65535

const char *spec_op_name(enum op op)
{
	return op_verbs(op)->name;
}

int spec_op_find(const char *name)
{
	for (int i = 0; i < OP_COUNT; i++)
		if (strcmp(spec_op_name((enum op)i), name) == 0)
			return i;
	return -1;
}

const struct spec_field *spec_fields(enum op op, size_t *n)
{
	const struct spec_field *fields = op_verbs(op)->fields;

	*n = 0;
	while (*n < SPEC_FIELDS_MAX && fields[*n].key)
		++*n;
	return fields;
}

void spec_init(struct spec *s, struct shape images, int classes)
{
	memset(s, 0, sizeof *s);
	s->nodes[0] = (struct spec_node){.op = OP_INPUT, .shape = images};
	s->n = 1;
	s->classes = classes;
}

static int check_map(struct shape s, struct err *e)
{
	if (s.channels < 1 || s.height < 1 || s.width < 1)
		return err_set(e, ERR_GENOME,
			"a map of %dx%dx%d, which is "
			"nothing",
			s.channels, s.height, s.width);
	if (s.channels > CHANNELS_MAX || s.height > SIDE_MAX ||
		s.width > SIDE_MAX ||
		(int64_t)s.channels * s.height * s.width > MAP_FLOATS_MAX)
		return err_set(e, ERR_GENOME,
			"a map of %dx%dx%d; at most %d channels, %d pixels a "
			"side and %lld numbers are allowed",
			s.channels, s.height, s.width, CHANNELS_MAX, SIDE_MAX,
			(long long)MAP_FLOATS_MAX);
	return 0;
}

static int check_inputs(
	const struct spec *s, int i, const struct op_verbs *op, struct err *e)
{
	const struct spec_node *node = &s->nodes[i];

	if (node->n_inputs < op->min_inputs || node->n_inputs > op->max_inputs)
		return err_set(e, ERR_GENOME,
			"%d inputs, which must be %d to %d", node->n_inputs,
			op->min_inputs, op->max_inputs);
	for (int k = 0; k < node->n_inputs; k++)
		if (node->inputs[k] < 0 || node->inputs[k] >= i)
			return err_set(e, ERR_GENOME,
				"node %d as an input, which is not an earlier "
				"one",
				node->inputs[k]);
	return 0;
}

/* Checks node i, whose inputs have their shapes, and fills in its own. */
static int check_node(struct spec *s, int i, struct err *e)
{
	struct spec_node *node = &s->nodes[i];
	const struct op_verbs *op = op_verbs(node->op);
	struct shape in[SPEC_INPUTS_MAX], out = node->shape;
	int rc = 0;

	if (!op)
		return err_set(
			e, ERR_GENOME, "an op of number %d", (int)node->op);
	if ((node->op == OP_INPUT) != (i == 0))
		return err_set(e, ERR_GENOME, "%s",
			i ? "a second input" : "the input is missing");
	rc = check_inputs(s, i, op, e);
	if (rc)
		return rc;
	for (int k = 0; k < node->n_inputs; k++)
		in[k] = s->nodes[node->inputs[k]].shape;
	if (op->complete)
		op->complete(node);
	if (op->shape)
		rc = op->shape(node, in, &out, e);
	if (rc == 0)
		rc = check_map(out, e);
	if (rc == 0)
		node->shape = out;
	return rc;
}

static int check_nodes(struct spec *s, int n, struct err *e)
{
	struct err why = {0};

	for (int i = 0; i < n; i++) {
		const struct op_verbs *op = op_verbs(s->nodes[i].op);

		if (check_node(s, i, &why))
			return err_set(e, ERR_GENOME, "node %d (%s): %s", i,
				op ? op->name : "unknown", why.text);
	}
	return 0;
}

int spec_check(struct spec *s, struct err *e)
{
	struct shape out;

	if (s->n < 2 || s->n > SPEC_NODES_MAX)
		return err_set(e, ERR_GENOME,
			"a network of %d nodes, which must be 2 to %d", s->n,
			SPEC_NODES_MAX);
	if (s->classes < 2 || s->classes > CLASSES_MAX)
		return err_set(e, ERR_GENOME,
			"%d classes, which must be 2 to %d", s->classes,
			CLASSES_MAX);
	if (check_nodes(s, s->n, e))
		return ERR_GENOME;
	out = s->nodes[s->n - 1].shape;
	if (out.channels != s->classes || out.height != 1 || out.width != 1)
		return err_set(e, ERR_GENOME,
			"the output is %dx%dx%d, which must be %d logits",
			out.channels, out.height, out.width, s->classes);
	return 0;
}

int spec_add(struct spec *s, const struct spec_node *node, struct err *e)
{
	if (s->n >= SPEC_NODES_MAX)
		return err_set(e, ERR_RANGE, "a network of more than %d nodes",
			SPEC_NODES_MAX);
	s->nodes[s->n] = *node;
	/* A shape of nothing, unless the node and its inputs are sound. */
	s->nodes[s->n].shape = (struct shape){0};
	check_node(s, s->n, NULL);
	return s->n++;
}

/* Adds a node with one input after number *at, and moves *at to it. */
static int append(struct spec *s, int *at, struct spec_node node, struct err *e)
{
	int rc;

	node.inputs[0] = *at;
	node.n_inputs = 1;
	rc = spec_add(s, &node, e);
	if (rc < 0)
		return rc;
	*at = rc;
	return 0;
}

/* Brings the output of node *at to the shape `to`; its channels only where
 * `project` says so. */
static int fit(
	struct spec *s, int *at, struct shape to, int project, struct err *e)
{
	struct shape from = s->nodes[*at].shape;
	int rc = 0;

	if (from.height != to.height || from.width != to.width)
		rc = append(s, at,
			(struct spec_node){.op = OP_SHRINK,
				.height = to.height,
				.width = to.width},
			e);
	if (rc || !project || from.channels == to.channels)
		return rc;
	/* For a vector the projection is a dense layer, which may be wider
	 * than a convolution. */
	if (to.height == 1 && to.width == 1)
		return append(s, at,
			(struct spec_node){
				.op = OP_DENSE, .units = to.channels},
			e);
	return append(s, at,
		(struct spec_node){
			.op = OP_CONV, .filters = to.channels, .kernel = 1},
		e);
}

int spec_merge(
	struct spec *s, enum op join, const int *inputs, int n, struct err *e)
{
	struct spec_node node = {.op = join, .n_inputs = n};
	const int before = s->n;
	struct shape to;
	int rc = 0;

	if (n < 1 || n > SPEC_INPUTS_MAX)
		return err_set(e, ERR_RANGE,
			"%d maps to join, which must be 1 to %d", n,
			SPEC_INPUTS_MAX);
	for (int i = 0; i < n; i++)
		if (inputs[i] < 0 || inputs[i] >= s->n)
			return err_set(e, ERR_RANGE,
				"node %d is joined and does not exist",
				inputs[i]);
	/* Finds the reason if a node among them could not be built. */
	if (check_nodes(s, s->n, e))
		return ERR_GENOME;
	if (n == 1)
		return inputs[0];
	to = s->nodes[inputs[0]].shape;
	for (int i = 1; i < n; i++) {
		struct shape in = s->nodes[inputs[i]].shape;

		to.height = in.height < to.height ? in.height : to.height;
		to.width = in.width < to.width ? in.width : to.width;
	}
	for (int i = 0; i < n && rc == 0; i++) {
		node.inputs[i] = inputs[i];
		rc = fit(s, &node.inputs[i], to, join == OP_SUM, e);
	}
	if (rc == 0)
		rc = spec_add(s, &node, e);
	if (rc < 0)
		s->n = before;
	return rc;
}
