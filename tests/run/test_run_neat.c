/* test_run_neat.c -- a run by NEAT, with a genome service and evolutioners that
 * are functions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "model/cost.h"
#include "neat/algorithm_neat.h"
#include "run/digest.h"
#include "run_bench.h"

#define POPULATION 10
#define GENERATIONS 8
#define GENOMES_MAX (POPULATION * GENERATIONS)

/* The run, and all its genomes as a store would have them. */
struct world {
	struct bench b;
	struct arena answer;
	struct arena records_mem;
	struct run_member records[GENOMES_MAX];
	int restart_every; /* steps; 0: never */
	int steps;
};

/* The usual settings, and more as JSON. */
static struct run_settings neat_settings(const char *more)
{
	struct run_settings s;
	json_t *others = json_loads(more, 0, NULL);
	json_t *body = json_pack("{s:i, s:i, s:i, s:{s:f, s:f}}", "population",
		POPULATION, "generations", GENERATIONS, "seed", 11, "neat",
		"threshold", 3.0, "add_node_rate", 0.5);

	assert_int_equal(json_object_update(body, others), 0);
	json_decref(others);
	assert_int_equal(settings_read(body, &s, NULL), 0);
	json_decref(body);
	s.data = (struct data_shape){1, 28, 28, 10};
	strcpy(s.kernels, "avx2-2");
	sha256_of("data", 4, s.dataset_hash);
	return s;
}

static void open_world_with(
	struct world *w, int restart_every, const char *more)
{
	struct run_settings s = neat_settings(more);

	memset(w, 0, sizeof *w);
	w->restart_every = restart_every;
	arena_init(&w->answer, (size_t)64 << 20);
	arena_init(&w->records_mem, (size_t)64 << 20);
	bench_init(&w->b, &s);
	settings_release(&s);
}

static void open_world(struct world *w, int restart_every)
{
	open_world_with(w, restart_every, "{}");
}

static void close_world(struct world *w)
{
	bench_release(&w->b);
	arena_release(&w->answer);
	arena_release(&w->records_mem);
}

/* The process dies, and another goes on from what was saved. */
static void restart(struct world *w)
{
	struct run again;
	struct err e = {0};

	if (bench_copy(&w->b, &again, &e))
		fail_msg("%s", e.text);
	run_release(&w->b.run);
	w->b.run = again;
}

static void step(struct world *w, struct run_event ev)
{
	bench_step(&w->b, ev);
	if (w->restart_every && ++w->steps % w->restart_every == 0)
		restart(w);
}

static struct population *serve(struct world *w)
{
	struct population *p;
	struct generation_request q;
	struct err e = {0};

	arena_release(&w->answer);
	p = arena_alloc(&w->answer, sizeof *p);
	run_next_generation(&w->b.run, &w->answer, &q);
	q.admits = model_admits;
	if (algorithm_next(&w->answer, &q, p, &e))
		fail_msg("%s", e.text);
	return p;
}

static void breed(struct world *w)
{
	struct population *p = serve(w);

	step(w, (struct run_event){.kind = RUN_EV_GENERATION, .population = p});
}

/* Fitness is a function of the genome's id and its birth. */
static void score(struct world *w, size_t i)
{
	const struct run_member *m = &w->b.run.members[i];
	struct job_result j = {
		.total = 1000, .correct = (m->id * 37 + m->born * 11) % 700};

	snprintf(j.id, sizeof j.id, BENCH_UUID "/%d/%d/0/0", (int)m->born,
		(int)m->id);
	step(w, (struct run_event){.kind = RUN_EV_RESULT, .result = &j});
}

static void record(struct world *w)
{
	for (size_t i = 0; i < w->b.run.n_members; i++) {
		struct run_member *m = &w->records[w->b.run.members[i].id];

		*m = w->b.run.members[i];
		m->genome = genome_clone(&w->records_mem, m->genome);
	}
}

static void one_generation(struct world *w)
{
	breed(w);
	for (size_t i = 0; i < POPULATION; i++)
		if (w->b.run.phase == PHASE_SCORING &&
			!w->b.run.members[i].scored)
			score(w, i);
	record(w);
}

static void run_to_the_final(struct world *w)
{
	step(w, (struct run_event){.kind = RUN_EV_CONTINUE});
	while (w->b.run.phase != PHASE_FINAL)
		one_generation(w);
}

