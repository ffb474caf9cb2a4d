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
#include "run/run_private.h"

#define ID_MAX RNG_SEED_MAX
#define WORK_MAX 1e300 /* of sums of bounded numbers */

/* -- out -- */

static json_t *finalist_write(const struct run_member *m)
{
	return json_pack("{s:I, s:I, s:[I, I], s:f, s:o}", "id",
		(json_int_t)m->id, "born", (json_int_t)m->born, "parents",
		(json_int_t)m->parents[0], (json_int_t)m->parents[1], "fitness",
		m->fitness, "genome", genome_doc_write(&m->genome));
}

static json_t *totals_write(const struct run_totals *t)
{
	return json_pack("{s:I, s:I, s:I, s:f, s:f}", "evaluations",
		(json_int_t)t->evaluations, "failures", (json_int_t)t->failures,
		"images", (json_int_t)t->images, "flops", t->flops, "cpu_s",
		t->cpu_s);
}

json_t *run_document(const struct run *r)
{
	json_t *finalists = json_array();

	for (int i = 0; i < r->n_finalists; i++)
		json_array_append_new(
			finalists, finalist_write(&r->finalists[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:f, s:f, s:I, s:o, "
			 "s:i, s:I, s:I, s:I, s:s, s:o, s:o*}",
		"state", run_state_name(r->state), "phase",
		run_phase_name(r->phase), "stop_reason", r->stop_reason,
		"error", r->error, "generation", (json_int_t)r->generation,
		"next_id", (json_int_t)r->next_id, "best", r->best, "mean",
		r->mean, "best_since", (json_int_t)r->best_since, "finalists",
		finalists, "finalist", r->finalist, "test_correct",
		(json_int_t)r->test_correct, "test_total",
		(json_int_t)r->test_total, "parameters",
		(json_int_t)r->parameters, "weights", r->weights, "totals",
		totals_write(&r->totals), "neat",
		settings_neat(&r->settings) ? neat_state_write(&r->neat)
					    : NULL);
}

/* -- in -- */

static int read_text(const json_t *v, const char *name, char *out, size_t size,
	struct err *e)
{
	const char *s;
	int rc = doc_str(v, "", name, 0, size - 1, &s, e);

	if (rc == 0)
		memcpy(out, s, strlen(s) + 1);
	return rc;
}

static int read_states(const json_t *v, struct run *r, struct err *e)
{
	char state[16], phase[16];
	int rc = read_text(v, "state", state, sizeof state, e);

	if (rc == 0)
		rc = read_text(v, "phase", phase, sizeof phase, e);
	if (rc)
		return rc;
	while (r->state < RUN_STATES &&
		strcmp(state, run_state_name(r->state)) != 0)
		r->state++;
	while (r->phase < RUN_PHASES &&
		strcmp(phase, run_phase_name(r->phase)) != 0)
		r->phase++;
	if (r->state == RUN_STATES || r->phase == RUN_PHASES)
		return err_set(e, ERR_INVALID,
			"the state or the phase has an unknown name");
	return 0;
}

static int read_texts(const json_t *v, struct run *r, struct err *e)
{
	int rc = read_text(
		v, "stop_reason", r->stop_reason, sizeof r->stop_reason, e);

	if (rc == 0)
		rc = read_text(v, "error", r->error, sizeof r->error, e);
	if (rc == 0)
		rc = read_text(v, "weights", r->weights, sizeof r->weights, e);
	return rc;
}

static int read_numbers(const json_t *v, struct run *r, struct err *e)
{
	struct {
		const char *name;
		int64_t lo, *out;
	} const ints[] = {{"generation", -1, &r->generation},
		{"next_id", 0, &r->next_id}, {"best_since", 0, &r->best_since},
		{"test_correct", 0, &r->test_correct},
		{"test_total", 0, &r->test_total},
		{"parameters", 0, &r->parameters}};
	int rc = doc_real(v, "", "best", 0, 1, &r->best, e);

	if (rc == 0)
		rc = doc_real(v, "", "mean", 0, 1, &r->mean, e);
	for (size_t i = 0; rc == 0 && i < sizeof ints / sizeof *ints; i++)
		rc = doc_int(v, "", ints[i].name, ints[i].lo, ID_MAX,
			ints[i].out, e);
	return rc;
}

static int read_totals(const json_t *v, struct run_totals *t, struct err *e)
{
	static const char at[] = "/totals";
	const json_t *o;
	int rc = doc_obj(v, "", "totals", &o, e);

	if (rc == 0)
		rc = doc_int(
			o, at, "evaluations", 0, ID_MAX, &t->evaluations, e);
	if (rc == 0)
		rc = doc_int(o, at, "failures", 0, ID_MAX, &t->failures, e);
	if (rc == 0)
		rc = doc_int(o, at, "images", 0, ID_MAX, &t->images, e);
	if (rc == 0)
		rc = doc_real(o, at, "flops", 0, WORK_MAX, &t->flops, e);
	if (rc == 0)
		rc = doc_real(o, at, "cpu_s", 0, WORK_MAX, &t->cpu_s, e);
	return rc;
}

static int read_parents(const json_t *v, int64_t out[2], struct err *e)
{
	const json_t *list;
	int rc = doc_list(v, "/finalists", "parents", 2, 2, &list, e);

	for (size_t i = 0; rc == 0 && i < 2; i++) {
		const json_t *id = json_array_get(list, i);

		if (!json_is_integer(id))
			return err_at(e, ERR_INVALID, "/finalists", "parents",
				"a parent is not an id");
		out[i] = json_integer_value(id);
	}
	return rc;
}

static int read_finalist(
	struct arena *mem, const json_t *v, struct run_member *m, struct err *e)
{
	static const char at[] = "/finalists";
	int rc = doc_int(v, at, "id", 0, ID_MAX, &m->id, e);

	if (rc == 0)
		rc = doc_int(v, at, "born", 0, ID_MAX, &m->born, e);
	if (rc == 0)
		rc = doc_real(v, at, "fitness", 0, 1, &m->fitness, e);
	if (rc == 0)
		rc = read_parents(v, m->parents, e);
	if (rc == 0)
		rc = genome_doc_read(
			json_object_get(v, "genome"), at, mem, &m->genome, e);
	m->scored = 1;
	return rc;
}

static int read_finalists(const json_t *v, struct run *r, struct err *e)
{
	const json_t *list, *one;
	int64_t finalist = 0;
	size_t i;
	int rc = doc_list(v, "", "finalists", 0, RUN_FINALISTS, &list, e);

	if (rc)
		return rc;
	json_array_foreach(list, i, one) {
		rc = read_finalist(
			&r->finalists_genomes, one, &r->finalists[i], e);
		if (rc)
			return rc;
	}
	r->n_finalists = (int)json_array_size(list);
	rc = doc_int(v, "", "finalist", 0,
		r->n_finalists ? r->n_finalists - 1 : 0, &finalist, e);
	r->finalist = (int)finalist;
	return rc;
}

/* -- what must hold -- */

static int members_hold(const struct run *r)
{
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];

		if (m->id < 0 || m->id >= r->next_id || m->born < 0 ||
			m->born > r->generation ||
			!genome_doc_valid(&m->genome) ||
			(m->genome.layers != NULL) !=
				settings_neat(&r->settings) ||
			(i > 0 && m->id == m[-1].id) ||
			!(m->fitness >= 0 && m->fitness <= 1))
			return 0;
	}
	return (int64_t)r->n_members ==
	       (r->generation < 0 ? 0 : r->settings.population);
}

