/* layer_json.c -- nodes, edges and training, key by key from the table of
 * attributes. */
#include "run/layer_json.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "neat/layer.h"
#include "neat/layer_kind.h"
#include "run/genome_json.h"

#define NODES "nodes"
#define EDGES "edges"
#define TRAINING "training"
#define NUMBER "number"
#define KIND "kind"
#define FROM "from"
#define TO "to"
#define ENABLED "enabled"

#define NAME_MAX_BYTES 32

int layer_json_is(const json_t *v)
{
	return json_object_get(v, NODES) != NULL;
}

/* -- attributes -- */

static int read_choice(const json_t *obj, const char *at,
	const struct attribute *a, double *out, struct err *e)
{
	char known[120];
	size_t used = 0;
	const char *s;
	int choice, rc = doc_str(obj, at, a->key, 1, NAME_MAX_BYTES, &s, e);

	if (rc)
		return rc;
	choice = attribute_choice(a, s);
	if (choice >= 0) {
		*out = choice;
		return 0;
	}
	for (int i = 0; i <= (int)a->hi; i++)
		used += (size_t)snprintf(known + used, sizeof known - used,
			"%s%s", i > 0 ? ", " : "", a->name(i));
	return err_at(e, ERR_RANGE, at, a->key, "\"%.*s\" is not one of %s",
		NAME_MAX_BYTES, s, known);
}

static int read_attribute(const json_t *obj, const char *at,
	const struct attribute *a, double *out, struct err *e)
{
	int64_t whole;
	int rc;

	if (a->type == ATTRIBUTE_CHOICE)
		return read_choice(obj, at, a, out, e);
	if (a->type == ATTRIBUTE_REAL)
		return doc_real(obj, at, a->key, a->lo, a->hi, out, e);
	rc = doc_int(
		obj, at, a->key, (int64_t)a->lo, (int64_t)a->hi, &whole, e);
	if (rc == 0)
		*out = (double)whole;
	return rc;
}

static json_t *write_attribute(const struct attribute *a, double x)
{
	switch (a->type) {
	case ATTRIBUTE_CHOICE: return json_string(a->name((int)x));
	case ATTRIBUTE_WHOLE: return json_integer((json_int_t)x);
	case ATTRIBUTE_REAL: break;
	}
	return json_real(x);
}

/* Refuses members other than those of `own` and of the n attributes. */
static int only(const json_t *obj, const char *at, const char *const *own,
	const struct attribute *a, size_t n, struct err *e)
{
	const char *keys[ATTRIBUTES_MAX + 5];
	size_t count = 0;

	while (*own)
		keys[count++] = *own++;
	for (size_t i = 0; i < n; i++)
		keys[count++] = a[i].key;
	keys[count] = NULL;
	return doc_only(obj, at, keys, e);
}

static int must_be_object(
	const json_t *v, const char *at, const char *what, struct err *e)
{
	if (json_is_object(v))
		return 0;
	return err_at(e, ERR_INVALID, at, NULL, "%s must be an object, not %s",
		what, doc_type_name(v));
}

static int read_number(const json_t *obj, const char *at, const char *key,
	int64_t *out, struct err *e)
{
	return doc_int(obj, at, key, 0, GENE_NUMBER_MAX, out, e);
}

/* -- reading -- */

static int read_kind(
	const json_t *v, const char *at, enum node_kind *out, struct err *e)
{
	char known[80] = "";
	size_t used = 0;
	const char *s;
	int rc = doc_str(v, at, KIND, 1, NAME_MAX_BYTES, &s, e);

	if (rc)
		return rc;
	for (int i = 0; i < NODE_KINDS; i++) {
		const struct layer_kind *k = layer_kind((enum node_kind)i);

		if (!k)
			continue;
		if (strcmp(s, k->name) == 0) {
			*out = (enum node_kind)i;
			return 0;
		}
		used += (size_t)snprintf(known + used, sizeof known - used,
			"%s%s", used ? ", " : "", k->name);
	}
	return err_at(e, ERR_RANGE, at, KIND, "\"%.*s\" is not one of %s",
		NAME_MAX_BYTES, s, known);
}

static int read_node(
	const json_t *v, const char *at, struct node_gene *out, struct err *e)
{
	static const char *const own[] = {NUMBER, KIND, NULL};
	const struct attribute *a;
	size_t n;
	int rc = must_be_object(v, at, "a node", e);

	if (rc == 0)
		rc = read_kind(v, at, &out->kind, e);
	if (rc == 0)
		rc = read_number(v, at, NUMBER, &out->number, e);
	if (rc)
		return rc;
	a = attributes_of(out->kind, &n);
	rc = only(v, at, own, a, n, e);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		double x;

		rc = read_attribute(v, at, &a[i], &x, e);
		if (rc == 0)
			attribute_set(&a[i], out, x);
	}
	return rc;
}

static int read_edge(
	const json_t *v, const char *at, struct edge_gene *out, struct err *e)
{
	static const char *const own[] = {NUMBER, FROM, TO, ENABLED, NULL};
	int rc = must_be_object(v, at, "an edge", e);

	if (rc == 0)
		rc = doc_only(v, at, own, e);
	if (rc == 0)
		rc = read_number(v, at, NUMBER, &out->number, e);
	if (rc == 0)
		rc = read_number(v, at, FROM, &out->from, e);
	if (rc == 0)
		rc = read_number(v, at, TO, &out->to, e);
	if (rc == 0)
		rc = doc_bool(v, at, ENABLED, &out->enabled, e);
	return rc;
}