static void finish(struct world *w, char digest[SHA256_HEX_BYTES])
{
	struct digest *d = digest_new(&w->b.run.settings);

	bench_final(&w->b, run_champion(&w->b.run)->id, 80);
	assert_int_equal(w->b.run.state, RUN_FINISHED);
	for (int64_t id = 0; id < w->b.run.next_id; id++)
		digest_member(d, &w->b.run, &w->records[id]);
	digest_end(d, &w->b.run, digest);
}

static struct world w;

static void restarts_change_nothing(const char *more)
{
	char calm[SHA256_HEX_BYTES], got[SHA256_HEX_BYTES], *wanted, *text;
	json_t *doc;

	open_world_with(&w, 0, more);
	run_to_the_final(&w);
	doc = run_document(&w.b.run);
	wanted = canonical_text(doc, NULL);
	json_decref(doc);
	assert_true(w.b.run.bred.n_species > 1);
	finish(&w, calm);
	close_world(&w);
	for (int every = 1; every <= 7; every += 3) {
		open_world_with(&w, every, more);
		run_to_the_final(&w);
		doc = run_document(&w.b.run);
		text = canonical_text(doc, NULL);
		assert_string_equal(text, wanted);
		json_decref(doc);
		free(text);
		finish(&w, got);
		assert_string_equal(got, calm);
		close_world(&w);
	}
	free(wanted);
}

static void restarts_change_neither_digest_nor_species(void **state)
{
	(void)state;
	restarts_change_nothing("{}");
}

#define GENOME                                                              \
	"{\"num_channels\":1,\"px_h\":28,\"px_w\":28,\"num_classes\":10,"   \
	"\"nodes\":[{\"number\":0,\"kind\":\"input\"},{\"number\":1,"       \
	"\"kind\":\"output\",\"merge\":\"sum\"},{\"number\":2,"             \
	"\"kind\":\"conv\",\"merge\":\"sum\",\"filters\":9,\"kernel\":3,"   \
	"\"stride\":1,\"normalization\":\"batch\",\"activation\":\"relu\"," \
	"\"pooling\":\"max\",\"dropout\":0}],\"edges\":["                   \
	"{\"number\":0,\"from\":0,\"to\":2,\"enabled\":true},"              \
	"{\"number\":48,\"from\":2,\"to\":1,\"enabled\":true}],"            \
	"\"training\":{\"optimizer\":\"sgd\",\"learning_rate\":0.01,"       \
	"\"batch_size\":64,\"dropout\":0.1}}"
#define NARROW                                                     \
	"{\"seed_genomes\":[" GENOME "],\"max_parameters\":40000," \
	"\"max_mflop\":4,\"space\":{\"filters\":[4,32],\"kernel\":[3,5]}}"

static void restarts_keep_limits_ranges_and_known_genomes(void **state)
{
	(void)state;
	restarts_change_nothing(NARROW);
	open_world_with(&w, 3, NARROW);
	run_to_the_final(&w);
	assert_int_equal(w.records[0].genome->nodes[2].conv.filters, 9);
	for (int64_t id = 0; id < w.b.run.next_id; id++)
		assert_true(model_admits(w.records[id].genome,
			&w.b.run.settings.data, &w.b.run.settings.limits,
			NULL));
	close_world(&w);
}

static void an_elite_keeps_its_id_and_its_score(void **state)
{
	int elites = 0;

	(void)state;
	open_world(&w, 0);
	run_to_the_final(&w);
	for (size_t i = 0; i < POPULATION; i++) {
		const struct run_member *m = &w.b.run.members[i];

		elites += m->born < w.b.run.generation;
		assert_true(m->scored);
		assert_int_equal(m->fitness * 1000 + 0.5,
			(m->id * 37 + m->born * 11) % 700);
	}
	assert_true(elites > 0);
	assert_true(w.b.run.totals.evaluations < GENOMES_MAX);
	close_world(&w);
}

static void children_know_their_parents_and_mutations(void **state)
{
	unsigned seen = 0;

	(void)state;
	open_world(&w, 0);
	run_to_the_final(&w);
	for (int64_t id = 0; id < w.b.run.next_id; id++) {
		const struct run_member *m = &w.records[id];

		assert_int_equal(m->id, id);
		assert_int_equal(m->parents[0] >= 0, m->born > 0);
		assert_true(m->first_species >= 0);
		seen |= m->mutations;
	}
	assert_true(seen & 1); /* splits */
	close_world(&w);
}

static void the_census_counts_every_member_once(void **state)
{
	int64_t members = 0;
	struct run_species s;

	(void)state;
	open_world(&w, 0);
	run_to_the_final(&w);
	for (size_t i = 0; i < w.b.run.bred.n_species; i++) {
		run_census(&w.b.run, i, &s);
		members += s.size;
		assert_true(s.best >= s.mean && s.mean > 0);
		assert_true(s.born <= s.improved);
	}
	assert_int_equal(members, POPULATION);
	close_world(&w);
}

