/* run_rungs.c -- successive halving inside a generation.
 *
 * Nothing is kept of a rung but its members' results.  A member that is not
 * scored waits to be trained at the rung after those that it has results of;
 * the lowest of these is the one that is open.  Members that have passed it
 * wait for the rest, and when the last result is in they are ranked: whoever
 * stays behind is scored, which opens the next rung.  So a run that comes back
 * from a store in the middle of a rung goes on as it was, and results may come
 * in any order. */
#include "run/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/run_private.h"

int run_has_rungs(const struct run *r)
{
	return r->settings.rungs > 1;
}

int64_t run_scale(const struct run_settings *s, int rung)
{
	int64_t scale = 1;

	while (rung-- > 0)
		scale *= s->eta;
	return scale;
}

int run_open_rung(const struct run *r)
{
	int open = 0;

	while (open < r->settings.rungs && r->waiting[open] == 0)
		open++;
	return open;
}

static void count_waiting(const struct run *r, size_t out[SETTINGS_RUNGS_MAX])
{
	memset(out, 0, SETTINGS_RUNGS_MAX * sizeof *out);
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];

		if (!m->scored && m->rungs >= 0 &&
			m->rungs < SETTINGS_RUNGS_MAX)
			out[m->rungs]++;
	}
}

void run_count_waiting(struct run *r)
{
	count_waiting(r, r->waiting);
}

int run_waiting_right(const struct run *r)
{
	size_t now[SETTINGS_RUNGS_MAX];

	count_waiting(r, now);
	return memcmp(now, r->waiting, sizeof now) == 0;
}

void run_weigh(const struct run *r, struct run_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++)
		members[i].handicap = run_handicap(r, members[i].genome);
}

double run_lacks(const struct run_member *m, int rung)
{
	return m->losses[rung] * m->handicap;
}

/* 1 / (1 + loss) falls as the loss rises and needs no library's exponential,
 * whose last bit would differ between machines. */
double run_standing(const struct run *r, const struct run_member *m)
{
	if (m->rungs == 0 || m->failure[0])
		return m->fitness;
	return (m->rungs - 1 + 1 / (1 + run_lacks(m, m->rungs - 1))) /
	       r->settings.rungs;
}

/* -- counting -- */

int run_has_result(const struct run *r, const struct run_member *m, int rung)
{
	int ended = m->scored && (m->failure[0] || !run_has_rungs(r));

	return rung < m->rungs || (rung == m->rungs && ended);
}

int run_trainings(const struct run *r, const struct run_member *m)
{
	if (!run_has_rungs(r))
		return m->scored;
	return m->rungs + (m->failure[0] != '\0');
}

/* True of those that a rung that is open, or was, is for. */
static int belongs(const struct run *r, const struct run_member *m, int rung)
{
	int waits = !m->scored && m->rungs == rung;

	return m->born == r->generation &&
	       (waits || run_has_result(r, m, rung));
}

static void count(const struct run *r, int rung, struct run_rung *out)
{
	*out = (struct run_rung){.number = rung};
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];

		if (!belongs(r, m, rung))
			continue;
		out->members++;
		out->trained += run_has_result(r, m, rung);
	}
}

void run_rung_now(const struct run *r, struct run_rung *out)
{
	int open = run_open_rung(r);

	/* The last one, where all members are scored. */
	count(r, open < r->settings.rungs ? open : open - 1, out);
}

/* How many of so many go on to the next rung: 1/eta of them, rounded up. */
static int64_t promoted(const struct run_settings *s, int64_t n)
{
	return (n + s->eta - 1) / s->eta;
}

/* What it takes from that rung on, with so many members at it. */
static double work_from(const struct run_settings *s, int rung, int64_t n)
{
	double work = 0;

	for (; rung < s->rungs; rung++, n = promoted(s, n))
		work += (double)n * (double)run_scale(s, rung);
	return work;
}

double run_work(const struct run_settings *s, int64_t genomes)
{
	return work_from(s, 0, genomes);
}

