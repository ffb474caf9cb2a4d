/* rank.c -- longest ways from the inputs; then boxes move toward the middle of
 * their neighbours, a few times down and up (Sugiyama, Tagawa & Toda, 1981). */
#include "draw/layout_private.h"

#define SWEEPS 4

/* A genome's edges by the indices of their ends. */
struct ends {
	const struct genome *g;
	int *from, *to;
	int *depth; /* of nodes: edges from the nearest input */
};

static void find_ends(struct arena *mem, struct ends *x)
{
	const struct genome *g = x->g;

	x->from = arena_array(mem, g->n_edges, sizeof *x->from);
	x->to = arena_array(mem, g->n_edges, sizeof *x->to);
	for (size_t i = 0; i < g->n_edges; i++) {
		x->from[i] = (int)(genome_node(g, g->edges[i].from) - g->nodes);
		x->to[i] = (int)(genome_node(g, g->edges[i].to) - g->nodes);
	}
}

static int is_input(const struct node_gene *n)
{
	return n->kind == NODE_INPUT || n->kind == NODE_BIAS;
}

static void find_depths(struct arena *mem, struct ends *x)
{
	const int far = GENOME_NODES_MAX;
	int changed;

	x->depth = arena_array(mem, x->g->n_nodes, sizeof *x->depth);
	for (size_t i = 0; i < x->g->n_nodes; i++)
		x->depth[i] = is_input(&x->g->nodes[i]) ? 0 : far;
	do {
		changed = 0;
		for (size_t i = 0; i < x->g->n_edges; i++) {
			int depth = x->depth[x->from[i]] + 1;

			if (depth >= x->depth[x->to[i]])
				continue;
			x->depth[x->to[i]] = depth;
			changed = 1;
		}
	} while (changed);
}

/* True for edges that point down.  They never form a cycle: without cycles all
 * are, and otherwise those that lead to a greater (depth, number). */
static int points_down(const struct ends *x, size_t i)
{
	int from = x->from[i], to = x->to[i];

	if (!x->g->recurrent)
		return 1;
	if (x->depth[from] != x->depth[to])
		return x->depth[from] < x->depth[to];
	return from < to;
}

/* The longest way down to each node; outputs below all. */
static int find_ranks(const struct ends *x, struct layout_box *boxes)
{
	const struct node_gene *nodes = x->g->nodes;
	int changed, last = 0;

	for (size_t i = 0; i < x->g->n_nodes; i++)
		boxes[i].rank = !is_input(&nodes[i]);
	do {
		changed = 0;
		for (size_t i = 0; i < x->g->n_edges; i++) {
			struct layout_box *to = &boxes[x->to[i]];
			int rank = boxes[x->from[i]].rank + 1;

			if (!points_down(x, i) || rank <= to->rank)
				continue;
			to->rank = rank;
			changed = 1;
		}
	} while (changed);
	for (size_t i = 0; i < x->g->n_nodes; i++)
		if (nodes[i].kind != NODE_OUTPUT && boxes[i].rank > last)
			last = boxes[i].rank;
	for (size_t i = 0; i < x->g->n_nodes; i++)
		if (nodes[i].kind == NODE_OUTPUT)
			boxes[i].rank = last + 1;
	return last + 2;
}

/* -- places -- */

/* The boxes of a rank, from left to right. */
struct rank_row {
	int *at; /* indices of nodes */
	int n;
};

static struct rank_row *find_rows(struct arena *mem, const struct genome *g,
	struct layout_box *boxes, int ranks)
{
	struct rank_row *rows = arena_array(mem, (size_t)ranks, sizeof *rows);

	for (size_t i = 0; i < g->n_nodes; i++)
		rows[boxes[i].rank].n++;
	for (int k = 0; k < ranks; k++) {
		rows[k].at = arena_array(
			mem, (size_t)rows[k].n, sizeof *rows[k].at);
		rows[k].n = 0;
	}
	for (size_t i = 0; i < g->n_nodes; i++) {
		struct rank_row *row = &rows[boxes[i].rank];

		boxes[i].place = row->n;
		row->at[row->n++] = (int)i;
	}
	return rows;
}

/* How far right of its rank's middle a box stands, in half boxes. */
static double offset(const struct rank_row *row, const struct layout_box *box)
{
	return 2 * box->place - (row->n - 1);
}

/* Where the neighbours of the nodes in rank `rank` that are in rank `other`
 * have their middle; where there are none, where the node is. */
static void find_middles(const struct ends *x, const struct layout_box *boxes,
	const struct rank_row *rows, int rank, int other, double *middle,
	int *count)
{
	const struct rank_row *row = &rows[rank];

	for (int i = 0; i < row->n; i++) {
		middle[row->at[i]] = 0;
		count[row->at[i]] = 0;
	}
	for (size_t i = 0; i < x->g->n_edges; i++) {
		int a = x->from[i], b = x->to[i];
		int mine = boxes[a].rank == rank ? a : b;
		int theirs = mine == a ? b : a;

		if (boxes[mine].rank != rank || boxes[theirs].rank != other)
			continue;
		middle[mine] += offset(&rows[other], &boxes[theirs]);
		count[mine]++;
	}
	for (int i = 0; i < row->n; i++) {
		int at = row->at[i];

		middle[at] = count[at] ? middle[at] / count[at]
				       : offset(row, &boxes[at]);
	}
}

/* Insertion: boxes that are equal keep their order. */
static void sort_row(
	struct rank_row *row, const double *middle, struct layout_box *boxes)
{
	for (int i = 1; i < row->n; i++) {
		int at = row->at[i], k = i;

		for (; k > 0 && middle[row->at[k - 1]] > middle[at]; k--)
			row->at[k] = row->at[k - 1];
		row->at[k] = at;
	}
	for (int i = 0; i < row->n; i++)
		boxes[row->at[i]].place = i;
}

int rank_boxes(struct arena *mem, const struct genome *g,
	struct layout_box *boxes, int *order)
{
	struct ends x = {.g = g};
	double *middle = arena_array(mem, g->n_nodes, sizeof *middle);
	int *count = arena_array(mem, g->n_nodes, sizeof *count);
	struct rank_row *rows;
	int ranks;

	find_ends(mem, &x);
	find_depths(mem, &x);
	ranks = find_ranks(&x, boxes);
	rows = find_rows(mem, g, boxes, ranks);
	for (int sweep = 0; sweep < SWEEPS; sweep++)
		for (int k = 1; k < ranks; k++) {
			int down = sweep % 2 == 0;
			int rank = down ? k : ranks - 1 - k;

			find_middles(&x, boxes, rows, rank,
				down ? rank - 1 : rank + 1, middle, count);
			sort_row(&rows[rank], middle, boxes);
		}
	for (int k = 0; k < ranks; k++)
		for (int i = 0; i < rows[k].n; i++)
			*order++ = rows[k].at[i];
	return ranks;
}
