/* run.c -- the states of a run: which event each one takes, and which state may
 * follow it. */
#include "run/run.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/run_private.h"

const char *run_state_name(enum run_state s)
{
	static const char *const name[RUN_STATES] = {"created", "running",
		"paused", "finished", "failed", "cancelled"};

	return name[s];
}

enum run_state run_state_named(const char *name)
{
	int s = 0;

	while (s < RUN_STATES && strcmp(run_state_name(s), name) != 0)
		s++;
	return s;
}

int run_state_over(enum run_state s)
{
	return s == RUN_FINISHED || s == RUN_FAILED || s == RUN_CANCELLED;
}

const char *run_phase_name(enum run_phase p)
{
	static const char *const name[RUN_PHASES] = {
		"breeding", "scoring", "finalists", "final", "over"};

	return name[p];
}

void run_init(struct run *r, const char *uuid, const struct run_settings *s)
{
	*r = (struct run){
		.settings = *s, .generation = -1, .pilot_losses = {-1, -1}};
	settings_share(&r->settings);
	run_init_arenas(r);
	snprintf(r->uuid, sizeof r->uuid, "%s", uuid);
}

void run_init_arenas(struct run *r)
{
	arena_init(&r->genomes, RUN_GENOMES_BYTES_MAX);
	arena_init(&r->finalists_genomes,
		RUN_FINALISTS_MAX * JOB_GENOME_BYTES_MAX);
}

void run_release(struct run *r)
{
	arena_release(&r->genomes);
	arena_release(&r->finalists_genomes);
	settings_release(&r->settings);
	free(r->members);
	r->members = NULL;
	r->n_members = 0;
}

struct run_command *run_emit(struct run_turn *t, enum run_command_kind kind)
{
	struct run_command *c = arena_alloc(t->mem, sizeof *c);

	c->kind = kind;
	*t->out->tail = c;
	t->out->tail = &c->next;
	return c;
}

const struct run_member *run_as_is(
	struct run_turn *t, const struct run_member *m)
{
	return memcpy(arena_alloc(t->mem, sizeof *m), m, sizeof *m);
}

#define TO(state) (1u << (state))
#define TO_END (TO(RUN_FINISHED) | TO(RUN_FAILED) | TO(RUN_CANCELLED))

void run_move(struct run *r, enum run_state to)
{
	/* A paused run finishes when the final result comes after the pause;
	 * terminal states have no successor. */
	static const unsigned successors[RUN_STATES] = {
		[RUN_CREATED] = TO(RUN_RUNNING) | TO(RUN_FAILED) |
				TO(RUN_CANCELLED),
		[RUN_RUNNING] = TO(RUN_PAUSED) | TO_END,
		[RUN_PAUSED] = TO(RUN_RUNNING) | TO_END,
	};

	assert(successors[r->state] & TO(to));
	r->state = to;
	if (TO(to) & TO_END)
		r->phase = PHASE_OVER;
}

static void submit_fitness(struct run_turn *t, struct run_member *m)
{
	struct run_command *c;
	struct job_doc j;

	if (t->run->settings.folds) {
		run_submit_folds(t, m);
		return;
	}
	run_fitness_job(t->run, m, &j);
	if (m->key[0] && run_first_of_key(t->run, m->key) != m)
		return;
	c = run_emit(t, RUN_CMD_SUBMIT);
	c->job = j;
	memcpy(c->key, m->key, sizeof c->key);
}

void run_act(struct run_turn *t)
{
	struct run *r = t->run;
	int open = run_open_rung(r);

	if (r->state != RUN_RUNNING)
		return;
	if (r->phase == PHASE_BREEDING)
		run_emit(t, RUN_CMD_ASK_GENERATION)->generation =
			r->generation + 1;
	for (size_t i = 0; r->phase == PHASE_SCORING && i < r->n_members; i++)
		if (!r->members[i].scored && r->members[i].rungs == open)
			submit_fitness(t, &r->members[i]);
	if (r->phase == PHASE_FINALISTS && r->piloting)
		run_act_pilots(t);
	else if (r->phase == PHASE_FINALISTS)
		run_act_trials(t);
	if (r->phase == PHASE_FINAL)
		run_final_job(r, &r->finalists[r->finalist],
			&run_emit(t, RUN_CMD_SUBMIT)->job);
}

