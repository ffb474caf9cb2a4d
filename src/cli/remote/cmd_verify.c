/* cmd_verify.c -- `nevod verify`: genomes of a run, drawn at random, are
 * trained again, and what the store has of them must be what comes out, bit for
 * bit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "cli/client/broker_client.h"
#include "cli/client/evolutioner_client.h"
#include "cli/options/command.h"
#include "cli/remote/train_again.h"
#include "cli/view/report.h"
#include "wire/job_json.h"

#define SAMPLE 5
#define PAGE 500
#define TRAININGS_MAX (RUNG_PILOT_MIRRORED + 1 + SETTINGS_FOLDS_MAX)

static const struct option own_options[] = {
	{"sample", OPTION_INT, 0, 1000000, "N", "how many genomes; 0: all (5)"},
	{"seed", OPTION_INT, 0, (double)RNG_SEED_MAX, "S",
		"which they are: another seed, others (random)"},
	{"json", OPTION_FLAG, 0, 0, NULL, "print what was found as JSON"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

struct verifying {
	struct broker_client broker;
	struct evolutioner_client evolutioner;
	char run[UUID_TEXT_BYTES];
	int64_t seed;
	int quiet;
	int64_t *ids; /* of the scored genomes, then of the sample alone */
	size_t n, sample;
	size_t count[AGAIN_IMPOSSIBLE + 1]; /* genomes of each verdict */
	json_t *trainings;
};

/* -- which genomes -- */

static int take_ids(struct verifying *v, const json_t *page, struct err *e)
{
	const json_t *items = json_object_get(page, "items"), *item;
	size_t i;

	v->ids = xrealloc(
		v->ids, (v->n + json_array_size(items)) * sizeof *v->ids + 1);
	json_array_foreach((json_t *)items, i, item) {
		const char *state;
		int64_t id;
		int rc = doc_int(item, "", "id", 0, INT64_MAX, &id, e);

		if (rc == 0)
			rc = doc_str(item, "", "state", 1, 32, &state, e);
		if (rc)
			return rc;
		if (strcmp(state, "scored") == 0)
			v->ids[v->n++] = id;
	}
	return 0;
}

static int list_scored(struct verifying *v, struct err *e)
{
	int64_t after = -1;
	int rc = 0, more = 1;
	json_t *page;

	while (rc == 0 && more) {
		rc = broker_get(&v->broker, &page, e,
			"/v1/runs/%s/genomes?limit=%d&after=%lld", v->run, PAGE,
			(long long)after);
		if (rc)
			return rc;
		rc = take_ids(v, page, e);
		more = doc_integer(json_object_get(page, "next"), &after);
		json_decref(page);
	}
	if (rc == 0 && v->n == 0)
		rc = err_set(e, ERR_NOT_FOUND,
			"run %s has no genome that is scored", v->run);
	return rc;
}

