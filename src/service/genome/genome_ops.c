/* genome_ops.c -- NEAT's operations on one genome or two. */
#include "base/arena.h"
#include "base/rng.h"
#include "model/decode.h"
#include "neat/chain.h"
#include "neat/crossover.h"
#include "neat/distance.h"
#include "neat/marking.h"
#include "neat/mutate.h"
#include "wire/genome_json.h"
#include "wire/layer_json.h"
#include "wire/population_json.h"
#include "wire/question_json.h"
#include "service/genome/genome_service.h"

#define OP_ARENA_MAX ((size_t)1 << 28)
#define MIB ((int64_t)1 << 20)

/* Two genomes that line up: for the same data, and with the same markings. */
static int line_up(const struct question *q, const char *other, struct err *e)
{
	struct err why = {0};
	struct arena mem;
	int rc;

	if (!data_shape_equal(&q->a.data, &q->b.data))
		return err_at(e, ERR_RANGE, "", other,
			"the genomes are for different data");
	arena_init(&mem, OP_ARENA_MAX);
	rc = markings_check(&mem,
		(const struct genome *const[]){q->a.graph, q->b.graph}, 2,
		&why);
	arena_release(&mem);
	return rc ? err_at(e, ERR_RANGE, "", other, "%s", why.text) : 0;
}

static int ask(struct arena *mem, const struct fields *t, const json_t *body,
	struct question *q, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST, .mem = mem};

	return fields_read(t, body, "", &r, q, e);
}

/* -- crossover -- */

json_t *genome_service_crossover(const json_t *body, struct err *e)
{
	struct question q = {.seed = 0};
	json_t *answer = NULL;
	struct arena mem;
	struct rng r;

	arena_init(&mem, OP_ARENA_MAX);
	if (ask(&mem, &crossover_fields, body, &q, e) == 0 &&
		line_up(&q, "other", e) == 0) {
		rng_stream(&r, (uint64_t)q.seed, 0, 0);
		answer = json_pack("{s:o}", "genome",
			layer_json_write(genome_crossover(&mem, q.a.graph,
						 q.b.graph, &q.params, &r),
				&q.a.data));
	}
	arena_release(&mem);
	return answer;
}

/* -- mutation -- */

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The lowest numbers that neither the genome nor a chain has. */
static struct innovation_counters numbers_after(const struct genome *g)
{
	const struct innovation_counters c = chain_counters;

	return (struct innovation_counters){
		.node = larger(c.node, g->nodes[g->n_nodes - 1].number + 1),
		.edge = larger(c.edge, g->edges[g->n_edges - 1].number + 1)};
}

/* The caller's counters, not below those of the genome. */
static int choose_counters(const struct question *q,
	struct innovation_counters *out, struct err *e)
{
	const struct innovation_counters least = numbers_after(q->a.graph);

	*out = q->has_innovations ? q->innovations : least;
	if (out->node < least.node || out->edge < least.edge)
		return err_at(e, ERR_RANGE, "", "innovations",
			"\"innovations\" must be at least node %lld and edge "
			"%lld, the first numbers that the genome does not have",
			(long long)least.node, (long long)least.edge);
	if (out->node > QUESTION_COUNTER_MAX ||
		out->edge > QUESTION_COUNTER_MAX)
		return err_at(e, ERR_RANGE, "", "genome",
			"the genome's numbers leave none for what is added");
	return 0;
}

json_t *genome_service_mutate(const json_t *body, struct err *e)
{
	struct question q = {.seed = 0};
	struct innovation_counters counters;
	struct innovation_book book;
	json_t *answer = NULL;
	struct genome *child;
	struct arena mem;
	unsigned done;
	struct rng r;

	arena_init(&mem, OP_ARENA_MAX);
	if (ask(&mem, &mutate_fields, body, &q, e) ||
		choose_counters(&q, &counters, e))
		goto release;
	rng_stream(&r, (uint64_t)q.seed, 0, 0);
	innovation_open(&book, &mem, &counters);
	child = genome_copy(&mem, q.a.graph);
	done = mutate(
		&(struct mutator){&mem, &book, &q.params, &q.space}, child, &r);
	answer = json_pack("{s:o, s:o, s:{s:I, s:I}}", "genome",
		layer_json_write(child, &q.a.data), "mutations",
		mutations_write(done), "innovations", "node",
		(json_int_t)book.next.node, "edge", (json_int_t)book.next.edge);

release:
	arena_release(&mem);
	return answer;
}

/* -- judgements -- */

json_t *genome_service_distance(const json_t *body, struct err *e)
{
	struct question q = {.seed = 0};
	const struct genome *a, *b;
	struct alignment edges;
	json_t *answer = NULL;
	struct arena mem;

	arena_init(&mem, OP_ARENA_MAX);
	if (ask(&mem, &distance_fields, body, &q, e) == 0 &&
		line_up(&q, "b", e) == 0) {
		a = q.a.graph;
		b = q.b.graph;
		edges = genome_align(a, b);
		answer = json_pack("{s:f, s:I, s:I, s:I, s:f}", "distance",
			genome_distance(a, b, &q.params), "matching",
			(json_int_t)edges.matching, "disjoint",
			(json_int_t)edges.disjoint, "excess",
			(json_int_t)edges.excess, "difference",
			a->kind->difference(a, b));
	}
	arena_release(&mem);
	return answer;
}

static json_t *verdict_bad(const struct err *why, int readable)
{
	return json_pack("{s:b, s:s, s:o}", "valid", 0, "reason", why->text,
		"pointer",
		readable ? json_string("/genome") : json_string(why->where));
}

static json_t *verdict_good(const struct genome *g, const struct model *m)
{
	return json_pack("{s:b, s:n, s:n, s:I, s:I, s:I, s:I, s:I}", "valid", 1,
		"reason", "pointer", "nodes", (json_int_t)g->n_nodes, "edges",
		(json_int_t)g->n_edges, "parameters",
		(json_int_t)m->cost.parameters, "train_flops",
		(json_int_t)m->cost.train_flops, "train_bytes",
		(json_int_t)m->cost.train_bytes);
}

json_t *genome_service_validate(const json_t *body, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct candidate c = {.genome = NULL};
	struct genome_doc g;
	struct model *m = NULL;
	struct err why = {0};
	json_t *answer;
	struct arena mem;

	if (fields_read(&candidate_fields, body, "", &r, &c, e))
		return NULL;
	arena_init(&mem, OP_ARENA_MAX);
	m = arena_alloc(&mem, sizeof *m);
	if (genome_doc_read(c.genome, "/genome", &mem, &g, &why))
		answer = verdict_bad(&why, 0);
	else if (model_decode(g.graph, &g.data, c.max_job_mb * MIB, m, &why))
		answer = verdict_bad(&why, 1);
	else
		answer = verdict_good(g.graph, m);
	arena_release(&mem);
	return answer;
}
