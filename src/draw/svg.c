/* svg.c -- boxes with their labels, edges as paths. */
#include "draw/svg.h"

#include <string.h>

#include "draw/label.h"
#include "draw/layout.h"
#include "neat/graph.h"
#include "neat/layer_kind.h"

#define MEMORY ((size_t)16 << 20)
#define CHAR_WIDTH 7 /* of a wide letter in the font below */
#define LINE_HEIGHT 15
#define BASELINE 11 /* from the top of a line */
#define BOX_PADDING 10
#define BOX_WIDTH_MIN 64
#define CORNER 7

static const char head[] =
	"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
	"viewBox=\"0 0 %d %d\" class=\"genome\" role=\"img\">\n"
	"<title>%s</title>\n"
	"<style>\n"
	".genome .page { fill: #fff; stroke: none }\n"
	".genome text { font: 11px sans-serif; text-anchor: middle; fill: #444 "
	"}\n"
	".genome .name { font-weight: bold; fill: #111 }\n"
	".genome rect { stroke: #778; fill: #eef }\n"
	".genome .conv rect { fill: #dff0e0 }\n"
	".genome .dense rect { fill: #fdeccd }\n"
	".genome .neuron rect { fill: #fff }\n"
	".genome .unused { opacity: 0.4 }\n"
	".genome path { fill: none; stroke: #445; stroke-width: 1.3 }\n"
	".genome .negative { stroke: #b33 }\n"
	".genome .disabled { stroke: #aab; stroke-dasharray: 4 3 }\n"
	".genome #tip path { fill: #667; stroke: none }\n"
	"</style>\n"
	"<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7.5\" refY=\"4\" "
	"markerWidth=\"8\" markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
	"orient=\"auto\"><path d=\"M0 1 L8 4 L0 7 z\"/></marker></defs>\n"
	"<rect class=\"page\" width=\"%d\" height=\"%d\"/>\n";

/* -- boxes -- */

/* As wide as the widest label, so that a chain is a column. */
static struct layout_size *size_boxes(
	struct arena *mem, const struct label *labels, size_t n)
{
	struct layout_size *sizes = arena_array(mem, n, sizeof *sizes);
	int width = BOX_WIDTH_MIN;

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < labels[i].n; k++) {
			int letters = (int)strlen(labels[i].lines[k]);
			int needed = letters * CHAR_WIDTH + 2 * BOX_PADDING;

			width = needed > width ? needed : width;
		}
	for (size_t i = 0; i < n; i++)
		sizes[i] = (struct layout_size){width + width % 2,
			labels[i].n * LINE_HEIGHT + BOX_PADDING};
	return sizes;
}

static int write_box(struct buf *out, const struct node_gene *n,
	const struct label *label, const struct layout_box *box, int used,
	struct err *e)
{
	int y = box->y;
	int rc = buf_printf(out, e,
		"<g class=\"%s%s\">"
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\"/>",
		node_kind_name(n->kind), used ? "" : " unused", box->x, box->y,
		box->size.width, box->size.height);

	y += (box->size.height - label->n * LINE_HEIGHT) / 2 + BASELINE;
	for (int i = 0; rc == 0 && i < label->n; i++)
		rc = buf_printf(out, e, "<text x=\"%d\" y=\"%d\"%s>%s</text>",
			box->x + box->size.width / 2, y + i * LINE_HEIGHT,
			i == 0 ? " class=\"name\"" : "", label->lines[i]);
	return rc ? rc : buf_puts(out, "</g>\n", e);
}

/* -- edges -- */

/* A curve that leaves and arrives vertically. */
static int write_curve(
	struct buf *out, int x1, int y1, int x2, int y2, struct err *e)
{
	int half = (y1 + y2) / 2;

	return buf_printf(
		out, e, " C%d %d %d %d %d %d", x1, half, x2, half, x2, y2);
}

static int write_down(
	struct buf *out, const struct layout_edge *x, struct err *e)
{
	int rc;

	if (x->leave_y > x->enter_y)
		return write_curve(
			out, x->from_x, x->from_y, x->to_x, x->to_y, e);
	rc = write_curve(out, x->from_x, x->from_y, x->lane_x, x->leave_y, e);
	if (rc == 0)
		rc = buf_printf(out, e, " V%d", x->enter_y);
	if (rc)
		return rc;
	return write_curve(out, x->lane_x, x->enter_y, x->to_x, x->to_y, e);
}