static int compare_ids(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Draws without putting back; the sample is then in order of id. */
static void draw(struct verifying *v, int64_t wanted)
{
	struct rng r;

	v->sample = wanted == 0 || (size_t)wanted > v->n ? v->n
							 : (size_t)wanted;
	rng_stream(&r, (uint64_t)v->seed, 0, 0);
	for (size_t i = 0; i < v->sample; i++) {
		const size_t k = i + rng_below(&r, v->n - i);
		const int64_t id = v->ids[k];

		v->ids[k] = v->ids[i];
		v->ids[i] = id;
	}
	qsort(v->ids, v->sample, sizeof *v->ids, compare_ids);
}

/* -- one genome -- */

/* The rungs that it has results of, in rungs[0..*n-1]. */
static int add_rung(const json_t *result, int *rungs, int *n, struct err *e)
{
	struct job_id id;
	const char *text;
	int rung, rc = doc_str(result, "", "id", 1, JOB_ID_MAX - 1, &text, e);

	if (rc == 0)
		rc = job_id_read(text, &id, e);
	if (rc)
		return rc;
	rung = id.fold ? RUNG_FOLD + id.fold - 1 : id.rung;
	for (int i = 0; i < *n; i++)
		if (rungs[i] == rung)
			return 0;
	if (*n < TRAININGS_MAX)
		rungs[(*n)++] = rung;
	return 0;
}

static int list_rungs(const json_t *genome, int *rungs, int *n, struct err *e)
{
	const json_t *own = json_object_get(genome, "result"), *result;
	size_t i;
	int rc = 0;

	*n = 0;
	json_array_foreach(json_object_get(genome, "rungs"), i, result)
		if (rc == 0)
			rc = add_rung(result, rungs, n, e);
	return rc || !json_is_object(own) ? rc : add_rung(own, rungs, n, e);
}

static void tell(struct verifying *v, size_t i, int rung, const struct again *a)
{
	json_array_append_new(v->trainings,
		json_pack("{s:I,s:i,s:s,s:s?}", "genome", (json_int_t)v->ids[i],
			"rung", rung, "verdict", again_verdict_name(a->verdict),
			"reason", a->text[0] ? a->text : NULL));
	if (v->quiet)
		return;
	printf("%zu of %zu: genome %lld, rung %d: ", i + 1, v->sample,
		(long long)v->ids[i], rung);
	if (a->verdict != AGAIN_IMPOSSIBLE)
		printf("%.2f%%, ", 100 * a->fitness);
	if (a->verdict != AGAIN_IMPOSSIBLE && a->loss >= 0)
		printf("loss %.4f, ", a->loss);
	printf("%s%s%s\n", again_verdict_name(a->verdict),
		a->text[0] ? ": " : "", a->text);
	fflush(stdout);
}

/* A genome differs if one of its trainings does, and agrees if one does and
 * none differs. */
static enum again_verdict join(enum again_verdict a, enum again_verdict b)
{
	if (a == AGAIN_DIFFERS || b == AGAIN_DIFFERS)
		return AGAIN_DIFFERS;
	return a == AGAIN_AGREES || b == AGAIN_AGREES ? AGAIN_AGREES
						      : AGAIN_IMPOSSIBLE;
}

/* The genome's own row repeats what its last training in the search gave, or
 * has the mean of its folds, which are the last of all. */
static int is_last(const int *rungs, int n, int i)
{
	if (rungs[n - 1] >= RUNG_FOLD)
		return i + 1 == n;
	return rungs[i] < RUNG_FINALIST &&
	       (i + 1 == n || rungs[i + 1] >= RUNG_FINALIST);
}

/* One fold that fails is a failure of the genome, whatever the others say. */
static int has_failed(const json_t *genome)
{
	return json_is_string(json_object_get(genome, "failure"));
}

static int verify_trainings(struct verifying *v, size_t i, const json_t *genome,
	enum again_verdict *all, struct err *e)
{
	const double fitness = json_number_value(
		json_object_get(genome, "fitness"));
	int rungs[TRAININGS_MAX], n, folds = 0;
	int rc = list_rungs(genome, rungs, &n, e);
	double sum = 0;

	for (int k = 0; rc == 0 && k < n; k++) {
		struct again a;

		rc = train_again(&v->broker, &v->evolutioner, v->run, v->ids[i],
			rungs[k], &a, e);
		if (rc)
			return rc;
		if (rungs[k] >= RUNG_FOLD) {
			sum += a.fitness;
			folds++;
		}
		if (a.verdict == AGAIN_AGREES && is_last(rungs, n, k) &&
			(rungs[k] < RUNG_FOLD || !has_failed(genome)))
			again_compare(&a, "the genome's fitness", fitness,
				rungs[k] < RUNG_FOLD ? a.fitness : sum / folds);
		tell(v, i, rungs[k], &a);
		*all = join(*all, a.verdict);
	}
	return rc;
}

static int verify_genome(struct verifying *v, size_t i, struct err *e)
{
	enum again_verdict all = AGAIN_IMPOSSIBLE;
	json_t *genome;
	int rc = broker_get(&v->broker, &genome, e, "/v1/runs/%s/genomes/%lld",
		v->run, (long long)v->ids[i]);

	if (rc)
		return rc;
	rc = verify_trainings(v, i, genome, &all, e);
	json_decref(genome);
	if (rc == 0)
		v->count[all]++;
	return rc;
}

/* -- what came of it -- */

static int print_json(struct verifying *v, struct err *e)
{
	return report_print_json(
		json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:O}", "uuid", v->run,
			"seed", (json_int_t)v->seed, "scored", (json_int_t)v->n,
			"sample", (json_int_t)v->sample, "agree",
			(json_int_t)v->count[AGAIN_AGREES], "differ",
			(json_int_t)v->count[AGAIN_DIFFERS], "impossible",
			(json_int_t)v->count[AGAIN_IMPOSSIBLE], "trainings",
			v->trainings),
		e);
}

