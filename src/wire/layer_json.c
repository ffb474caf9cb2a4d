/* layer_json.c -- nodes, edges and training, key by key from the table of
 * attributes. */
#include "wire/layer_json.h"

#include <assert.h>
#include <stdio.h>

#include "base/field_schema.h"
#include "neat/layer.h"
#include "neat/layer_kind.h"

#define NODES "nodes"

int layer_json_is(const json_t *v)
{
	return json_object_get(v, NODES) != NULL;
}

/* -- attributes as fields -- */

/* A node, or a genome's training, as it stands in a document: attributes in the
 * order of their table, as the numbers that they travel as. */
struct values {
	int64_t number;
	int kind; /* of layer_kinds */
	double real[ATTRIBUTES_MAX];
	int choice[ATTRIBUTES_MAX];
	int64_t whole[ATTRIBUTES_MAX];
};

#define NODE_ROWS 2 /* before the attributes */
#define ROWS_MAX (NODE_ROWS + ATTRIBUTES_MAX)

static struct field field_of(const struct attribute *a, size_t i)
{
	struct field f = {.key = a->key, .lo = a->lo, .hi = a->hi};

	switch (a->type) {
	case ATTRIBUTE_CHOICE:
		f.type = FIELD_NAME;
		f.name = a->name;
		f.at = offsetof(struct values, choice) + i * sizeof(int);
		break;
	case ATTRIBUTE_WHOLE:
		f.type = FIELD_WHOLE;
		f.at = offsetof(struct values, whole) + i * sizeof(int64_t);
		break;
	case ATTRIBUTE_REAL:
		f.type = FIELD_REAL;
		f.at = offsetof(struct values, real) + i * sizeof(double);
		break;
	}
	return f;
}

static double value_get(
	const struct values *v, const struct attribute *a, size_t i)
{
	switch (a->type) {
	case ATTRIBUTE_CHOICE: return v->choice[i];
	case ATTRIBUTE_WHOLE: return (double)v->whole[i];
	case ATTRIBUTE_REAL: break;
	}
	return v->real[i];
}

static void value_set(struct values *v, size_t i, double x)
{
	v->real[i] = x;
	v->choice[i] = (int)x;
	v->whole[i] = (int64_t)x;
}

/* Writes the n attributes' rows. */
static void add_rows(struct field *rows, const struct attribute *a, size_t n)
{
	assert(n <= ATTRIBUTES_MAX);
	for (size_t i = 0; i < n; i++)
		rows[i] = field_of(&a[i], i);
}

/* -- nodes -- */

/* Kind number i of those that graphs of layers have; NODE_KINDS beyond the
 * last. */
static enum node_kind kind_at(int i)
{
	int kind = 0;

	while (kind < NODE_KINDS &&
		!(layer_kind((enum node_kind)kind) && i-- == 0))
		kind++;
	return (enum node_kind)kind;
}

static const char *kind_name(int i)
{
	return kind_at(i) < NODE_KINDS ? node_kind_name(kind_at(i)) : NULL;
}

static int kind_index(enum node_kind kind)
{
	int i = 0;

	while (kind_at(i) != kind)
		i++;
	return i;
}

static const struct field kind_row = {.key = "kind",
	.type = FIELD_NAME,
	.at = offsetof(struct values, kind),
	.name = kind_name};
static const struct fields kind_alone = {.rows = &kind_row,
	.n = 1,
	.size = sizeof(struct values),
	.what = "a node"};

/* The rows of a node of that kind, in room for ROWS_MAX. */
static struct fields node_fields(enum node_kind kind, struct field *rows)
{
	size_t n;
	const struct attribute *a = attributes_of(kind, &n);

	rows[0] = (struct field){.key = "number",
		.type = FIELD_WHOLE,
		.at = offsetof(struct values, number),
		.hi = GENE_NUMBER_MAX};
	rows[1] = kind_row;
	add_rows(rows + NODE_ROWS, a, n);
	return (struct fields){.rows = rows,
		.n = NODE_ROWS + n,
		.size = sizeof(struct values),
		.what = "a node"};
}

