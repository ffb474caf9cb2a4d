/* test_neat_random.c -- 100,000 random operations, and every genome that comes
 * of them is sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "genomes.h"
#include "neat/crossover.h"
#include "neat/distance.h"
#include "neat/graph.h"
#include "neat/mutate.h"

#define OPERATIONS 100000
#define POOL 12
#define PER_BOOK 100 /* operations a generation */

struct pool {
	struct arena mem[2]; /* by turns, so that old genomes can go */
	struct innovation_book book;
	struct genome *genomes[POOL];
	struct params p;
	struct rng r;
	int turn;
};

/* Another generation: its genes live in the other arena. */
static void turn(struct pool *q)
{
	struct innovation_counters next = q->book.next;
	struct arena *to = &q->mem[!q->turn];

	for (int i = 0; i < POOL; i++)
		q->genomes[i] = genome_clone(to, q->genomes[i]);
	arena_release(&q->mem[q->turn]);
	q->turn = !q->turn;
	innovation_open(&q->book, to, &next);
}

/* Matching edges join the same nodes; matching nodes are of one kind. */
static void assert_aligned(const struct genome *a, const struct genome *b)
{
	for (size_t i = 0; i < a->n_edges; i++) {
		const struct edge_gene *x = &a->edges[i];
		const struct edge_gene *y = genome_edge(b, x->number);

		assert_true(!y || (y->from == x->from && y->to == x->to));
	}
	for (size_t i = 0; i < a->n_nodes; i++) {
		const struct node_gene *y = genome_node(b, a->nodes[i].number);

		assert_true(!y || y->kind == a->nodes[i].kind);
	}
}

static struct genome *random_child(
	struct pool *q, const struct genome *a, const struct genome *b)
{
	struct arena *mem = &q->mem[q->turn];
	struct genome *c;

	if (rng_chance(&q->r, 0.5))
		return genome_crossover(mem, a, b, &q->p, &q->r);
	c = genome_clone(mem, a);
	mutate(&(struct mutator){mem, &q->book, &q->p, space_default()}, c,
		&q->r);
	return c;
}

static void operate(struct pool *q, int recurrent)
{
	size_t i = rng_below(&q->r, POOL), k = rng_below(&q->r, POOL);
	size_t to = rng_below(&q->r, POOL);
	struct genome *c = random_child(q, q->genomes[i], q->genomes[k]);
	double d;

	assert_sound(c);
	assert_true(graph_connected(c));
	assert_true(recurrent || graph_acyclic(c));
	assert_aligned(c, q->genomes[k]);
	d = genome_distance(c, q->genomes[k], &q->p);
	assert_true(d >= 0 && d == genome_distance(q->genomes[k], c, &q->p));
	/* Small genomes are kept likelier, so that the pool stays of a size
	 * that the test can afford. */
	if (c->n_edges < 40 || rng_chance(&q->r, 0.2))
		q->genomes[to] = c;
}

static void run(int recurrent, uint64_t seed)
{
	struct pool q = {.p = preset("paper2002")};
	const struct innovation_counters none = {0, 0};

	print_message("seed %llu\n", (unsigned long long)seed);
	rng_stream(&q.r, seed, 0, 0);
	arena_init(&q.mem[0], TEST_ARENA_BYTES);
	arena_init(&q.mem[1], TEST_ARENA_BYTES);
	q.p.add_node_rate = q.p.add_edge_rate = 0.2;
	q.p.toggle_rate = q.p.remove_rate = 0.2;
	q.p.bias_rate = q.p.activation_rate = 0.1;
	innovation_open(&q.book, &q.mem[0], &none);
	for (int i = 0; i < POOL; i++)
		q.genomes[i] = grown(
			&q.mem[0], &q.book, &q.p, recurrent, 3, &q.r);
	for (int i = 0; i < OPERATIONS / 2; i++) {
		if (i % PER_BOOK == 0)
			turn(&q);
		operate(&q, recurrent);
	}
	arena_release(&q.mem[0]);
	arena_release(&q.mem[1]);
}

static void feed_forward_genomes_stay_sound(void **state)
{
	(void)state;
	run(0, 20021002);
}

static void recurrent_genomes_stay_sound(void **state)
{
	(void)state;
	run(1, 20021003);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(feed_forward_genomes_stay_sound),
		cmocka_unit_test(recurrent_genomes_stay_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
