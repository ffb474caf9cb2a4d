/* layout.c -- coordinates: ranks first, then lanes, then the gaps between the
 * ranks, which are as high as the edges in them need. */
#include "draw/layout.h"

#include "draw/layout_private.h"

#define MARGIN 16
#define BOX_GAP 24    /* between boxes of a rank */
#define RANK_GAP 32   /* between ranks without edges that go around */
#define LANE_STEP 12  /* from lane to lane, and from the boxes */
#define TRACK_STEP 8  /* between edges side by side in a gap */
#define TRACK_ROOM 12 /* above and below them */
#define CLEARANCE 8   /* between a box and an edge that passes it */

enum { RIGHT, LEFT, SIDES };

/* Gap k is above rank k; the last one is below the last rank. */
struct gap {
	int leaving[SIDES], entering[SIDES]; /* edges that go around */
	int y, height;
};

struct layout_plan {
	const struct genome *g;
	struct layout *out;
	int ranks;
	struct gap *gaps; /* ranks + 1 */
	int *rank_height;
	int half_width; /* of the widest rank */
	int lanes[SIDES];
	size_t *around; /* edges that go around, inner lanes first */
	size_t n_around;
};

static int larger(int a, int b)
{
	return a > b ? a : b;
}

static struct layout_box *source(const struct layout_plan *p, size_t i)
{
	int64_t from = p->g->edges[i].from;

	return &p->out->boxes[genome_node(p->g, from) - p->g->nodes];
}

static struct layout_box *target(const struct layout_plan *p, size_t i)
{
	int64_t to = p->g->edges[i].to;

	return &p->out->boxes[genome_node(p->g, to) - p->g->nodes];
}

static int side_of(const struct layout_edge *x)
{
	return x->side < 0 ? LEFT : RIGHT;
}

static int middle(const struct layout_box *b)
{
	return b->x + b->size.width / 2;
}

/* -- boxes -- */

/* Places the boxes order[0..n-1], which are a rank, around x = 0. */
static void place_rank(struct layout_plan *p, const int *order, int n)
{
	struct layout_box *boxes = p->out->boxes;
	int width = -BOX_GAP, height = 0, x;

	for (int i = 0; i < n; i++)
		width += boxes[order[i]].size.width + BOX_GAP;
	x = -width / 2;
	p->half_width = larger(p->half_width, width / 2);
	for (int i = 0; i < n; i++) {
		struct layout_box *b = &boxes[order[i]];

		b->x = x;
		x += b->size.width + BOX_GAP;
		height = larger(height, b->size.height);
	}
	for (int i = 0; i < n; i++)
		boxes[order[i]].size.height = height;
	p->rank_height[boxes[order[0]].rank] = height;
}

static void place_in_ranks(struct layout_plan *p, const int *order)
{
	const struct layout_box *boxes = p->out->boxes;
	int n = (int)p->g->n_nodes;

	for (int first = 0, i = 1; i <= n; i++) {
		if (i < n && boxes[order[i]].rank == boxes[order[first]].rank)
			continue;
		place_rank(p, order + first, i - first);
		first = i;
	}
}

/* Needs the heights of the gaps. */
static void place_ranks(struct layout_plan *p)
{
	int y = 0;

	for (int k = 0; k <= p->ranks; k++) {
		p->gaps[k].y = y;
		y += p->gaps[k].height;
		for (size_t i = 0; i < p->g->n_nodes; i++)
			if (p->out->boxes[i].rank == k)
				p->out->boxes[i].y = y;
		if (k < p->ranks)
			y += p->rank_height[k];
	}
	p->out->size.height = y;
}

/* -- which edges go around -- */

/* True if a box of the ranks between is less than CLEARANCE from the line
 * straight down at x. */
static int is_blocked(const struct layout_plan *p,
	const struct layout_box *from, int to_rank, int x)
{
	for (size_t i = 0; i < p->g->n_nodes; i++) {
		const struct layout_box *b = &p->out->boxes[i];

		if (b->rank > from->rank && b->rank < to_rank &&
			x > b->x - CLEARANCE &&
			x < b->x + b->size.width + CLEARANCE)
			return 1;
	}
	return 0;
}