void run_act_next(struct run_turn *t, const char *key)
{
	struct run_member *next = run_first_of_key(t->run, key);

	if (next && t->run->state == RUN_RUNNING)
		submit_fitness(t, next);
}

/* A sentence cut inside a character is no UTF-8, and no document could hold it:
 * shortens it until jansson takes it. */
static void drop_broken_end(char *s)
{
	size_t n = strlen(s);
	json_t *v;

	while (!(v = json_stringn(s, n)))
		n--;
	json_decref(v);
	s[n] = '\0';
}

void run_fail(struct run_turn *t, const char *fmt, ...)
{
	struct run *r = t->run;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, sizeof r->error, fmt, ap);
	va_end(ap);
	drop_broken_end(r->error);
	run_move(r, RUN_FAILED);
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_emit(t, RUN_CMD_CANCEL_JOBS);
}

static void start(struct run_turn *t)
{
	t->run->error[0] = '\0'; /* why it was paused */
	run_move(t->run, RUN_RUNNING);
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_act(t);
}

/* Training that has begun goes on and counts: only the queue is emptied. */
static void pause_run(struct run_turn *t)
{
	struct run *r = t->run;

	if (t->ev->reason) {
		snprintf(r->error, sizeof r->error, "%s", t->ev->reason);
		drop_broken_end(r->error);
	}
	run_move(r, RUN_PAUSED);
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_emit(t, RUN_CMD_HOLD_JOBS);
}

static void cancel(struct run_turn *t)
{
	run_move(t->run, RUN_CANCELLED);
	strcpy(t->run->stop_reason, "cancelled");
	run_emit(t, RUN_CMD_SAVE_RUN);
	run_emit(t, RUN_CMD_CANCEL_JOBS);
}

static void refuse(struct run_turn *t)
{
	run_fail(t, "%s", t->ev->reason ? t->ev->reason : "refused");
}

/* Events that a state does not list change nothing; a person who sent one is
 * told. */
static void (*const handlers[RUN_STATES][RUN_EVENTS])(struct run_turn *t) = {
	[RUN_CREATED] =
		{
			[RUN_EV_CONTINUE] = start,
			[RUN_EV_REFUSED] = refuse,
			[RUN_EV_CANCEL] = cancel,
		},
	[RUN_RUNNING] =
		{
			[RUN_EV_CONTINUE] = run_act,
			[RUN_EV_GENERATION] = run_take_generation,
			[RUN_EV_RESULT] = run_take_result,
			[RUN_EV_REFUSED] = refuse,
			[RUN_EV_PAUSE] = pause_run,
			[RUN_EV_CANCEL] = cancel,
		},
	[RUN_PAUSED] =
		{
			[RUN_EV_GENERATION] = run_take_generation,
			[RUN_EV_RESULT] = run_take_result,
			[RUN_EV_REFUSED] = refuse,
			[RUN_EV_RESUME] = start,
			[RUN_EV_CANCEL] = cancel,
		},
};

static int conflict(
	const struct run *r, enum run_event_kind kind, struct err *e)
{
	static const char *const wish[RUN_EVENTS] = {
		[RUN_EV_PAUSE] = "paused",
		[RUN_EV_RESUME] = "resumed",
		[RUN_EV_CANCEL] = "cancelled",
	};

	if (!wish[kind])
		return 0;
	return err_set(e, ERR_CONFLICT, "the run is %s and cannot be %s",
		run_state_name(r->state), wish[kind]);
}

int run_step(struct run *r, const struct run_event *ev, struct arena *mem,
	struct run_commands *out, struct err *e)
{
	struct run_turn t = {.run = r, .ev = ev, .mem = mem, .out = out};

	*out = (struct run_commands){.tail = &out->head};
	if (!handlers[r->state][ev->kind])
		return conflict(r, ev->kind, e);
	handlers[r->state][ev->kind](&t);
	return 0;
}
