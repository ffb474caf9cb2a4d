/* innovation.h -- the book of structural changes: who gets which number.
 * Stanley & Miikkulainen 2002, section 3.2.
 *
 * Within one generation the same change gets the same number; the entries live
 * for that generation alone, and only the two counters outlive it, as a value
 * kept with the run. */
#ifndef NEAT_INNOVATION_H
#define NEAT_INNOVATION_H

#include "base/arena.h"
#include "neat/genome.h"

/* The lowest numbers never given; at most GENE_NUMBER_MAX. */
struct innovation_counters {
	int64_t node, edge;
};

#define INNOVATION_BUCKETS 256

struct innovation {
	struct innovation *next;
	int64_t key[3];  /* a connection (from, to, -1) or a split
			  * (edge, kind, turn) */
	int64_t node;    /* of a split: the new node; otherwise -1 */
	int64_t edge[2]; /* the connection, or a split's two */
};

struct innovation_book {
	struct arena *mem; /* where entries live */
	struct innovation_counters next;
	struct innovation *buckets[INNOVATION_BUCKETS];
};

/* An empty book that counts on from `next`; its entries will live in `mem`. */
void innovation_open(struct innovation_book *b, struct arena *mem,
	const struct innovation_counters *next);

/* The number of an edge from -> to. */
int64_t innovation_connect(struct innovation_book *b, int64_t from, int64_t to);

/* The numbers of a node of `kind` that splits edge `edge` of `g`, and of the
 * edges into it and out of it: none of them is in `g` yet, though it may have
 * split the same edge before (it then gets the next turn's numbers).  Nodes of
 * different kinds are different changes, so equal numbers are always of one
 * kind. */
const struct innovation *innovation_split(struct innovation_book *b,
	const struct genome *g, int64_t edge, enum node_kind kind);

#endif
