/* innovation.c -- a hash table of this generation's changes. */
#include "neat/innovation.h"

#include <assert.h>

static struct innovation **bucket_of(
	struct innovation_book *b, const int64_t key[3])
{
	uint64_t h = 0;

	for (int i = 0; i < 3; i++)
		h = (h ^ (uint64_t)key[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return &b->buckets[(h >> 32) % INNOVATION_BUCKETS];
}

/* The entry of that key; a new one, without numbers, has edge[0] -1. */
static struct innovation *entry(struct innovation_book *b, const int64_t key[3])
{
	struct innovation **bucket = bucket_of(b, key), *i;

	for (i = *bucket; i; i = i->next)
		if (i->key[0] == key[0] && i->key[1] == key[1] &&
			i->key[2] == key[2])
			return i;
	i = arena_alloc(b->mem, sizeof *i);
	*i = (struct innovation){.next = *bucket,
		.key = {key[0], key[1], key[2]},
		.node = -1,
		.edge = {-1, -1}};
	*bucket = i;
	return i;
}

static int64_t take(int64_t *counter)
{
	assert(*counter <= GENE_NUMBER_MAX);
	return (*counter)++;
}

void innovation_open(struct innovation_book *b, struct arena *mem,
	const struct innovation_counters *next)
{
	*b = (struct innovation_book){.mem = mem, .next = *next};
}

int64_t innovation_connect(struct innovation_book *b, int64_t from, int64_t to)
{
	const int64_t key[3] = {from, to, -1};
	struct innovation *i = entry(b, key);

	if (i->edge[0] < 0)
		i->edge[0] = take(&b->next.edge);
	return i->edge[0];
}

const struct innovation *innovation_split(struct innovation_book *b,
	const struct genome *g, int64_t edge, enum node_kind kind)
{
	int64_t key[3] = {edge, kind, 0};
	struct innovation *i = entry(b, key);

	while (i->node >= 0 && genome_node(g, i->node)) {
		key[2]++;
		i = entry(b, key);
	}
	if (i->node < 0) {
		i->node = take(&b->next.node);
		i->edge[0] = take(&b->next.edge);
		i->edge[1] = take(&b->next.edge);
	}
	return i;
}
