/* big_run.c -- a finished run of very many genomes in a store, to see how the
 * API and the dashboard bear it.
 *
 * The run is bred by NEAT and led by the run's own state machine, and its rows
 * are what a broker would have written, its digest included; but the scores are
 * made up, from the size of the network and chance, and so are the champion's
 * weights, which no blob holds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/rng.h"
#include "model/cost.h"
#include "run/digest.h"
#include "run/run.h"
#include "store/store.h"

#define UUID "00000000-0000-4000-8000-000000100000"
#define POPULATION 250
#define NEW_ONES 235 /* about so many of them are no elites */
#define STEP_BYTES ((size_t)1 << 30)
#define BEGAN_MS INT64_C(1760000000000)
#define TRAINING_MS 900

struct maker {
	struct store *store;
	struct run run;
	struct digest *digest;
	struct rng chance;
	int64_t now_ms;
};

static void must(int rc, const struct err *e)
{
	if (rc == 0)
		return;
	fprintf(stderr, "big_run: %s\n", e->text);
	exit(1);
}

static char *text_of(json_t *doc)
{
	char *text = canonical_text(doc, NULL);

	json_decref(doc);
	return text;
}

/* -- rows -- */

static void put_event(struct maker *m, const char *type, json_t *data)
{
	char *text = text_of(data);
	struct err e;

	must(store_event_add(m->store, UUID, type, text, m->now_ms, NULL, &e),
		&e);
	free(text);
}

static void put_members(struct maker *m)
{
	json_t *ids = json_array(), *species = json_array();
	struct store_generation g = {
		.generation = m->run.generation, .created_ms = m->now_ms};
	struct network_cost cost;
	struct err e;

	for (size_t i = 0; i < m->run.n_members; i++) {
		const struct run_member *x = &m->run.members[i];
		const struct genome_doc doc = run_genome(&m->run, x);
		char *text;

		json_array_append_new(ids, json_integer(x->id));
		json_array_append_new(species, json_integer(x->species));
		if (x->born != m->run.generation)
			continue;
		text = genome_doc_text(&doc);
		must(store_genome_insert(m->store, UUID,
			     &(struct store_genome){.id = x->id,
				     .born = x->born,
				     .parents = {x->parents[0], x->parents[1]},
				     .species = x->first_species,
				     .mutations = x->mutations,
				     .genome = text},
			     &e),
			&e);
		free(text);
		must(model_cost(doc.graph, &doc.data, &cost, &e), &e);
		must(store_roster_cost(m->store, UUID, x->id, cost.parameters,
			     cost.forward_flops, &e),
			&e);
	}
	g.members = text_of(ids);
	g.species = text_of(species);
	must(store_generation_put(m->store, UUID, &g, &e), &e);
	free((char *)g.members);
	free((char *)g.species);
}

static void put_result(
	struct maker *m, const struct run_member *x, const struct job_result *r)
{
	char *text = text_of(result_write(r));
	struct err e;
	int changed;

	m->now_ms += TRAINING_MS;
	must(store_genome_score(m->store, UUID, x->id, x->fitness,
		     x->failure[0] ? x->failure : NULL, text, &changed, &e),
		&e);
	must(store_roster_train(m->store, UUID, x->id, 0, r->cpu_s, &e), &e);
	put_event(m, "evaluation",
		json_pack("{s:I,s:I,s:i,s:f,s:n,s:s?,s:I,s:f}", "genome",
			(json_int_t)x->id, "born", (json_int_t)x->born, "rung",
			0, "fitness", x->fitness, "loss", "failure",
			x->failure[0] ? x->failure : NULL, "images",
			(json_int_t)r->images, "cpu_s", r->cpu_s));
	free(text);
}

/* The generation is scored: its row, its species, and its lines of the
 * digest. */
