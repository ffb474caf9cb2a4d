/* poles.c -- the equations of motion, written for two poles. */
#include "classic/poles.h"

#include "classic/dmath.h"

#define GRAVITY (-9.8) /* m/s^2 */
#define FORCE 10.0     /* N */
#define STEP_S 0.01
#define STEPS 2
#define CART_MASS 1.0 /* kg */
#define CART_FRICTION 0.0005
#define HINGE_FRICTION 0.000002
#define TRACK_HALF 2.4          /* m */
#define FALL 0.6283185307179586 /* 36 degrees */

struct pole {
	double half; /* half of its length, m */
	double mass; /* kg */
};

static const struct pole long_pole = {0.5, 0.1}, short_pole = {0.05, 0.01};

/* A pole's part in the equations. */
struct part {
	double cosine, pull; /* gravity and friction along its swing */
	double force, mass;  /* what it adds to the cart's */
};

static struct part part_of(const struct pole *p, double angle, double spin)
{
	double sine = dmath_sin(angle), moment = p->mass * p->half;
	struct part out = {.cosine = dmath_cos(angle)};

	out.pull = GRAVITY * sine + HINGE_FRICTION * spin / moment;
	out.force = moment * spin * spin * sine +
		    0.75 * p->mass * out.cosine * out.pull;
	out.mass = p->mass * (1 - 0.75 * out.cosine * out.cosine);
	return out;
}

static double spin_up(const struct pole *p, const struct part *t, double push)
{
	return -0.75 / p->half * (push * t->cosine + t->pull);
}

/* The derivative of the state under a force. */
static struct poles slope(const struct poles *s, double force)
{
	struct part l = part_of(&long_pole, s->a1, s->w1);
	struct part k = part_of(&short_pole, s->a2, s->w2);
	double friction = CART_FRICTION * ((s->v > 0) - (s->v < 0));
	double push = (force - friction + l.force + k.force) /
		      (CART_MASS + l.mass + k.mass);

	return (struct poles){.x = s->v,
		.v = push,
		.a1 = s->w1,
		.w1 = spin_up(&long_pole, &l, push),
		.a2 = s->w2,
		.w2 = spin_up(&short_pole, &k, push)};
}

/* s + h d */
static struct poles along(
	const struct poles *s, double h, const struct poles *d)
{
	return (struct poles){s->x + h * d->x, s->v + h * d->v,
		s->a1 + h * d->a1, s->w1 + h * d->w1, s->a2 + h * d->a2,
		s->w2 + h * d->w2};
}

static void runge_kutta(struct poles *s, double force)
{
	struct poles d1 = slope(s, force);
	struct poles at = along(s, STEP_S / 2, &d1);
	struct poles d2 = slope(&at, force), d3, d4;

	at = along(s, STEP_S / 2, &d2);
	d3 = slope(&at, force);
	at = along(s, STEP_S, &d3);
	d4 = slope(&at, force);
	at = along(&d1, 2, &d2);
	at = along(&at, 2, &d3);
	at = along(&at, 1, &d4);
	*s = along(s, STEP_S / 6, &at);
}

void poles_step(struct poles *p, double push)
{
	for (int i = 0; i < STEPS; i++)
		runge_kutta(p, FORCE * push);
}

int poles_stand(const struct poles *p)
{
	return p->x >= -TRACK_HALF && p->x <= TRACK_HALF && p->a1 >= -FALL &&
	       p->a1 <= FALL && p->a2 >= -FALL && p->a2 <= FALL;
}