static int read_nodes(const json_t *v, const char *at, struct arena *mem,
	struct genome *g, struct err *e)
{
	char place[sizeof e->where];
	struct node_gene *nodes;
	const json_t *list;
	int rc = doc_list(v, at, NODES, 2, GENOME_NODES_MAX, &list, e);

	if (rc)
		return rc;
	g->n_nodes = json_array_size(list);
	g->nodes = nodes = arena_array(mem, g->n_nodes, sizeof *nodes);
	for (size_t i = 0; rc == 0 && i < g->n_nodes; i++) {
		snprintf(place, sizeof place, "%s/" NODES "/%zu", at, i);
		rc = read_node(json_array_get(list, i), place, &nodes[i], e);
	}
	return rc;
}

static int read_edges(const json_t *v, const char *at, struct arena *mem,
	struct genome *g, struct err *e)
{
	char place[sizeof e->where];
	struct edge_gene *edges;
	const json_t *list;
	int rc = doc_list(v, at, EDGES, 1, GENOME_EDGES_MAX, &list, e);

	if (rc)
		return rc;
	g->n_edges = json_array_size(list);
	g->edges = edges = arena_array(mem, g->n_edges, sizeof *edges);
	for (size_t i = 0; rc == 0 && i < g->n_edges; i++) {
		snprintf(place, sizeof place, "%s/" EDGES "/%zu", at, i);
		rc = read_edge(json_array_get(list, i), place, &edges[i], e);
	}
	return rc;
}

static int read_training(const json_t *v, const char *at, struct arena *mem,
	struct genome *g, struct err *e)
{
	static const char *const own[] = {NULL};
	const struct attribute *a = attributes_of_hypers();
	struct hyper_gene *h = arena_array(mem, HYPERS, sizeof *h);
	char place[sizeof e->where];
	const json_t *obj;
	int rc = doc_obj(v, at, TRAINING, &obj, e);

	snprintf(place, sizeof place, "%s/" TRAINING, at);
	if (rc == 0)
		rc = only(obj, place, own, a, HYPERS, e);
	for (int i = 0; rc == 0 && i < HYPERS; i++) {
		h[i].number = (enum hyper)i;
		rc = read_attribute(obj, place, &a[i], &h[i].value, e);
	}
	g->hypers = h;
	g->n_hypers = HYPERS;
	return rc;
}

int layer_json_read(const json_t *v, const char *at, struct arena *mem,
	struct genome *out, struct flat_data *data, struct err *e)
{
	static const char *const keys[] = {
		GENOME_DATA_KEYS, NODES, EDGES, TRAINING, NULL};
	struct genome g = {.kind = &genome_layers};
	struct flat_data d;
	struct err why = {0};
	int rc = must_be_object(v, at, "a genome", e);

	if (rc == 0)
		rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = genome_data_read(v, at, &d, e);
	if (rc == 0)
		rc = read_nodes(v, at, mem, &g, e);
	if (rc == 0)
		rc = read_edges(v, at, mem, &g, e);
	if (rc == 0)
		rc = read_training(v, at, mem, &g, e);
	if (rc)
		return rc;
	rc = genome_check(&g, &why);
	if (rc)
		return err_at(e, rc, at, NULL, "%s", why.text);
	*out = g;
	*data = d;
	return 0;
}

/* -- writing -- */

static json_t *write_node(const struct node_gene *node)
{
	json_t *v = json_object();
	size_t n;
	const struct attribute *a = attributes_of(node->kind, &n);

	json_object_set_new(v, NUMBER, json_integer(node->number));
	json_object_set_new(v, KIND, json_string(node_kind_name(node->kind)));
	for (size_t i = 0; i < n; i++)
		json_object_set_new(v, a[i].key,
			write_attribute(&a[i], attribute_get(&a[i], node)));
	return v;
}

static json_t *write_edge(const struct edge_gene *x)
{
	json_t *v = json_object();

	json_object_set_new(v, NUMBER, json_integer(x->number));
	json_object_set_new(v, FROM, json_integer(x->from));
	json_object_set_new(v, TO, json_integer(x->to));
	json_object_set_new(v, ENABLED, json_boolean(x->enabled));
	return v;
}

static json_t *write_training(const struct genome *g)
{
	const struct attribute *a = attributes_of_hypers();
	json_t *v = json_object();

	for (int i = 0; i < HYPERS; i++)
		json_object_set_new(v, a[i].key,
			write_attribute(&a[i], layer_hyper(g, (enum hyper)i)));
	return v;
}

json_t *layer_json_write(const struct genome *g, const struct flat_data *data)
{
	json_t *v = json_object(), *nodes = json_array(), *edges = json_array();

	genome_data_write(v, data);
	for (size_t i = 0; i < g->n_nodes; i++)
		json_array_append_new(nodes, write_node(&g->nodes[i]));
	for (size_t i = 0; i < g->n_edges; i++)
		json_array_append_new(edges, write_edge(&g->edges[i]));
	json_object_set_new(v, NODES, nodes);
	json_object_set_new(v, EDGES, edges);
	json_object_set_new(v, TRAINING, write_training(g));
	return v;
}