static void print_summary(const struct verifying *v)
{
	const size_t impossible = v->count[AGAIN_IMPOSSIBLE];
	const json_t *t;
	size_t i;

	json_array_foreach(v->trainings, i, t)
		if (strcmp(json_string_value(json_object_get(t, "verdict")),
			    "differs") == 0)
			printf("genome %lld is not what it was at rung %d\n",
				(long long)json_integer_value(
					json_object_get(t, "genome")),
				(int)json_integer_value(
					json_object_get(t, "rung")));
	printf("%zu of %zu agree", v->count[AGAIN_AGREES], v->sample);
	if (impossible)
		printf(", %zu cannot be trained again", impossible);
	putchar('\n');
}

static int verify(const struct options *o, struct verifying *v, struct err *e)
{
	static const char *const states[] = {"finished", NULL};
	int rc = broker_pick_run(
		&v->broker, o->n_args ? o->args[0] : NULL, states, v->run, e);

	if (rc == 0)
		rc = list_scored(v, e);
	if (rc)
		return rc;
	v->seed = options_int(o, "seed", -1);
	if (v->seed < 0)
		v->seed = rng_seed_random();
	draw(v, options_int(o, "sample", SAMPLE));
	if (!v->quiet)
		printf("%zu of %zu genomes of run %s, drawn by --seed %lld\n",
			v->sample, v->n, v->run, (long long)v->seed);
	for (size_t i = 0; rc == 0 && i < v->sample; i++)
		rc = verify_genome(v, i, e);
	if (rc == 0 && v->quiet)
		rc = print_json(v, e);
	else if (rc == 0)
		print_summary(v);
	return rc;
}

static int run_verify(const struct options *o)
{
	struct verifying v = {
		.trainings = json_array(), .quiet = options_flag(o, "json")};
	struct err e;
	int rc = broker_client_open(&v.broker, o, &e);

	if (rc == 0)
		rc = evolutioner_client_open(&v.evolutioner, o, &v.broker, &e);
	if (rc == 0)
		rc = verify(o, &v, &e);
	json_decref(v.trainings);
	free(v.ids);
	if (rc)
		return command_fail(&e);
	return v.count[AGAIN_AGREES] > 0 && v.count[AGAIN_DIFFERS] == 0
		       ? EXIT_OK
		       : EXIT_FAILED;
}

static const struct option_group groups[] = {
	{"Sample", .options = own_options},
	{"Services", .options = options_evolutioner},
	{"Broker", .options = options_client},
	{.title = NULL},
};

const struct command command_verify = {
	.name = "verify",
	.args = "[RUN]",
	.summary = "train genomes of a run again and compare every bit",
	.details =
		"Without RUN it takes the newest finished run.  Of each "
		"genome of the sample all\ntrainings are done again, those "
		"of a finalist included; the status is 1 if the\nstore has "
		"anything else of one, or if none could be done.  What a "
		"network\ninherited may be gone; such trainings are named and "
		"passed over.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_verify,
};