static void put_scored(struct maker *m)
{
	const struct run *run = &m->run;
	struct store_generation *g;
	struct run_species c;
	struct arena mem;
	struct err e;
	size_t n;

	arena_init(&mem, STEP_BYTES);
	must(store_commit(m->store, &e), &e);
	must(store_generations(
		     m->store, &mem, UUID, run->generation - 1, 1, &g, &n, &e),
		&e);
	must(store_begin(m->store, &e), &e);
	g->scored = 1;
	g->best = run->best;
	g->mean = run->mean;
	g->scored_ms = m->now_ms;
	must(store_generation_put(m->store, UUID, g, &e), &e);
	for (size_t i = 0; i < run->bred.n_species; i++) {
		run_census(run, i, &c);
		must(store_species_put(m->store, UUID,
			     &(struct store_species){
				     .generation = run->generation,
				     .id = c.id,
				     .born = c.born,
				     .improved = c.improved,
				     .size = c.size,
				     .best = c.best,
				     .mean = c.mean,
				     .champion = c.champion},
			     &e),
			&e);
	}
	put_event(m, "generation",
		json_pack("{s:I,s:f,s:f}", "generation",
			(json_int_t)run->generation, "best", run->best, "mean",
			run->mean));
	for (size_t i = 0; i < run->n_members; i++)
		if (run->members[i].born == run->generation)
			digest_member(m->digest, run, &run->members[i]);
	arena_release(&mem);
}

/* -- scores -- */

/* Larger networks are better up to a point, and some fail. */
static void make_up(
	struct maker *m, const struct run_member *x, struct job_result *r)
{
	const double size = (double)x->genome->n_nodes;
	const double luck = rng_unit(&m->chance) + rng_unit(&m->chance) - 1;
	const double wished = 0.93 - 0.35 * exp(-size / 4) + 0.06 * luck;

	r->images = 10000;
	r->parameters = 1000 * (int64_t)size;
	r->cpu_s = 0.2 * size;
	if (rng_unit(&m->chance) < 0.01) {
		r->failure = FAILURE_GENOME;
		strcpy(r->code, "memory");
		strcpy(r->reason, "its training takes more than it may");
		return;
	}
	r->total = 6000;
	r->correct = (int64_t)(wished * (double)r->total);
}

static void name_result(const struct maker *m, struct job_result *r,
	const struct run_member *x, int final)
{
	struct job_id id = {
		.final = final, .generation = x->born, .genome = x->id};

	strcpy(id.run, UUID);
	job_id_write(&id, r->id);
	strcpy(r->kernels, m->run.settings.kernels);
	r->final = final;
	if (final)
		sha256_of(UUID, strlen(UUID), r->weights);
	r->has_weights = final;
	r->weights_bytes = final;
}

/* -- the run -- */

static void step(struct maker *m, const struct run_event *ev)
{
	struct run_commands out;
	struct arena mem;
	struct err e;

	arena_init(&mem, STEP_BYTES);
	must(run_step(&m->run, ev, &mem, &out, &e), &e);
	for (const struct run_command *c = out.head; c; c = c->next) {
		if (c->kind == RUN_CMD_SAVE_MEMBERS)
			put_members(m);
		else if (c->kind == RUN_CMD_SAVE_RESULT)
			put_result(m, c->member, ev->result);
		else if (c->kind == RUN_CMD_SAVE_GENERATION)
			put_scored(m);
	}
	arena_release(&mem);
}

static void breed(struct maker *m)
{
	struct generation_request q;
	struct population next;
	struct arena mem;
	struct err e;

	arena_init(&mem, REPRODUCE_BYTES_MAX);
	run_next_generation(&m->run, &mem, &q);
	q.admits = model_admits;
	must(algorithm_next(&mem, &q, &next, &e), &e);
	step(m, &(struct run_event){
			.kind = RUN_EV_GENERATION, .population = &next});
	arena_release(&mem);
}