static int phase_holds(const struct run *r)
{
	int over = r->state != RUN_CREATED && r->state != RUN_RUNNING &&
		   r->state != RUN_PAUSED;

	if (over != (r->phase == PHASE_OVER))
		return 0;
	if (r->state == RUN_CREATED && r->generation != -1)
		return 0;
	if (r->phase == PHASE_FINAL || r->state == RUN_FINISHED)
		return r->n_finalists > 0 && run_generation_scored(r);
	if (r->phase == PHASE_BREEDING)
		return run_generation_scored(r);
	return over || !run_generation_scored(r);
}

static int read_run(
	struct run *r, const json_t *settings, const json_t *v, struct err *e)
{
	int rc = settings_restore(settings, &r->settings, e);

	if (rc == 0)
		rc = read_states(v, r, e);
	if (rc == 0)
		rc = read_texts(v, r, e);
	if (rc == 0)
		rc = read_numbers(v, r, e);
	if (rc == 0)
		rc = read_totals(v, &r->totals, e);
	if (rc == 0)
		rc = read_finalists(v, r, e);
	if (rc == 0 && settings_neat(&r->settings))
		rc = neat_state_read(&r->genomes, v, "", "neat", &r->neat, e);
	return rc;
}

static int damaged(struct err *e, const struct err *why)
{
	return err_at(e, ERR_INVALID, why->where, NULL,
		"the stored run is damaged: %.300s", why->text);
}

int run_glance(struct run *r, const char *uuid, const json_t *settings,
	const json_t *document, struct err *e)
{
	struct run out = {.state = 0};
	struct err why = {0};
	int rc = 0;

	run_init_arenas(&out);
	if (read_run(&out, settings, document, &why))
		rc = damaged(e, &why);
	else if (!uuid_parse(uuid, out.uuid))
		rc = err_set(e, ERR_INVALID, "the stored run has no uuid");
	if (rc)
		run_release(&out);
	else
		*r = out;
	return rc;
}

int run_restore(struct run *r, const char *uuid, const json_t *settings,
	const json_t *document, struct run_member *members, size_t n,
	struct err *e)
{
	struct run out;
	int rc = run_glance(&out, uuid, settings, document, e);

	if (rc)
		return rc;
	out.members = members;
	out.n_members = n;
	if (n > 0)
		qsort(members, n, sizeof *members, run_member_compare);
	if (!members_hold(&out) || !phase_holds(&out)) {
		out.members = NULL; /* still the caller's */
		run_release(&out);
		return err_set(e, ERR_INVALID,
			"the stored run is damaged: its members do not fit "
			"its state");
	}
	out.members = NULL;
	run_settle(&out, members, n,
		settings_neat(&out.settings) ? &out.neat : NULL);
	*r = out;
	return 0;
}
