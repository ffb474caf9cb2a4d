/* run_restore.c -- a run as a document, and back to the very same run.
 *
 * Doubles survive because canonical numbers read back to the same bits.  What
 * comes back is checked against the invariants of a run: the rest of run/ leans
 * on them. */
#include "run/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "model/job.h"
#include "run/run_private.h"
#include "wire/population_json.h"

#define NUMBER_MAX RNG_SEED_MAX
#define WORK_MAX 1e300 /* of sums of bounded numbers */

static const char *state_name(int s)
{
	return s < RUN_STATES ? run_state_name((enum run_state)s) : NULL;
}

static const char *phase_name(int p)
{
	return p < RUN_PHASES ? run_phase_name((enum run_phase)p) : NULL;
}

#define NUMBER(key_, at_)                                        \
	{                                                        \
		.key = (key_), .type = FIELD_WHOLE, .at = (at_), \
		.hi = NUMBER_MAX                                 \
	}
#define REAL(key_, at_, hi_)                                                \
	{                                                                   \
		.key = (key_), .type = FIELD_REAL, .at = (at_), .hi = (hi_) \
	}
/* -- finalists -- */

struct finalist {
	int64_t id, born, parents[2];
	double fitness;
	int rungs, tried, mirrored;
	double loss, trial_loss;
	char failure[FAILURE_CODE_MAX];
	struct genome_doc genome;
};

/* Two numbers, -1 where there is no parent. */
static int read_pair(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	int64_t *out = (int64_t *)((char *)s + f->at);

	(void)r;
	if (json_array_size(v) != 2 ||
		!doc_integer(json_array_get(v, 0), &out[0]) ||
		!doc_integer(json_array_get(v, 1), &out[1]))
		return err_at(e, ERR_INVALID, at, NULL,
			"the parents are not two ids");
	return 0;
}

static json_t *write_pair(const struct field *f, const void *s)
{
	const int64_t *x = (const int64_t *)((const char *)s + f->at);

	return json_pack("[I, I]", (json_int_t)x[0], (json_int_t)x[1]);
}

static const struct field_codec pair = {.read = read_pair, .write = write_pair};

#define AT(member) offsetof(struct finalist, member)

static const struct field finalist_rows[] = {
	NUMBER("id", AT(id)),
	NUMBER("born", AT(born)),
	{.key = "parents",
		.type = FIELD_OWN,
		.at = AT(parents),
		.codec = &pair},
	REAL("fitness", AT(fitness), 1),
	{.key = "rungs",
		.type = FIELD_INT,
		.at = AT(rungs),
		.hi = SETTINGS_RUNGS_MAX,
		.before = "0",
		.since = 1},
	{.key = "tried",
		.type = FIELD_FLAG,
		.at = AT(tried),
		.before = "false",
		.since = 1},
	{.key = "mirrored",
		.type = FIELD_FLAG,
		.at = AT(mirrored),
		.before = "false",
		.since = 1},
	{.key = "loss",
		.type = FIELD_REAL,
		.at = AT(loss),
		.hi = JOB_LOSS_MAX,
		.before = "0",
		.since = 1},
	{.key = "trial_loss",
		.type = FIELD_REAL,
		.at = AT(trial_loss),
		.hi = JOB_LOSS_MAX,
		.before = "0",
		.since = 1},
	{.key = "failure",
		.type = FIELD_TEXT,
		.at = AT(failure),
		.hi = FAILURE_CODE_MAX - 1,
		.before = "",
		.since = 1},
	{.key = "genome",
		.type = FIELD_OWN,
		.at = AT(genome),
		.codec = &genome_codec},
};
static const struct fields finalist_fields = {
	FIELDS(struct finalist, finalist_rows), .what = "a finalist"};

