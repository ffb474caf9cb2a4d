/* run_check.c -- the invariants of a run. */
#include "run/run.h"

#include <inttypes.h>

#include "run/run_private.h"

int run_genome_valid(const struct run *r, const struct run_member *m)
{
	const struct genome_doc g = run_genome(r, m);

	return genome_doc_valid(&g);
}

static int check_member(
	const struct run *r, const struct run_member *m, struct err *e)
{
	if (m->id < 0 || m->id >= r->next_id)
		return err_set(e, ERR_INVALID,
			"genome %" PRId64 " is not below the next id %" PRId64,
			m->id, r->next_id);
	if (m->born < 0 || m->born > r->generation)
		return err_set(e, ERR_INVALID,
			"genome %" PRId64 " was born in generation %" PRId64
			" of %" PRId64,
			m->id, m->born, r->generation);
	if (!run_genome_valid(r, m))
		return err_set(e, ERR_INVALID,
			"genome %" PRId64 " is out of bounds", m->id);
	if (!run_folds_hold(r, m))
		return err_set(e, ERR_INVALID,
			"genome %" PRId64
			" has folds that do not fit its state",
			m->id);
	if (!(m->fitness >= 0 && m->fitness <= 1))
		return err_set(e, ERR_INVALID,
			"genome %" PRId64 " has a fitness that is none", m->id);
	return 0;
}

static int check_members(const struct run *r, struct err *e)
{
	int64_t wanted = r->generation < 0 ? 0 : r->settings.population;

	if ((int64_t)r->n_members != wanted)
		return err_set(e, ERR_INVALID,
			"it has %zu members instead of %" PRId64, r->n_members,
			wanted);
	for (size_t i = 0; i < r->n_members; i++) {
		int rc = check_member(r, &r->members[i], e);

		if (rc)
			return rc;
		if (i > 0 && r->members[i].id <= r->members[i - 1].id)
			return err_set(e, ERR_INVALID,
				"genome %" PRId64 " is there twice, or out of "
				"order",
				r->members[i].id);
	}
	return 0;
}

/* One is still open, and no finalist has been trained before; or the run was
 * ended meanwhile. */
static int pilots_hold(const struct run *r)
{
	return !r->piloting || r->phase == PHASE_OVER ||
	       (r->phase == PHASE_FINALISTS && run_pilots_done(r) < 2 &&
		       run_trials_done(r) == 0);
}

/* What the phase waits for is still open, and what it rests on is there. */
static int phase_holds(const struct run *r)
{
	int scored = run_generation_scored(r);

	if (run_state_over(r->state) != (r->phase == PHASE_OVER))
		return 0;
	if (r->state == RUN_CREATED && r->generation != -1)
		return 0;
	if (r->generation >= 0 &&
		(!r->settings.kernels[0] || settings_data_open(&r->settings)))
		return 0;
	if (!pilots_hold(r))
		return 0;
	if (r->phase == PHASE_FINALISTS)
		return r->trials > 0 && r->trials <= r->n_finalists && scored &&
		       run_trials_done(r) < r->trials;
	if (r->phase == PHASE_FINAL || r->state == RUN_FINISHED)
		return r->n_finalists > 0 && scored && run_finalists_ranked(r);
	if (r->phase == PHASE_BREEDING)
		return scored;
	return run_state_over(r->state) || !scored;
}

static int check_finalists(const struct run *r, struct err *e)
{
	if (r->finalist > 0 && r->finalist >= r->n_finalists)
		return err_set(e, ERR_INVALID,
			"finalist %d is not among the %d", r->finalist,
			r->n_finalists);
	for (int i = 0; i < r->n_finalists; i++) {
		const struct run_member *m = &r->finalists[i];

		if (!run_genome_valid(r, m) || m->id >= r->next_id ||
			(m->tried && r->trials == 0))
			return err_set(e, ERR_INVALID,
				"finalist %d is out of bounds", i);
	}
	if (r->trials == 0 && !run_finalists_ranked(r))
		return err_set(
			e, ERR_INVALID, "its finalists are out of order");
	return 0;
}

int run_check(const struct run *r, struct err *e)
{
	int rc = check_members(r, e);

	if (rc == 0)
		rc = run_check_rungs(r, e);
	if (rc == 0)
		rc = check_finalists(r, e);
	if (rc == 0 && !run_waiting_right(r))
		return err_set(e, ERR_INVALID,
			"it has miscounted the members that wait");
	if (rc == 0 && !phase_holds(r))
		return err_set(e, ERR_INVALID,
			"its members do not fit its state, %s, and phase, %s",
			run_state_name(r->state), run_phase_name(r->phase));
	return rc;
}