/* Down, out, along the lane (down, or up where the target is above), in, and
 * down; with round corners. */
static int write_around(
	struct buf *out, const struct layout_edge *x, struct err *e)
{
	int away = x->side * CORNER;
	int along = x->enter_y > x->leave_y ? CORNER : -CORNER;

	return buf_printf(out, e,
		" V%d Q%d %d %d %d H%d Q%d %d %d %d V%d Q%d %d %d %d H%d "
		"Q%d %d %d %d V%d",
		x->leave_y - CORNER, x->from_x, x->leave_y, x->from_x + away,
		x->leave_y, x->lane_x - away, x->lane_x, x->leave_y, x->lane_x,
		x->leave_y + along, x->enter_y - along, x->lane_x, x->enter_y,
		x->lane_x - away, x->enter_y, x->to_x + away, x->to_x,
		x->enter_y, x->to_x, x->enter_y + CORNER, x->to_y);
}

static int write_edge(struct buf *out, const struct edge_gene *gene,
	const struct layout_edge *x, int neurons, int used, struct err *e)
{
	const char *kind = !gene->enabled     ? "disabled"
			   : gene->weight < 0 ? "negative"
					      : "enabled";
	int rc = buf_printf(out, e, "<path class=\"%s%s\" d=\"M%d %d", kind,
		used ? "" : " unused", x->from_x, x->from_y);

	if (rc == 0)
		rc = x->side ? write_around(out, x, e) : write_down(out, x, e);
	if (rc == 0)
		rc = buf_printf(out, e,
			"\" marker-end=\"url(#tip)\"><title>edge %lld",
			(long long)gene->number);
	if (rc == 0 && neurons)
		rc = buf_printf(out, e, ", weight %.4g", gene->weight);
	return rc ? rc
		  : buf_printf(out, e, "%s</title></path>\n",
			    gene->enabled ? "" : ", disabled");
}

/* -- the document -- */

/* True if both ends are on the way from an input to an output. */
static int is_used(const struct genome *g, const struct edge_gene *x,
	const unsigned char *used)
{
	return used[genome_node(g, x->from) - g->nodes] &&
	       used[genome_node(g, x->to) - g->nodes];
}

struct drawing {
	const struct genome *genome;
	unsigned char used[GENOME_NODES_MAX]; /* see graph_order */
	struct label *labels;                 /* of the nodes */
	struct layout *layout;
};

static void place_drawing(struct drawing *d, const struct genome *g,
	const struct data_shape *data, struct arena *mem)
{
	size_t order[GENOME_NODES_MAX];

	d->genome = g;
	graph_order(g, d->used, order);
	d->labels = arena_array(mem, g->n_nodes, sizeof *d->labels);
	for (size_t i = 0; i < g->n_nodes; i++)
		label_of(g, i, d->used, data, &d->labels[i]);
	d->layout = layout_genome(
		mem, g, size_boxes(mem, d->labels, g->n_nodes));
}

static int write_all(const struct drawing *d, struct buf *out, struct err *e)
{
	const struct genome *g = d->genome;
	const struct layout *l = d->layout;
	int neurons = g->kind == &genome_neurons;
	int w = l->size.width, h = l->size.height;
	int rc = buf_printf(out, e, head, w, h, w, h,
		neurons ? "A network of neurons" : "A graph of layers", w, h);

	for (size_t i = 0; rc == 0 && i < g->n_edges; i++)
		rc = write_edge(out, &g->edges[i], &l->edges[i], neurons,
			is_used(g, &g->edges[i], d->used), e);
	for (size_t i = 0; rc == 0 && i < g->n_nodes; i++)
		rc = write_box(out, &g->nodes[i], &d->labels[i], &l->boxes[i],
			d->used[i], e);
	return rc ? rc : buf_puts(out, "</svg>\n", e);
}

int svg_write(const struct genome *g, const struct data_shape *data,
	struct buf *out, struct err *e)
{
	struct drawing d;
	struct arena mem;
	int rc;

	arena_init(&mem, MEMORY);
	place_drawing(&d, g, data, &mem);
	rc = write_all(&d, out, e);
	arena_release(&mem);
	return rc;
}
