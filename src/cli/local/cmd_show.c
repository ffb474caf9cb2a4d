/* cmd_show.c -- `nevod show`: a genome as a table of layers, and as a picture.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/doc.h"
#include "base/file.h"
#include "base/output.h"
#include "cli/options/command.h"
#include "cli/options/genome_file.h"
#include "cli/view/report.h"
#include "draw/dot.h"
#include "draw/label.h"
#include "draw/svg.h"
#include "model/build.h"
#include "model/decode.h"
#include "model/work.h"
#include "neat/chain.h"
#include "neat/graph.h"
#include "neat/layer_kind.h"

#define GENOME_BYTES_MAX ((size_t)1 << 20)
#define PICTURE_BYTES_MAX ((size_t)4 << 20)
#define MEMORY ((size_t)8 << 20)
#define MIB ((int64_t)1 << 20)

static const struct option own_options[] = {
	{"svg", OPTION_TEXT, 0, 0, "FILE", "draw it there as SVG; - prints it"},
	{"dot", OPTION_TEXT, 0, 0, "FILE",
		"write it there for Graphviz; - prints it"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print the table as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* The genome, and its network where it can be built. */
struct shown {
	struct genome genome;
	struct data_shape data;
	unsigned char used[GENOME_NODES_MAX];
	size_t order[GENOME_NODES_MAX], n; /* of the nodes that are used */
	struct model model;
	int outputs[GENOME_NODES_MAX]; /* see build_spec */
};

/* -- reading -- */

static int read_genome(
	const char *path, struct arena *mem, struct shown *s, struct err *e)
{
	struct genome_doc g;
	int rc = genome_file_read(path, "", mem, &g, e);

	if (rc)
		return rc;
	s->genome = *g.graph;
	s->data = g.data;
	s->n = graph_order(&s->genome, s->used, s->order);
	return 0;
}

/* -- the table -- */

static void list_inputs(
	const struct shown *s, const struct node_gene *n, char *out, size_t max)
{
	const struct genome *g = &s->genome;
	size_t at = 0;

	out[0] = '\0';
	for (size_t i = 0; i < g->n_edges && at < max; i++) {
		const struct edge_gene *x = &g->edges[i];

		if (x->to == n->number && x->enabled &&
			s->used[genome_node(g, x->from) - g->nodes])
			at += (size_t)snprintf(out + at, max - at, "%s%lld",
				at ? ", " : "", (long long)x->from);
	}
}

static void print_row(const struct shown *s, size_t i)
{
	const struct node_gene *n = &s->genome.nodes[i];
	struct shape gives = s->model.spec.nodes[s->outputs[i]].shape;
	char inputs[64], shape[40];
	struct label label;

	label_of(&s->genome, i, s->used, NULL, &label);
	list_inputs(s, n, inputs, sizeof inputs);
	if (gives.height == 1 && gives.width == 1)
		snprintf(shape, sizeof shape, "%d", gives.channels);
	else
		snprintf(shape, sizeof shape, "%d x %d x %d", gives.channels,
			gives.height, gives.width);
	printf("%6lld  %-14s  %-14s  %s", (long long)n->number, inputs, shape,
		label.lines[0]);
	for (int k = 1; k < label.n; k++)
		printf(", %s", label.lines[k]);
	putchar('\n');
}

static void print_hidden(const struct shown *s)
{
	const struct genome *g = &s->genome;
	size_t edges = 0;

	for (size_t i = 0; i < g->n_edges; i++)
		edges += !g->edges[i].enabled;
	if (edges || s->n < g->n_nodes)
		printf("\nNot expressed: %zu disabled edge%s, %zu layer%s that "
		       "no path passes.\n",
			edges, edges == 1 ? "" : "s", g->n_nodes - s->n,
			g->n_nodes - s->n == 1 ? "" : "s");
}

static double work(const struct shown *s)
{
	const struct model *m = &s->model;

	return work_train(&m->spec, &m->cost, m->batch);
}

static void print_table(const struct shown *s)
{
	const struct genome *g = &s->genome;
	const struct spec_cost *c = &s->model.cost;
	const struct attribute *optimizer =
		&attributes_of_hypers()[HYPER_OPTIMIZER];

	printf("%6s  %-14s  %-14s  %s\n", "layer", "takes", "gives", "what");
	for (size_t i = 0; i < s->n; i++)
		print_row(s, s->order[i]);
	print_hidden(s);
	printf("\nTraining: %s, learning rate %g, batches of %d\n",
		optimizer->name((int)layer_hyper(g, HYPER_OPTIMIZER)),
		s->model.learning_rate, s->model.batch);
	printf("Cost: %lld parameters, %.3g MFLOP an image forward, %lld MB to "
	       "train\n"
	       "Work: %.3g million operations an image to train, as budgets "
	       "count\n",
		(long long)c->parameters, (double)c->forward_flops / 1e6,
		(long long)((c->train_bytes + MIB - 1) / MIB), work(s) / 1e6);
}

