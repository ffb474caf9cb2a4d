/* test_digest.c -- what enters the digest, byte for byte, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/hash.h"
#include "neat/chain.h"
#include "run/digest.h"
#include "run_bench.h"

#define HASH "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

/* The lines of the run below, written by hand. */
#define SETTINGS_LINE(clip, schedule)                                  \
	"{\"algorithm\":\"truncation\","                               \
	"\"augment\":{\"crop\":0,\"erase\":0,\"flip\":false},"         \
	"\"batch_size\":64,\"clip_norm\":" clip ","                    \
	"\"dataset\":\"" HASH "\",\"elite\":1,\"epochs\":1,"           \
	"\"final_epochs\":3,\"fitness_threshold\":null,"               \
	"\"generations\":3,\"kernels\":\"avx2-2\","                    \
	"\"label_smoothing\":0,\"max_job_mb\":1024,"                   \
	"\"mutation_rate\":0.1,\"num_channels\":1,\"num_classes\":10," \
	"\"population\":4,\"px_h\":28,\"px_w\":28,"                    \
	"\"schedule\":\"" schedule "\",\"seed\":7,\"stagnation\":0,"   \
	"\"train_limit\":10000,\"validation_fraction\":0.1,"           \
	"\"weight_decay\":null}\n"
static const char settings_line[] = SETTINGS_LINE("0", "constant");
#define MEMBER_LINE(fitness, failure)                                        \
	"{\"failure\":" failure ",\"fitness\":" fitness                      \
	",\"generation\":2,\"genome\":{\"Activation Functions\":[\"relu\"]," \
	"\"Batch Size\":32,\"Dropout Rate\":0.25,\"Learning Rate\":0.001,"   \
	"\"Number of Convolutional Layers\":1,"                              \
	"\"Number of Fully Connected Layers\":1,"                            \
	"\"Number of Nodes in Each Layer\":[16],\"Optimizer\":\"sgd\","      \
	"\"filters\":[8],\"kernel_sizes\":[3],\"num_channels\":1,"           \
	"\"num_classes\":10,\"px_h\":28,\"px_w\":28},\"id\":5}\n"
static const char champion_line[] = "{\"champion\":5,\"correct\":9,"
				    "\"total\":10,\"weights\":\"" HASH "\"}\n";

static struct arena genomes; /* of the members */

static struct run some_run(void)
{
	struct run_settings s = bench_settings();
	struct run r;

	strcpy(s.dataset_hash, HASH);
	s.training.recipe = (struct recipe){.schedule = SCHEDULE_CONSTANT};
	s.final_augment = FINAL_AUGMENT_SAME;
	s.space = *space_default();
	run_init(&r, BENCH_UUID, &s);
	return r;
}

static struct run_member some_member(void)
{
	static const struct flat flat = {.data = {1, 28, 28, 10},
		.n_conv = 1,
		.n_dense = 1,
		.filters = {8},
		.kernels = {3},
		.nodes = {16},
		.n_activations = 1,
		.activations = {ACT_RELU},
		.dropout = 0.25,
		.learning_rate = 0.001,
		.batch_size = 32,
		.optimizer = OPT_SGD};

	return (struct run_member){.id = 5,
		.born = 2,
		.scored = 1,
		.fitness = 0.5,
		.genome = chain_from_flat(&genomes, &flat)};
}

static int open_genomes(void **state)
{
	(void)state;
	arena_init(&genomes, (size_t)1 << 20);
	return 0;
}

static int release_genomes(void **state)
{
	(void)state;
	arena_release(&genomes);
	return 0;
}

static void digest_is(
	const struct run *r, const struct run_member *m, const char *lines)
{
	char wanted[SHA256_HEX_BYTES], got[SHA256_HEX_BYTES];
	struct digest *d = digest_new(&r->settings);

	if (m)
		digest_member(d, r, m);
	digest_end(d, r, got);
	sha256_of(lines, strlen(lines), wanted);
	assert_string_equal(got, wanted);
}

static void first_line_is_the_settings_with_the_data_by_hash(void **state)
{
	struct run r = some_run();

	(void)state;
	digest_is(&r, NULL, settings_line);
	strcpy(r.settings.name, "another name");
	strcpy(r.settings.dataset, "/another/place");
	digest_is(&r, NULL, settings_line);
}

static void the_recipe_is_in_the_first_line(void **state)
{
	struct run r = some_run();

	(void)state;
	r.settings.training.recipe.clip_norm = 2.5;
	r.settings.training.recipe.schedule = SCHEDULE_ONE_CYCLE;
	digest_is(&r, NULL, SETTINGS_LINE("2.5", "one-cycle"));
}

static void genome_has_a_line_with_fitness_and_failure(void **state)
{
	struct run r = some_run();
	struct run_member m = some_member();
	char lines[2048];

	(void)state;
	strcpy(lines, settings_line);
	strcat(lines, MEMBER_LINE("0.5", "null"));
	digest_is(&r, &m, lines);
	m.fitness = 0;
	strcpy(m.failure, "memory");
	strcpy(lines, settings_line);
	strcat(lines, MEMBER_LINE("0", "\"memory\""));
	digest_is(&r, &m, lines);
}

static void unscored_genome_has_no_fitness(void **state)
{
	struct run r = some_run();
	struct run_member m = some_member();
	char lines[2048];

	(void)state;
	m.scored = 0;
	strcpy(lines, settings_line);
	strcat(lines, MEMBER_LINE("null", "null"));
	digest_is(&r, &m, lines);
}

static void champion_has_the_last_line_of_a_finished_run_alone(void **state)
{
	struct run r = some_run();
	struct run_member m = some_member();
	char lines[2048];

	(void)state;
	r.finalists[0] = m;
	r.n_finalists = 1;
	r.test_correct = 9;
	r.test_total = 10;
	strcpy(r.weights, HASH);
	strcpy(lines, settings_line);
	strcat(lines, MEMBER_LINE("0.5", "null"));
	r.state = RUN_CANCELLED;
	digest_is(&r, &m, lines);
	r.state = RUN_FINISHED;
	strcat(lines, champion_line);
	digest_is(&r, &m, lines);
}

static void time_and_work_do_not_enter(void **state)
{
	struct run r = some_run();

	(void)state;
	r.totals.cpu_s = 12;
	r.totals.images = 99;
	strcpy(r.uuid, "1f8fad5b-d9cb-469f-a165-70867728950e");
	digest_is(&r, NULL, settings_line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			first_line_is_the_settings_with_the_data_by_hash),
		cmocka_unit_test(the_recipe_is_in_the_first_line),
		cmocka_unit_test(genome_has_a_line_with_fitness_and_failure),
		cmocka_unit_test(unscored_genome_has_no_fitness),
		cmocka_unit_test(
			champion_has_the_last_line_of_a_finished_run_alone),
		cmocka_unit_test(time_and_work_do_not_enter),
	};

	return cmocka_run_group_tests(tests, open_genomes, release_genomes);
}
