/* task_poles.c -- double pole balancing, with velocities and without
 * (section 4.2).  Inputs are scaled as in the authors' released code. */
#include "classic/tasks.h"

#include <math.h>
#include <string.h>

#include "classic/poles.h"

#define LONG_STEPS 100000
#define SHORT_STEPS 1000
#define START_ANGLE 0.07 /* rad; 4 degrees */
#define BIAS 0.5
#define STARTS 625
#define STARTS_WANTED 200

static const struct poles upright = {.a = {START_ANGLE, 0}};

/* Ranges that scale the inputs to about -1..1. */
static double scaled_place(double x)
{
	return x / 4.8;
}

static double scaled_angle(double a)
{
	return a / 0.52;
}

static double scaled_speed(double v)
{
	return v / 2;
}

/* A network's output from 0 to 1 as a push from -1 to 1. */
static double push_of(double output)
{
	return 2 * output - 1;
}

/* -- with velocities -- */

static struct score evaluate(struct network *n)
{
	struct poles p = upright;
	int steps = 0;

	while (steps < LONG_STEPS && poles_stand(&p)) {
		const double in[7] = {scaled_place(p.x), scaled_speed(p.v),
			scaled_angle(p.a[0]), scaled_speed(p.w[0]),
			scaled_angle(p.a[1]), scaled_speed(p.w[1]), BIAS};
		double out;

		network_activate(n, in, &out);
		poles_step(&p, push_of(out));
		steps++;
	}
	return (struct score){.fitness = steps,
		.solved = steps == LONG_STEPS && poles_stand(&p),
		.starts = -1};
}

const struct task task_pole2 = {
	.name = "pole2",
	.summary = "two poles on a cart, their velocities seen",
	.inputs = 7,
	.outputs = 1,
	.population = 150,
	.evaluate = evaluate,
};

/* -- without velocities -- */

/* What the damping fitness looks at: how restless the last steps were. */
#define WINDOW 100

struct trace {
	int steps;             /* until something fell, or the end */
	double jiggle[WINDOW]; /* of the last steps, a ring */
};

static void balance(
	struct network *n, struct poles p, int most, struct trace *t)
{
	*t = (struct trace){0};
	network_reset(n);
	while (t->steps < most) {
		const double in[4] = {scaled_place(p.x), scaled_angle(p.a[0]),
			scaled_angle(p.a[1]), BIAS};
		double out;

		network_activate(n, in, &out);
		poles_step(&p, push_of(out));
		if (!poles_stand(&p))
			break;
		t->jiggle[t->steps++ % WINDOW] = fabs(p.x) + fabs(p.v) +
						 fabs(p.a[0]) + fabs(p.w[0]);
	}
}

/* Gruau's fitness: mostly for standing still at the end, so that swinging to
 * and fro does not pay. */
static double damping_fitness(const struct trace *t)
{
	double f1 = (double)t->steps / SHORT_STEPS, f2 = 0, restless = 0;

	for (int i = 0; i < WINDOW; i++)
		restless += t->jiggle[i];
	if (t->steps >= WINDOW)
		f2 = 0.75 / restless;
	return 0.1 * f1 + 0.9 * f2;
}

static struct score evaluate_novel(struct network *n)
{
	struct trace t;

	balance(n, upright, SHORT_STEPS, &t);
	return (struct score){.fitness = damping_fitness(&t), .starts = -1};
}

/* Of the 5^4 starts, over place, speed, and the long pole's angle and spin.
 * Stops where so many have failed that STARTS_WANTED cannot be reached. */
static int count_starts(struct network *n)
{
	static const double at[5] = {0.05, 0.25, 0.5, 0.75, 0.95};
	int good = 0;

	for (int i = 0; i < STARTS && i - good <= STARTS - STARTS_WANTED; i++) {
		struct poles p = {.x = 4.32 * at[i / 125] - 2.16,
			.v = 2.70 * at[i / 25 % 5] - 1.35,
			.a = {0.12566304 * at[i / 5 % 5] - 0.06283152, 0},
			.w = {0.30019504 * at[i % 5] - 0.15009752, 0}};
		struct trace t;

		balance(n, p, SHORT_STEPS, &t);
		good += t.steps == SHORT_STEPS;
	}
	return good;
}

static struct score test_novel(struct network *n)
{
	struct score s = {.starts = -1};
	struct trace t;

	balance(n, upright, LONG_STEPS, &t);
	if (t.steps < LONG_STEPS)
		return s;
	s.starts = count_starts(n);
	s.solved = s.starts >= STARTS_WANTED;
	return s;
}

/* c3, the threshold and the rate of new edges are the paper's, the size of
 * weight changes is open (docs/neat.md). */
static void adjust_novel(struct params *p)
{
	p->c3 = 3;
	p->threshold = 4;
	p->add_edge_rate = 0.3;
	p->perturb_power = 1.5;
	p->weight_power = 1.5;
}

const struct task task_pole2_novel = {
	.name = "pole2-novel",
	.summary = "two poles on a cart, their velocities unseen",
	.inputs = 4,
	.outputs = 1,
	.recurrent = 1,
	.population = 1000,
	.adjust = adjust_novel,
	.evaluate = evaluate_novel,
	.test = test_novel,
};

const struct task *task_find(const char *name)
{
	const struct task *const tasks[] = {
		&task_xor, &task_pole2, &task_pole2_novel};

	for (size_t i = 0; i < 3; i++)
		if (strcmp(tasks[i]->name, name) == 0)
			return tasks[i];
	return NULL;
}