/* The kind decides on what else there is. */
static int read_kind(
	const json_t *v, const char *at, enum node_kind *out, struct err *e)
{
	const struct field_reader r = {.lenient = 1};
	struct values x = {0};
	int rc = fields_read(&kind_alone, v, at, &r, &x, e);

	if (rc == 0)
		*out = kind_at(x.kind);
	return rc;
}

static int read_node(
	const json_t *v, const char *at, struct node_gene *out, struct err *e)
{
	const struct field_reader strict = {0};
	struct field rows[ROWS_MAX];
	struct values x = {0};
	struct fields t;
	const struct attribute *a;
	size_t n;
	int rc = read_kind(v, at, &out->kind, e);

	if (rc)
		return rc;
	t = node_fields(out->kind, rows);
	rc = fields_read(&t, v, at, &strict, &x, e);
	if (rc)
		return rc;
	a = attributes_of(out->kind, &n);
	out->number = x.number;
	for (size_t i = 0; i < n; i++)
		attribute_set(&a[i], out, value_get(&x, &a[i], i));
	return 0;
}

static json_t *write_node(const struct node_gene *node)
{
	struct field rows[ROWS_MAX];
	struct fields t = node_fields(node->kind, rows);
	struct values x = {
		.number = node->number, .kind = kind_index(node->kind)};
	size_t n;
	const struct attribute *a = attributes_of(node->kind, &n);

	for (size_t i = 0; i < n; i++)
		value_set(&x, i, attribute_get(&a[i], node));
	return fields_write(&t, FIELD_SHOW, &x);
}

/* -- the genome: a graph and the data that it is for -- */

struct layer_doc {
	struct data_shape data;
	struct genome genome;
};

static int read_nodes(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct genome *g = &((struct layer_doc *)s)->genome;
	struct node_gene *nodes;
	int rc = 0;

	g->n_nodes = json_array_size(v);
	if (!json_is_array(v) || g->n_nodes < 2 || g->n_nodes > f->hi)
		return err_at(e, json_is_array(v) ? ERR_RANGE : ERR_INVALID, at,
			NULL, "\"%s\" must be a list of 2 to %.0f nodes",
			f->key, f->hi);
	g->nodes = nodes = arena_array(r->mem, g->n_nodes, sizeof *nodes);
	for (size_t i = 0; rc == 0 && i < g->n_nodes; i++) {
		char place[sizeof e->where];

		snprintf(place, sizeof place, "%s/%zu", at, i);
		rc = read_node(json_array_get(v, i), place, &nodes[i], e);
	}
	return rc;
}

static json_t *write_nodes(const struct field *f, const void *s)
{
	const struct genome *g = &((const struct layer_doc *)s)->genome;
	json_t *list = json_array();

	(void)f;
	for (size_t i = 0; i < g->n_nodes; i++)
		json_array_append_new(list, write_node(&g->nodes[i]));
	return list;
}

static json_t *nodes_schema(const struct field *f)
{
	json_t *any = json_array();

	for (int i = 0; kind_name(i); i++) {
		struct field rows[ROWS_MAX];
		struct fields t = node_fields(kind_at(i), rows);
		json_t *node = fields_schema(&t, FIELD_REQUEST);

		json_object_set_new(json_object_get(node, "properties"), "kind",
			json_pack("{s:s}", "const", kind_name(i)));
		json_array_append_new(any, node);
	}
	return json_pack("{s:s, s:i, s:i, s:{s:o}}", "type", "array",
		"minItems", 2, "maxItems", (int)f->hi, "items", "oneOf", any);
}

static const struct field_codec nodes = {read_nodes, write_nodes, nodes_schema};

static struct fields training_fields_of(struct field *rows)
{
	add_rows(rows, attributes_of_hypers(), HYPERS);
	return (struct fields){.rows = rows,
		.n = HYPERS,
		.size = sizeof(struct values),
		.what = "\"training\""};
}