/* Members move when the last of them is scored: they are taken by id. */
static void score_all(struct maker *m)
{
	const size_t n = m->run.n_members;
	int64_t *ids = xcalloc(n, sizeof *ids);

	for (size_t i = 0; i < n; i++)
		ids[i] = m->run.members[i].scored ? -1 : m->run.members[i].id;
	for (size_t i = 0; i < n; i++) {
		struct job_result r = {.version = JOB_VERSION};

		for (size_t k = 0; k < m->run.n_members; k++)
			if (m->run.members[k].id == ids[i]) {
				make_up(m, &m->run.members[k], &r);
				name_result(m, &r, &m->run.members[k], 0);
			}
		if (ids[i] >= 0)
			step(m, &(struct run_event){
					.kind = RUN_EV_RESULT, .result = &r});
	}
	free(ids);
}

static void finish(struct maker *m)
{
	struct job_result r = {.version = JOB_VERSION,
		.total = 10000,
		.correct = 9321,
		.images = 60000,
		.parameters = 54321,
		.cpu_s = 60};

	name_result(m, &r, run_champion(&m->run), 1);
	step(m, &(struct run_event){.kind = RUN_EV_RESULT, .result = &r});
}

static void search(struct maker *m)
{
	struct err e;

	must(store_begin(m->store, &e), &e);
	step(m, &(struct run_event){.kind = RUN_EV_CONTINUE});
	while (m->run.phase == PHASE_BREEDING) {
		breed(m);
		score_all(m);
		must(store_commit(m->store, &e), &e);
		must(store_begin(m->store, &e), &e);
	}
	finish(m);
	must(store_commit(m->store, &e), &e);
}

/* -- its row -- */

static struct run_settings make_settings(long genomes)
{
	struct run_settings s;
	struct err e;
	json_t *body = json_pack("{s:s,s:i,s:i,s:i,s:{s:i,s:f,s:f}}", "name",
		"very many genomes", "population", POPULATION, "generations",
		(int)((genomes + NEW_ONES - 1) / NEW_ONES), "seed", 1, "neat",
		"target_species", 12, "threshold", 6.0, "threshold_step", 0.5);

	must(settings_read(body, &s, &e), &e);
	json_decref(body);
	s.data = (struct data_shape){1, 28, 28, 10};
	s.has_seed = 1;
	strcpy(s.kernels, "simd128-2");
	sha256_of("no data", 7, s.dataset_hash);
	return s;
}

static void put_run(struct maker *m, int over)
{
	char *settings = text_of(settings_write(&m->run.settings));
	char *document = text_of(run_document(&m->run));
	struct store_run row = {.uuid = UUID,
		.created_ms = BEGAN_MS,
		.updated_ms = m->now_ms,
		.running_ms = m->now_ms - BEGAN_MS,
		.generation = m->run.generation,
		.state = run_state_name(m->run.state),
		.settings = settings,
		.document = document};
	struct err e;

	if (over)
		digest_end(m->digest, &m->run, row.digest);
	must(store_begin(m->store, &e), &e);
	must(over ? store_run_update(m->store, &row, &e)
		  : store_run_insert(m->store, &row, &e),
		&e);
	must(store_commit(m->store, &e), &e);
	free(settings);
	free(document);
}

int main(int argc, char **argv)
{
	struct maker *m = xcalloc(1, sizeof *m);
	const long genomes = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
	struct run_settings s;
	struct err e;

	if (genomes < 1 || genomes > 10000000) {
		fprintf(stderr, "Usage: big_run STORE GENOMES\n");
		return 2;
	}
	m->store = store_open(argv[1], &e);
	must(m->store ? 0 : e.code, &e);
	s = make_settings(genomes);
	m->now_ms = BEGAN_MS;
	rng_stream(&m->chance, 1, UINT64_C(1) << 40, 0);
	run_init(&m->run, UUID, &s);
	m->digest = digest_new(&m->run.settings);
	put_run(m, 0);
	search(m);
	put_run(m, 1);
	printf("run %s: %lld genomes in %lld generations, %s\n", UUID,
		(long long)m->run.next_id, (long long)m->run.generation + 1,
		run_state_name(m->run.state));
	run_release(&m->run);
	store_close(m->store);
	free(m);
	return 0;
}
