/* poles.c -- the equations of motion, for both poles at once. */
#include "classic/poles.h"

#define GRAVITY (-9.8) /* m/s^2 */
#define FORCE 10.0     /* N */
#define STEP_S 0.01
#define STEPS 2
#define CART_MASS 1.0 /* kg */
#define CART_FRICTION 0.0005
#define HINGE_FRICTION 0.000002
#define TRACK_HALF 2.4          /* m */
#define FALL 0.6283185307179586 /* 36 degrees */

#define LONG_HALF 0.5 /* half a pole's length, m */
#define SHORT_HALF 0.05
#define LONG_MASS 0.1 /* kg */
#define SHORT_MASS 0.01

static const dmath_pair mass = {LONG_MASS, SHORT_MASS};
static const dmath_pair moment = {
	LONG_MASS * LONG_HALF, SHORT_MASS *SHORT_HALF};
static const dmath_pair damping = {HINGE_FRICTION / (LONG_MASS * LONG_HALF),
	HINGE_FRICTION / (SHORT_MASS * SHORT_HALF)};
static const dmath_pair lever = {-0.75 / LONG_HALF, -0.75 / SHORT_HALF};

/* The derivative of the state under a force. */
static inline struct poles slope(const struct poles *s, double force)
{
	dmath_pair sine = dmath_sin(s->a), cosine = dmath_cos(s->a);
	dmath_pair pull = GRAVITY * sine + damping * s->w;
	dmath_pair f = moment * s->w * s->w * sine +
		       0.75 * mass * cosine * pull;
	dmath_pair m = mass * (1 - 0.75 * cosine * cosine);
	double friction = CART_FRICTION * ((s->v > 0) - (s->v < 0));
	double push = (force - friction + f[0] + f[1]) /
		      (CART_MASS + m[0] + m[1]);

	return (struct poles){.x = s->v,
		.v = push,
		.a = s->w,
		.w = lever * (push * cosine + pull)};
}

/* s + h d */
static inline struct poles along(
	const struct poles *s, double h, const struct poles *d)
{
	return (struct poles){s->x + h * d->x, s->v + h * d->v, s->a + h * d->a,
		s->w + h * d->w};
}

static inline void runge_kutta(struct poles *s, double force)
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
	return p->x >= -TRACK_HALF && p->x <= TRACK_HALF && p->a[0] >= -FALL &&
	       p->a[0] <= FALL && p->a[1] >= -FALL && p->a[1] <= FALL;
}