/* A species' progress as the census tells of it is what the next breeding
 * notes, which counts pressed fitness. */
static void the_census_sees_progress_as_breeding_does(void **state)
{
	const struct population *bred = &w.b.run.bred;
	int64_t told[GENOMES_MAX]; /* by species */
	int stood_still = 0, rose = 0;
	struct run_species s;

	(void)state;
	open_world_with(&w, 0, "{\"size_pressure\":0.02}");
	step(&w, (struct run_event){.kind = RUN_EV_CONTINUE});
	while (w.b.run.phase != PHASE_FINAL) {
		one_generation(&w);
		for (size_t i = 0; i < bred->n_species; i++) {
			const struct species *now = &bred->species[i];

			if (now->born < w.b.run.generation)
				assert_int_equal(now->improved, told[now->id]);
			run_census(&w.b.run, i, &s);
			told[s.id] = s.improved;
			stood_still += s.improved < w.b.run.generation;
			rose += s.born < s.improved;
		}
	}
	assert_true(stood_still > 0 && rose > 0);
	close_world(&w);
}

static void same_genomes(const struct population *a, const struct population *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_true(genome_equal(
			a->members[i].genome, b->members[i].genome));
}

/* Breeding prefers small graphs: as if each gene had cost fitness.  The scores
 * that are asked with stay what they are. */
static void size_pressure_counts_in_breeding_alone(void **state)
{
	struct generation_request q, priced;
	struct population by_pressure, by_price;

	(void)state;
	open_world(&w, 0);
	run_to_the_final(&w);
	run_next_generation(&w.b.run, &w.answer, &q);
	run_next_generation(&w.b.run, &w.answer, &priced);
	((struct neat_settings *)(void *)q.own)->size_pressure = 0.01;
	for (size_t i = 0; i < POPULATION; i++) {
		struct individual *m = &priced.now.members[i];
		double price = 0.01 * (double)(m->genome->n_nodes +
					       m->genome->n_edges);

		assert_true(
			q.now.members[i].fitness == w.b.run.members[i].fitness);
		m->fitness = m->fitness > price ? m->fitness - price : 0;
	}
	assert_int_equal(algorithm_next(&w.answer, &q, &by_pressure, NULL), 0);
	assert_int_equal(
		algorithm_next(&w.answer, &priced, &by_price, NULL), 0);
	same_genomes(&by_pressure, &by_price);
	close_world(&w);
}

/* An answer that breaks the rules ends the run, saying why. */
static void refused(struct population *p, const char *word)
{
	bench_hand_in(&w.b, p);
	assert_int_equal(w.b.run.state, RUN_FAILED);
	assert_non_null(strstr(w.b.run.error, word));
	close_world(&w);
}

static void an_answer_that_breaks_the_rules_ends_the_run(void **state)
{
	struct population *p;

	(void)state;
	for (int i = 0; i < 4; i++) {
		open_world(&w, 0);
		bench_send(&w.b, RUN_EV_CONTINUE);
		p = serve(&w);
		if (i == 0)
			p->n--;
		else if (i == 1)
			p->members[3].id = p->members[2].id;
		else if (i == 2)
			p->members[3].elite = 1;
		else
			p->members[3].parents[0] = 99;
		refused(p, i == 0   ? "genomes instead of"
			   : i == 1 ? "twice"
			   : i == 2 ? "called elite"
				    : "parent");
	}
}

static void members_without_a_species_are_refused(void **state)
{
	struct population *p;

	(void)state;
	open_world(&w, 0);
	bench_send(&w.b, RUN_EV_CONTINUE);
	p = serve(&w);
	p->members[3].species = -1;
	refused(p, "has no species");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(restarts_change_neither_digest_nor_species),
		cmocka_unit_test(restarts_keep_limits_ranges_and_known_genomes),
		cmocka_unit_test(an_elite_keeps_its_id_and_its_score),
		cmocka_unit_test(children_know_their_parents_and_mutations),
		cmocka_unit_test(the_census_counts_every_member_once),
		cmocka_unit_test(the_census_sees_progress_as_breeding_does),
		cmocka_unit_test(size_pressure_counts_in_breeding_alone),
		cmocka_unit_test(an_answer_that_breaks_the_rules_ends_the_run),
		cmocka_unit_test(members_without_a_species_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
