/* genome_ops.c -- NEAT's operations on one genome or two. */
#include "base/arena.h"
#include "base/doc.h"
#include "base/rng.h"
#include "model/decode.h"
#include "model/training.h"
#include "neat/chain.h"
#include "neat/crossover.h"
#include "neat/distance.h"
#include "neat/marking.h"
#include "neat/mutate.h"
#include "neat/params_json.h"
#include "wire/genome_json.h"
#include "wire/layer_json.h"
#include "wire/population_json.h"
#include "service/genome/genome_service.h"

#define OP_ARENA_MAX ((size_t)1 << 28)
#define MIB ((int64_t)1 << 20)

/* What the operations are asked; each has the members that its table names. */
struct question {
	struct genome_doc a, b;
	struct params params;
	struct space space;
	int64_t seed;
	int has_innovations;
	struct innovation_counters innovations;
};
#define AT(member) offsetof(struct question, member)

#define GENOME_ROW(key_, member)                                    \
	{                                                           \
		.key = (key_), .type = FIELD_OWN, .at = AT(member), \
		.codec = &genome_codec                              \
	}
#define SEED_ROW                                                    \
	{                                                           \
		.key = "seed", .type = FIELD_WHOLE, .at = AT(seed), \
		.hi = RNG_SEED_MAX                                  \
	}
#define NEAT_ROW                                                        \
	{                                                               \
		.key = "neat", .type = FIELD_OWN, .at = AT(params),     \
		.codec = &params_codec, .help = "the constants of NEAT" \
	}

/* Two genomes that line up: for the same data, and with the same markings. */
static int line_up(const struct question *q, const char *other, struct err *e)
{
	struct err why = {0};
	struct arena mem;
	int rc;

	if (!flat_data_equal(&q->a.data, &q->b.data))
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

static const struct field crossover_rows[] = {
	GENOME_ROW("fitter", a),
	GENOME_ROW("other", b),
	NEAT_ROW,
	SEED_ROW,
};
static const struct fields crossover_fields = {
	FIELDS(struct question, crossover_rows)};

json_t *genome_cross(const json_t *body, struct err *e)
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

#define COUNTER_MAX (GENE_NUMBER_MAX - 3) /* room for what is added */
#define COUNTER_ROW(key_, member)                                   \
	{                                                           \
		.key = (key_), .type = FIELD_WHOLE,                 \
		.at = offsetof(struct innovation_counters, member), \
		.hi = COUNTER_MAX                                   \
	}
static const struct field counter_rows[] = {
	COUNTER_ROW("node", node),
	COUNTER_ROW("edge", edge),
};
static const struct fields counter_fields = {
	FIELDS(struct innovation_counters, counter_rows)};

static const struct field mutate_rows[] = {
	GENOME_ROW("genome", a),
	{.key = "innovations",
		.type = FIELD_OBJECT,
		.at = AT(innovations),
		.given = AT(has_innovations),
		.of = &counter_fields},
	NEAT_ROW,
	SEED_ROW,
	{.type = FIELD_INCLUDE, .at = AT(space), .of = &space_fields},
};
static const struct fields mutate_fields = {
	FIELDS(struct question, mutate_rows)};

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
	if (out->node > COUNTER_MAX || out->edge > COUNTER_MAX)
		return err_at(e, ERR_RANGE, "", "genome",
			"the genome's numbers leave none for what is added");
	return 0;
}

json_t *genome_mutate(const json_t *body, struct err *e)
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

static const struct field distance_rows[] = {
	GENOME_ROW("a", a),
	GENOME_ROW("b", b),
	NEAT_ROW,
};
static const struct fields distance_fields = {
	FIELDS(struct question, distance_rows)};

json_t *genome_measure(const json_t *body, struct err *e)
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

/* The genome is read apart: one that cannot be read has a verdict too. */
static int keep_value(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	(void)r;
	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be an object, not %s", f->key,
			doc_type_name(v));
	*(const json_t **)((char *)s + f->at) = v;
	return 0;
}

static const struct field_codec value_codec = {.read = keep_value};

struct candidate {
	struct training training; /* max_job_mb alone */
	const json_t *genome;
};

json_t *genome_validate(const json_t *body, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_REQUEST};
	struct field rows[] = {
		*fields_find(&training_fields, NULL, "max_job_mb"),
		{.key = "genome",
			.type = FIELD_OWN,
			.at = offsetof(struct candidate, genome),
			.codec = &value_codec},
	};
	struct fields t = {FIELDS(struct candidate, rows)};
	struct candidate c = {.genome = NULL};
	struct genome_doc g;
	struct model *m = NULL;
	struct err why = {0};
	json_t *answer;
	struct arena mem;

	if (fields_read(&t, body, "", &r, &c, e))
		return NULL;
	arena_init(&mem, OP_ARENA_MAX);
	m = arena_alloc(&mem, sizeof *m);
	if (genome_doc_read(c.genome, "/genome", &mem, &g, &why))
		answer = verdict_bad(&why, 0);
	else if (model_decode(g.graph, &g.data, c.training.max_job_mb * MIB, m,
			 &why))
		answer = verdict_bad(&why, 1);
	else
		answer = verdict_good(g.graph, m);
	arena_release(&mem);
	return answer;
}
