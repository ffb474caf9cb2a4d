/* genome_ops.c -- NEAT's operations on one genome or two. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/rng.h"
#include "model/decode.h"
#include "neat/chain.h"
#include "neat/crossover.h"
#include "neat/distance.h"
#include "neat/marking.h"
#include "neat/mutate.h"
#include "wire/genome_doc.h"
#include "wire/layer_json.h"
#include "wire/params_json.h"
#include "wire/population_json.h"
#include "wire/settings.h"
#include "service/genome/genome_service.h"

#define OP_ARENA_MAX ((size_t)1 << 28)
#define JOB_MB_DEFAULT 1024
#define MIB ((int64_t)1 << 20)

/* A member as a graph, whatever its form. */
static int read_graph(struct arena *mem, const json_t *body, const char *name,
	const struct genome **out, struct flat_data *data, struct err *e)
{
	struct genome_doc g;
	const json_t *v;
	char at[32];
	int rc = doc_obj(body, "", name, &v, e);

	snprintf(at, sizeof at, "/%s", name);
	if (rc == 0)
		rc = genome_doc_read(v, at, mem, &g, e);
	if (rc)
		return rc;
	*out = g.layers ? g.layers : chain_from_flat(mem, &g.flat);
	*data = g.flat.data;
	return 0;
}

/* Two genomes that line up: for the same data, and with the same markings. */
struct pair {
	const struct genome *a, *b;
	struct flat_data data;
};

static int read_pair(struct arena *mem, const json_t *body, const char *a,
	const char *b, struct pair *out, struct err *e)
{
	struct flat_data other;
	struct err why = {0};
	int rc = read_graph(mem, body, a, &out->a, &out->data, e);

	if (rc == 0)
		rc = read_graph(mem, body, b, &out->b, &other, e);
	if (rc)
		return rc;
	if (!flat_data_equal(&out->data, &other))
		return err_at(e, ERR_RANGE, "", b,
			"the genomes are for different data");
	if (markings_check(mem, (const struct genome *const[]){out->a, out->b},
		    2, &why))
		return err_at(e, ERR_RANGE, "", b, "%s", why.text);
	return 0;
}

static int read_breeding(
	const json_t *body, struct params *p, struct rng *r, struct err *e)
{
	int64_t seed = 0;
	int rc = params_read(body, "neat", p, e);

	if (rc == 0)
		rc = doc_int(body, "", "seed", 0, RNG_SEED_MAX, &seed, e);
	if (rc == 0)
		rng_stream(r, (uint64_t)seed, 0, 0);
	return rc;
}

json_t *genome_cross(const json_t *body, struct err *e)
{
	static const char *const keys[] = {
		"fitter", "other", "seed", "neat", NULL};
	json_t *answer = NULL;
	struct params params;
	struct arena mem;
	struct pair p;
	struct rng r;

	arena_init(&mem, OP_ARENA_MAX);
	if (doc_only(body, "", keys, e) == 0 &&
		read_pair(&mem, body, "fitter", "other", &p, e) == 0 &&
		read_breeding(body, &params, &r, e) == 0)
		answer = json_pack("{s:o}", "genome",
			layer_json_write(
				genome_crossover(&mem, p.a, p.b, &params, &r),
				&p.data));
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

/* The caller's counters, not below those; room is left for what is added. */
static int read_counters(
	const json_t *body, struct innovation_counters *c, struct err *e)
{
	static const char *const keys[] = {"node", "edge", NULL};
	const struct innovation_counters least = *c;
	const int64_t most = GENE_NUMBER_MAX - 3;
	const json_t *v = NULL;
	int rc = doc_obj_opt(body, "", "innovations", &v, e);

	if (rc == 0 && v)
		rc = doc_only(v, "/innovations", keys, e);
	if (rc == 0 && v)
		rc = doc_int(v, "/innovations", "node", least.node, most,
			&c->node, e);
	if (rc == 0 && v)
		rc = doc_int(v, "/innovations", "edge", least.edge, most,
			&c->edge, e);
	if (rc == 0 && (c->node > most || c->edge > most))
		rc = err_at(e, ERR_RANGE, "", "genome",
			"the genome's numbers leave none for what is added");
	return rc;
}

json_t *genome_mutate(const json_t *body, struct err *e)
{
	static const char *const keys[] = {
		"genome", "innovations", "seed", "neat", NULL};
	struct innovation_counters counters;
	struct innovation_book book;
	const struct genome *parent;
	struct flat_data data;
	json_t *answer = NULL;
	struct params params;
	struct genome *child;
	struct arena mem;
	unsigned done;
	struct rng r;

	arena_init(&mem, OP_ARENA_MAX);
	if (doc_only(body, "", keys, e) ||
		read_graph(&mem, body, "genome", &parent, &data, e) ||
		read_breeding(body, &params, &r, e))
		goto release;
	counters = numbers_after(parent);
	if (read_counters(body, &counters, e))
		goto release;
	innovation_open(&book, &mem, &counters);
	child = genome_copy(&mem, parent);
	done = mutate(&mem, child, &book, &params, &r);
	answer = json_pack("{s:o, s:o, s:{s:I, s:I}}", "genome",
		layer_json_write(child, &data), "mutations",
		mutations_write(done), "innovations", "node",
		(json_int_t)book.next.node, "edge", (json_int_t)book.next.edge);

release:
	arena_release(&mem);
	return answer;
}

/* -- judgements -- */

json_t *genome_measure(const json_t *body, struct err *e)
{
	static const char *const keys[] = {"a", "b", "neat", NULL};
	struct alignment edges;
	json_t *answer = NULL;
	struct params params;
	struct arena mem;
	struct pair p;

	arena_init(&mem, OP_ARENA_MAX);
	if (doc_only(body, "", keys, e) == 0 &&
		read_pair(&mem, body, "a", "b", &p, e) == 0 &&
		params_read(body, "neat", &params, e) == 0) {
		edges = genome_align(p.a, p.b);
		answer = json_pack("{s:f, s:I, s:I, s:I, s:f}", "distance",
			genome_distance(p.a, p.b, &params), "matching",
			(json_int_t)edges.matching, "disjoint",
			(json_int_t)edges.disjoint, "excess",
			(json_int_t)edges.excess, "difference",
			p.a->kind->difference(p.a, p.b));
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

json_t *genome_validate(const json_t *body, struct err *e)
{
	static const char *const keys[] = {"genome", "max_job_mb", NULL};
	int64_t max_job_mb = JOB_MB_DEFAULT;
	const struct genome *g;
	struct flat_data data;
	struct model *m = NULL;
	struct err why = {0};
	const json_t *found;
	json_t *answer;
	struct arena mem;

	if (doc_only(body, "", keys, e) ||
		doc_obj(body, "", "genome", &found, e) ||
		doc_int_opt(body, "", "max_job_mb", SETTINGS_JOB_MB_MIN,
			SETTINGS_JOB_MB_MAX, &max_job_mb, e))
		return NULL;
	arena_init(&mem, OP_ARENA_MAX);
	m = arena_alloc(&mem, sizeof *m);
	if (read_graph(&mem, body, "genome", &g, &data, &why))
		answer = verdict_bad(&why, 0);
	else if (model_decode_genome(g, &data, max_job_mb * MIB, m, &why))
		answer = verdict_bad(&why, 1);
	else
		answer = verdict_good(g, m);
	arena_release(&mem);
	return answer;
}