/* Straight down below the source, or above the target, where that is clear;
 * else around. */
static void choose_way(struct layout_plan *p, size_t i)
{
	const struct layout_box *from = source(p, i), *to = target(p, i);
	struct layout_edge *x = &p->out->edges[i];

	if (to->rank > from->rank) {
		x->lane_x = middle(from);
		if (!is_blocked(p, from, to->rank, x->lane_x))
			return;
		x->lane_x = middle(to);
		if (!is_blocked(p, from, to->rank, x->lane_x))
			return;
	}
	x->side = p->g->edges[i].enabled ? 1 : -1;
	p->around[p->n_around++] = i;
}

/* -- lanes -- */

/* The gaps that an edge around touches, from first to last: it leaves below
 * its source and enters above its target. */
static int first_gap(const struct layout_plan *p, size_t i)
{
	int leave = source(p, i)->rank + 1, enter = target(p, i)->rank;

	return leave < enter ? leave : enter;
}

static int last_gap(const struct layout_plan *p, size_t i)
{
	return larger(source(p, i)->rank + 1, target(p, i)->rank);
}

static int length(const struct layout_plan *p, size_t i)
{
	return last_gap(p, i) - first_gap(p, i);
}

/* Short edges first, so that long ones go around them; by insertion, for equal
 * ones to keep the order of their numbers. */
static void sort_around(struct layout_plan *p)
{
	for (size_t i = 1; i < p->n_around; i++) {
		size_t edge = p->around[i], k = i;

		for (; k > 0 && length(p, p->around[k - 1]) > length(p, edge);
			k--)
			p->around[k] = p->around[k - 1];
		p->around[k] = edge;
	}
}

/* The lowest lane above those of the shorter edges that it overlaps. */
static void choose_lane(struct layout_plan *p, size_t nth)
{
	size_t i = p->around[nth];
	struct layout_edge *x = &p->out->edges[i];
	int side = side_of(x);

	for (size_t k = 0; k < nth; k++) {
		size_t other = p->around[k];
		const struct layout_edge *y = &p->out->edges[other];

		if (y->side == x->side && y->lane >= x->lane &&
			first_gap(p, i) <= last_gap(p, other) &&
			first_gap(p, other) <= last_gap(p, i))
			x->lane = y->lane + 1;
	}
	p->lanes[side] = larger(p->lanes[side], x->lane + 1);
	p->gaps[source(p, i)->rank + 1].leaving[side]++;
	p->gaps[target(p, i)->rank].entering[side]++;
}

static void choose_lanes(struct layout_plan *p)
{
	for (size_t i = 0; i < p->g->n_edges; i++)
		choose_way(p, i);
	sort_around(p);
	for (size_t nth = 0; nth < p->n_around; nth++)
		choose_lane(p, nth);
}

/* -- gaps -- */

static int room(int tracks)
{
	return tracks ? TRACK_ROOM + (tracks - 1) * TRACK_STEP : 0;
}

static void size_gaps(struct layout_plan *p)
{
	for (int k = 0; k <= p->ranks; k++) {
		struct gap *gap = &p->gaps[k];
		int inner = k > 0 && k < p->ranks;

		for (int side = 0; side < SIDES; side++) {
			int height = room(gap->leaving[side]) +
				     room(gap->entering[side]);

			if (height)
				height += TRACK_ROOM;
			gap->height = larger(gap->height, height);
		}
		gap->height = larger(gap->height, inner ? RANK_GAP : MARGIN);
	}
}

/* -- ends of edges -- */

/* How many edges use a side of a box's bottom or top, in all and so far. */
struct port {
	int n[SIDES], used[SIDES];
};

/* Those to the right start right of the middle, those of outer lanes further
 * out; likewise on the left. */
static int port_x(struct port *port, const struct layout_box *b, int side)
{
	int out = (b->size.width / 2) * ++port->used[side] /
		  (port->n[side] + 1);

	return middle(b) + (side == RIGHT ? out : -out);
}

static struct port *port_of(const struct layout_plan *p, struct port *ports,
	const struct layout_box *b)
{
	return &ports[b - p->out->boxes];
}

static int lane_x(const struct layout_plan *p, const struct layout_edge *x)
{
	int out = p->half_width + (x->lane + 1) * LANE_STEP;

	return x->side > 0 ? out : -out;
}