double run_work_left(const struct run *r)
{
	const struct run_settings *s = &r->settings;
	struct run_rung now;

	if (run_open_rung(r) == s->rungs)
		return 0;
	run_rung_now(r, &now);
	return work_from(s, now.number, now.members) -
	       (double)now.trained * (double)run_scale(s, now.number);
}

/* -- who goes on -- */

/* The order of two members by what they lack at a rung. */
static int compare(
	const struct run_member *x, const struct run_member *y, int rung)
{
	const double a = run_lacks(x, rung), b = run_lacks(y, rung);

	if (a != b)
		return a < b ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Of members that were last trained at the same rung. */
static int by_loss(const void *a, const void *b)
{
	const struct run_member *x = *(struct run_member *const *)a;
	const struct run_member *y = *(struct run_member *const *)b;

	return compare(x, y, x->rungs - 1);
}

void run_close_rung(struct run_turn *t, int rung)
{
	struct run *r = t->run;
	struct run_member **in = arena_array(t->mem, r->n_members, sizeof *in);
	struct run_rung closed;
	size_t n = 0;

	count(r, rung, &closed);
	for (size_t i = 0; i < r->n_members; i++)
		if (!r->members[i].scored)
			in[n++] = &r->members[i];
	qsort(in, n, sizeof *in, by_loss);
	for (size_t i = (size_t)promoted(&r->settings, closed.members); i < n;
		i++) {
		in[i]->scored = 1;
		r->waiting[in[i]->rungs]--;
	}
	run_emit(t, RUN_CMD_SAVE_RUNG)->rung = rung;
}

/* -- what must hold -- */

static int losses_hold(const struct run_member *m)
{
	for (int k = 0; k < m->rungs; k++)
		if (!(isfinite(m->losses[k]) && m->losses[k] >= 0))
			return 0;
	return 1;
}

/* Its rungs fit the run, its state and the rung that is open. */
static int member_holds(
	const struct run *r, const struct run_member *m, int open)
{
	const int most = run_has_rungs(r) ? r->settings.rungs : 0;

	if (m->rungs < 0 || m->rungs > most || !losses_hold(m))
		return 0;
	if (!m->scored)
		return m->born == r->generation &&
		       m->rungs < r->settings.rungs && m->rungs <= open + 1;
	if (m->failure[0])
		return m->rungs < r->settings.rungs;
	return m->rungs > 0 || !run_has_rungs(r);
}

/* The best of a closed rung have gone on, and as many as should. */
static int closed_right(const struct run *r, int rung)
{
	const struct run_member *last = NULL, *left = NULL;
	struct run_rung here, next;
	int64_t wanted, sound = 0;

	count(r, rung, &here);
	count(r, rung + 1, &next);
	for (size_t i = 0; i < r->n_members; i++) {
		const struct run_member *m = &r->members[i];

		if (m->born != r->generation || m->rungs <= rung)
			continue;
		sound++;
		if (belongs(r, m, rung + 1)) {
			if (!last || compare(last, m, rung) < 0)
				last = m;
		} else if (!left || compare(m, left, rung) < 0) {
			left = m;
		}
	}
	wanted = promoted(&r->settings, here.members);
	return next.members == (wanted < sound ? wanted : sound) &&
	       !(last && left && compare(left, last, rung) < 0);
}

int run_check_rungs(const struct run *r, struct err *e)
{
	const int open = run_open_rung(r);

	for (size_t i = 0; i < r->n_members; i++)
		if (!member_holds(r, &r->members[i], open))
			return err_set(e, ERR_INVALID,
				"genome %" PRId64 " has results of %d rungs, "
				"which do not fit its state",
				r->members[i].id, r->members[i].rungs);
	for (int k = 0; k < open && k + 1 < r->settings.rungs; k++)
		if (!closed_right(r, k))
			return err_set(e, ERR_INVALID,
				"the best of rung %d are not those that went "
				"on to the next",
				k);
	return 0;
}