static int read_finalists(const struct field *f, const json_t *v,
	const char *at, const struct field_reader *r, void *s, struct err *e)
{
	struct run *run = s;
	struct finalist *list;
	void *read;
	size_t n;
	int rc = fields_read_list(
		&finalist_fields, v, at, 0, (size_t)f->hi, r, &read, &n, e);

	if (rc)
		return rc;
	list = read;
	for (size_t i = 0; i < n; i++) {
		struct run_member *m = &run->finalists[i];

		*m = (struct run_member){.id = list[i].id,
			.born = list[i].born,
			.parents = {list[i].parents[0], list[i].parents[1]},
			.genome = list[i].genome.graph,
			.rungs = list[i].rungs,
			.scored = 1,
			.fitness = list[i].fitness,
			.tried = list[i].tried,
			.mirrored = list[i].mirrored,
			.trial_loss = list[i].trial_loss};
		memcpy(m->failure, list[i].failure, sizeof m->failure);
		if (m->rungs > 0)
			m->losses[m->rungs - 1] = list[i].loss;
	}
	run->n_finalists = (int)n;
	return 0;
}

static json_t *write_finalists(const struct field *f, const void *s)
{
	const struct run *r = s;
	json_t *list = json_array();

	(void)f;
	for (int i = 0; i < r->n_finalists; i++) {
		const struct run_member *m = &r->finalists[i];
		struct finalist x = {.id = m->id,
			.born = m->born,
			.parents = {m->parents[0], m->parents[1]},
			.fitness = m->fitness,
			.rungs = m->rungs,
			.tried = m->tried,
			.mirrored = m->mirrored,
			.trial_loss = m->trial_loss,
			.genome = run_genome(r, m)};

		memcpy(x.failure, m->failure, sizeof x.failure);
		if (m->rungs > 0 && run_ranks_by_work(r))
			x.loss = m->losses[m->rungs - 1];
		json_array_append_new(
			list, fields_write(&finalist_fields, FIELD_KEEP, &x));
	}
	return list;
}

static const struct field_codec finalists = {
	.read = read_finalists, .write = write_finalists};

/* -- what outlives a generation, where the algorithm has it -- */

static int read_state(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct run *run = s;

	if (!settings_algorithm(&run->settings)->species)
		return 0;
	if (!v)
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" is required (an object)", f->key);
	return fields_read(&state_fields, v, at, r, &run->bred, e);
}

static json_t *write_state(const struct field *f, const void *s)
{
	const struct run *run = s;

	(void)f;
	return settings_algorithm(&run->settings)->species
		       ? fields_write(&state_fields, FIELD_KEEP, &run->bred)
		       : NULL;
}

static const struct field_codec state = {
	.read = read_state, .write = write_state};

/* -- the document -- */

#undef AT
#define AT(member) offsetof(struct run_totals, member)
/* A number that came later. */
#define LATER(key_, at_)                                         \
	{                                                        \
		.key = (key_), .type = FIELD_WHOLE, .at = (at_), \
		.hi = NUMBER_MAX, .before = "0", .since = 1      \
	}

static const struct field totals_rows[] = {
	NUMBER("evaluations", AT(evaluations)),
	NUMBER("failures", AT(failures)),
	NUMBER("images", AT(images)),
	REAL("flops", AT(flops), WORK_MAX),
	REAL("cpu_s", AT(cpu_s), WORK_MAX),
	{.key = "raised",
		.type = FIELD_REAL,
		.at = AT(raised),
		.hi = WORK_MAX,
		.before = "0",
		.since = 1},
	LATER("planned", AT(planned)),
	LATER("cached", AT(cached)),
};
static const struct fields totals_fields = {
	FIELDS(struct run_totals, totals_rows)};

#undef AT
#define AT(member) offsetof(struct run, member)
#define TEXT_OF(member)                                               \
	{                                                             \
		.key = #member, .type = FIELD_TEXT, .at = AT(member), \
		.hi = sizeof(((struct run *)0)->member) - 1           \
	}

#define PILOT_LOSS(key_, at_)                                             \
	{                                                                 \
		.key = (key_), .type = FIELD_REAL, .at = (at_), .lo = -1, \
		.hi = JOB_LOSS_MAX, .before = "-1", .since = 1            \
	}