/* Outer lanes leave above inner ones and enter below them, so that edges of one
 * box do not cross: the edges come with inner lanes first. */
static void place_around(
	struct layout_plan *p, struct port *bottoms, struct port *tops)
{
	for (size_t nth = 0; nth < p->n_around; nth++) {
		size_t i = p->around[nth];
		struct layout_edge *x = &p->out->edges[i];
		struct layout_box *from = source(p, i), *to = target(p, i);
		struct gap *below = &p->gaps[from->rank + 1];
		struct gap *above = &p->gaps[to->rank];
		int side = side_of(x);

		x->lane_x = lane_x(p, x);
		x->from_x = port_x(port_of(p, bottoms, from), from, side);
		x->to_x = port_x(port_of(p, tops, to), to, side);
		x->leave_y = below->y + TRACK_ROOM +
			     --below->leaving[side] * TRACK_STEP;
		x->enter_y = above->y + above->height - TRACK_ROOM -
			     --above->entering[side] * TRACK_STEP;
	}
}

static void place_direct(struct layout_plan *p, size_t i)
{
	struct layout_edge *x = &p->out->edges[i];
	const struct layout_box *from = source(p, i), *to = target(p, i);
	const struct gap *below = &p->gaps[from->rank + 1];

	x->from_x = middle(from);
	x->to_x = middle(to);
	x->leave_y = below->y + below->height;
	x->enter_y = p->gaps[to->rank].y;
}

static void place_edges(struct arena *mem, struct layout_plan *p)
{
	struct port *bottoms = arena_array(mem, p->g->n_nodes, sizeof *bottoms);
	struct port *tops = arena_array(mem, p->g->n_nodes, sizeof *tops);

	for (size_t nth = 0; nth < p->n_around; nth++) {
		size_t i = p->around[nth];
		int side = side_of(&p->out->edges[i]);

		port_of(p, bottoms, source(p, i))->n[side]++;
		port_of(p, tops, target(p, i))->n[side]++;
	}
	place_around(p, bottoms, tops);
	for (size_t i = 0; i < p->g->n_edges; i++) {
		struct layout_edge *x = &p->out->edges[i];
		const struct layout_box *from = source(p, i);

		if (x->side == 0)
			place_direct(p, i);
		x->from_y = from->y + from->size.height;
		x->to_y = target(p, i)->y;
	}
}

/* Until here x = 0 is the middle of the boxes. */
static void shift(struct layout_plan *p)
{
	struct layout *out = p->out;
	int left = p->half_width + p->lanes[LEFT] * LANE_STEP + MARGIN;
	int right = p->half_width + p->lanes[RIGHT] * LANE_STEP + MARGIN;

	out->size.width = left + right;
	for (size_t i = 0; i < p->g->n_nodes; i++)
		out->boxes[i].x += left;
	for (size_t i = 0; i < p->g->n_edges; i++) {
		out->edges[i].from_x += left;
		out->edges[i].to_x += left;
		out->edges[i].lane_x += left;
	}
}

struct layout *layout_genome(struct arena *mem, const struct genome *g,
	const struct layout_size *sizes)
{
	struct layout *out = arena_alloc(mem, sizeof *out);
	struct layout_plan p = {.g = g, .out = out};
	int *order = arena_array(mem, g->n_nodes, sizeof *order);

	out->boxes = arena_array(mem, g->n_nodes, sizeof *out->boxes);
	out->edges = arena_array(mem, g->n_edges, sizeof *out->edges);
	for (size_t i = 0; i < g->n_nodes; i++)
		out->boxes[i].size = sizes[i];
	p.ranks = rank_boxes(mem, g, out->boxes, order);
	p.gaps = arena_array(mem, (size_t)p.ranks + 1, sizeof *p.gaps);
	p.rank_height = arena_array(
		mem, (size_t)p.ranks, sizeof *p.rank_height);
	p.around = arena_array(mem, g->n_edges, sizeof *p.around);
	place_in_ranks(&p, order);
	choose_lanes(&p);
	size_gaps(&p);
	place_ranks(&p);
	place_edges(mem, &p);
	shift(&p);
	return out;
}