static int read_training(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	const struct field_reader strict = {0};
	struct genome *g = &((struct layer_doc *)s)->genome;
	const struct attribute *a = attributes_of_hypers();
	struct hyper_gene *h = arena_array(r->mem, HYPERS, sizeof *h);
	struct field rows[ATTRIBUTES_MAX];
	const struct fields t = training_fields_of(rows);
	struct values x = {0};
	int rc;

	if (!v)
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" is required (an object)", f->key);
	rc = fields_read(&t, v, at, &strict, &x, e);
	for (int i = 0; i < HYPERS; i++)
		h[i] = (struct hyper_gene){.number = (enum hyper)i,
			.value = value_get(&x, &a[i], (size_t)i)};
	g->hypers = h;
	g->n_hypers = HYPERS;
	return rc;
}

static json_t *write_training(const struct field *f, const void *s)
{
	const struct genome *g = &((const struct layer_doc *)s)->genome;
	struct field rows[ATTRIBUTES_MAX];
	const struct fields t = training_fields_of(rows);
	struct values x = {0};

	(void)f;
	for (int i = 0; i < HYPERS; i++)
		value_set(&x, (size_t)i, layer_hyper(g, (enum hyper)i));
	return fields_write(&t, FIELD_SHOW, &x);
}

static json_t *training_schema(const struct field *f)
{
	struct field rows[ATTRIBUTES_MAX];
	const struct fields t = training_fields_of(rows);

	(void)f;
	return fields_schema(&t, FIELD_REQUEST);
}

static const struct field_codec training = {
	read_training, write_training, training_schema};

#define EDGE(member) offsetof(struct edge_gene, member)
#define NUMBER(key_, member)                                            \
	{                                                               \
		.key = (key_), .type = FIELD_WHOLE, .at = EDGE(member), \
		.hi = GENE_NUMBER_MAX                                   \
	}

static const struct field edge_rows[] = {
	NUMBER("number", number),
	NUMBER("from", from),
	NUMBER("to", to),
	{.key = "enabled", .type = FIELD_FLAG, .at = EDGE(enabled)},
};
static const struct fields edge_fields = {
	FIELDS(struct edge_gene, edge_rows), .what = "an edge"};

#define AT(member) offsetof(struct layer_doc, member)

static const struct field doc_rows[] = {
	DATA_SHAPE_ROWS(struct layer_doc, data, 0),
	{.key = NODES,
		.type = FIELD_OWN,
		.hi = GENOME_NODES_MAX,
		.codec = &nodes},
	{.key = "edges",
		.type = FIELD_LIST,
		.at = AT(genome.edges),
		.count = AT(genome.n_edges),
		.lo = 1,
		.hi = GENOME_EDGES_MAX,
		.of = &edge_fields},
	{.key = "training", .type = FIELD_OWN, .codec = &training},
};

static int check(const void *s, const char *at, struct err *e)
{
	const struct layer_doc *doc = s;
	struct err why = {0};
	int rc = genome_check(&doc->genome, &why);

	return rc ? err_at(e, rc, at, NULL, "%s", why.text) : 0;
}

static const struct fields doc_fields = {
	FIELDS(struct layer_doc, doc_rows), .what = "a genome", .check = check};

int layer_json_read(const json_t *v, const char *at, struct arena *mem,
	struct genome *out, struct data_shape *data, struct err *e)
{
	const struct field_reader r = {.mem = mem};
	struct layer_doc doc = {.genome = {.kind = &genome_layers}};
	int rc = fields_read(&doc_fields, v, at, &r, &doc, e);

	if (rc)
		return rc;
	*out = doc.genome;
	*data = doc.data;
	return 0;
}

json_t *layer_json_write(const struct genome *g, const struct data_shape *data)
{
	const struct layer_doc doc = {.data = *data, .genome = *g};

	return fields_write(&doc_fields, FIELD_SHOW, &doc);
}

json_t *layer_json_schema(void)
{
	return fields_schema(&doc_fields, FIELD_REQUEST);
}