static const struct field rows[] = {
	{.key = "state",
		.type = FIELD_NAME,
		.at = AT(state),
		.name = state_name},
	{.key = "phase",
		.type = FIELD_NAME,
		.at = AT(phase),
		.name = phase_name},
	TEXT_OF(stop_reason),
	TEXT_OF(error),
	{.key = "generation",
		.type = FIELD_WHOLE,
		.at = AT(generation),
		.lo = -1,
		.hi = NUMBER_MAX},
	NUMBER("next_id", AT(next_id)),
	REAL("best", AT(best), 1),
	REAL("mean", AT(mean), 1),
	NUMBER("best_since", AT(best_since)),
	{.key = "finalists",
		.type = FIELD_OWN,
		.hi = RUN_FINALISTS_MAX,
		.codec = &finalists},
	{.key = "finalist",
		.type = FIELD_INT,
		.at = AT(finalist),
		.hi = RUN_FINALISTS_MAX - 1},
	{.key = "trials",
		.type = FIELD_INT,
		.at = AT(trials),
		.hi = RUN_FINALISTS_MAX,
		.before = "0",
		.since = 1},
	{.key = "piloting",
		.type = FIELD_FLAG,
		.at = AT(piloting),
		.before = "false",
		.since = 1},
	PILOT_LOSS("pilot_loss", AT(pilot_losses[0])),
	PILOT_LOSS("pilot_mirrored_loss", AT(pilot_losses[1])),
	LATER("searched", AT(searched)),
	NUMBER("test_correct", AT(test_correct)),
	NUMBER("test_total", AT(test_total)),
	NUMBER("parameters", AT(parameters)),
	TEXT_OF(weights),
	{.key = "totals",
		.type = FIELD_OBJECT,
		.at = AT(totals),
		.of = &totals_fields},
	{.key = "neat", .type = FIELD_OWN, .codec = &state},
};
static const struct fields run_fields = {
	FIELDS(struct run, rows), .what = "the run"};

json_t *run_document(const struct run *r)
{
	return fields_write(&run_fields, FIELD_KEEP, r);
}

/* -- in -- */

static int damaged(struct err *e, const struct err *why)
{
	return err_at(e, ERR_INVALID, why->where, NULL,
		"the stored run is damaged: %.300s", why->text);
}

/* What is read lies in `mem`, and then, what outlives it, in the run's own
 * arenas. */
static int read_run(struct run *out, struct arena *mem, const json_t *settings,
	const json_t *document, struct err *e)
{
	const struct field_reader r = {.origin = FIELD_STORED, .mem = mem};
	struct run run = {.state = 0};
	int rc = settings_restore(settings, &run.settings, e);

	if (rc == 0)
		rc = fields_read(&run_fields, document, "", &r, &run, e);
	if (rc) {
		settings_release(&run.settings);
		return rc;
	}
	run_init_arenas(&run);
	run_keep_finalists(&run);
	run_weigh(&run, run.finalists, (size_t)run.n_finalists);
	run_settle(&run, NULL, 0, &run.bred);
	*out = run;
	return 0;
}

int run_glance(struct run *r, const char *uuid, const json_t *settings,
	const json_t *document, struct err *e)
{
	struct run out = {.state = 0};
	struct err why = {0};
	struct arena mem;
	int rc;

	arena_init(&mem, RUN_GENOMES_BYTES_MAX);
	rc = read_run(&out, &mem, settings, document, &why);
	arena_release(&mem);
	if (rc)
		return damaged(e, &why);
	if (!uuid_parse(uuid, out.uuid)) {
		run_release(&out);
		return err_set(e, ERR_INVALID, "the stored run has no uuid");
	}
	*r = out;
	return 0;
}

int run_restore(struct run *r, const char *uuid, const json_t *settings,
	const json_t *document, struct run_member *members, size_t n,
	struct err *e)
{
	struct err why = {0};
	struct run out;
	int rc = run_glance(&out, uuid, settings, document, e);

	if (rc)
		return rc;
	out.members = members;
	out.n_members = n;
	if (n > 0)
		qsort(members, n, sizeof *members, run_member_compare);
	run_weigh(&out, members, n);
	run_count_waiting(&out);
	rc = run_check(&out, &why);
	out.members = NULL; /* still the caller's */
	if (rc) {
		run_release(&out);
		return damaged(e, &why);
	}
	run_settle(&out, members, n, &out.bred);
	*r = out;
	return 0;
}