/* -- the same for a program -- */

static json_t *row_json(const struct shown *s, size_t i)
{
	const struct genome *g = &s->genome;
	struct shape gives = s->model.spec.nodes[s->outputs[i]].shape;
	json_t *inputs = json_array();

	for (size_t k = 0; k < g->n_edges; k++) {
		const struct edge_gene *x = &g->edges[k];

		if (x->to == g->nodes[i].number && x->enabled &&
			s->used[genome_node(g, x->from) - g->nodes])
			json_array_append_new(inputs, json_integer(x->from));
	}
	return json_pack("{s:I, s:s, s:o, s:[i, i, i]}", "number",
		(json_int_t)g->nodes[i].number, "kind",
		node_kind_name(g->nodes[i].kind), "inputs", inputs, "shape",
		gives.channels, gives.height, gives.width);
}

static int print_json(const struct shown *s, struct err *e)
{
	const struct spec_cost *c = &s->model.cost;
	json_t *layers = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(layers, row_json(s, s->order[i]));
	return report_print_json(
		json_pack("{s:o, s:I, s:I, s:I, s:I, s:I}", "layers", layers,
			"parameters", (json_int_t)c->parameters,
			"forward_flops", (json_int_t)c->forward_flops,
			"train_flops", (json_int_t)c->train_flops, "train_work",
			(json_int_t)work(s), "train_bytes",
			(json_int_t)c->train_bytes),
		e);
}

/* -- pictures -- */

typedef int write_picture(const struct genome *g, const struct data_shape *data,
	struct buf *out, struct err *e);

static int is_stdout(const char *path)
{
	return path && strcmp(path, "-") == 0;
}

static int check_output(const char *path, struct err *e)
{
	return path && !is_stdout(path) ? output_check(path, e) : 0;
}

static int save(const struct shown *s, write_picture *write, const char *path,
	struct err *e)
{
	struct buf out;
	int rc;

	buf_init(&out, PICTURE_BYTES_MAX);
	rc = write(&s->genome, &s->data, &out, e);
	if (rc == 0 && is_stdout(path))
		fwrite(out.data, 1, out.len, stdout); /* main checks it */
	else if (rc == 0)
		rc = output_write(path, out.data, out.len, e);
	buf_release(&out);
	return rc;
}

/* A genome whose network cannot be built is drawn all the same. */
static int show(const struct options *o, struct arena *mem, struct err *e)
{
	struct shown *s = arena_alloc(mem, sizeof *s);
	const char *svg = options_text(o, "svg", NULL);
	const char *dot = options_text(o, "dot", NULL);
	int rc;

	if (o->n_args == 0)
		return err_set(e, ERR_INVALID,
			"name the file of a genome: nevod show FILE");
	rc = check_output(svg, e);
	if (rc == 0)
		rc = check_output(dot, e);
	if (rc == 0)
		rc = read_genome(o->args[0], mem, s, e);
	if (rc == 0 && svg)
		rc = save(s, svg_write, svg, e);
	if (rc == 0 && dot)
		rc = save(s, dot_write, dot, e);
	if (rc || is_stdout(svg) || is_stdout(dot))
		return rc;
	rc = model_decode(&s->genome, &s->data, INT64_MAX, &s->model, e);
	if (rc == 0)
		rc = build_spec(
			&s->genome, &s->data, &s->model.spec, s->outputs, e);
	if (rc)
		return rc;
	if (options_flag(o, "json"))
		return print_json(s, e);
	print_table(s);
	return 0;
}

static int run_show(const struct options *o)
{
	struct arena mem;
	struct err e;
	int rc;

	arena_init(&mem, MEMORY);
	rc = show(o, &mem, &e);
	arena_release(&mem);
	return rc ? command_fail_here(&e) : EXIT_OK;
}

static const struct option_group groups[] = {
	{"Result", .options = own_options},
	{.title = NULL},
};

const struct command command_show = {
	.name = "show",
	.args = "FILE",
	.summary = "print a genome's layers and draw it",
	.details =
		"Takes a flat genome or a graph of layers, by itself, as "
		"`champion --json` or\n`evolve --json` prints it, or in a "
		"champion's weights; - is standard input.  A\nlayer's row has "
		"its number, the layers that feed it, and the shape of what "
		"it\ngives: channels x height x width.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_show,
};
