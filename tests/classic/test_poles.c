/* test_poles.c -- the cart and its poles against the equations written plainly,
 * and against what physics says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "classic/poles.h"

/* The state as (x, v, long angle, spin, short angle, spin), and Wieland's
 * equations for any number of poles, term by term. */
static void derive(const double s[6], double force, double d[6])
{
	const double half[2] = {0.5, 0.05}, mass[2] = {0.1, 0.01};
	double sum_f = 0, sum_m = 0;

	for (int i = 0; i < 2; i++) {
		double a = s[2 + 2 * i], w = s[3 + 2 * i];
		double hinge = 0.000002 * w / (mass[i] * half[i]);

		sum_f += mass[i] * half[i] * w * w * sin(a) +
			 0.75 * mass[i] * cos(a) * (hinge - 9.8 * sin(a));
		sum_m += mass[i] * (1 - 0.75 * cos(a) * cos(a));
	}
	d[0] = s[1];
	d[1] = (force - 0.0005 * ((s[1] > 0) - (s[1] < 0)) + sum_f) /
	       (1 + sum_m);
	for (int i = 0; i < 2; i++) {
		double a = s[2 + 2 * i], w = s[3 + 2 * i];
		double hinge = 0.000002 * w / (mass[i] * half[i]);

		d[2 + 2 * i] = w;
		d[3 + 2 * i] = -0.75 / half[i] *
			       (d[1] * cos(a) - 9.8 * sin(a) + hinge);
	}
}

/* Plain Runge-Kutta, `n` steps to 0.02 s. */
static void integrate(double s[6], double force, int n)
{
	const double h = 0.02 / n;
	double k[4][6], at[6];

	for (int step = 0; step < n; step++) {
		for (int stage = 0; stage < 4; stage++) {
			const double c[4] = {0, 0.5, 0.5, 1};

			for (int i = 0; i < 6; i++)
				at[i] = stage == 0
						? s[i]
						: s[i] + h * c[stage] *
								  k[stage - 1]
								   [i];
			derive(at, force, k[stage]);
		}
		for (int i = 0; i < 6; i++)
			s[i] += h / 6 *
				(k[0][i] + 2 * k[1][i] + 2 * k[2][i] + k[3][i]);
	}
}

static void compare(const struct poles *p, const double s[6], double within)
{
	const double got[6] = {p->x, p->v, p->a[0], p->w[0], p->a[1], p->w[1]};

	for (int i = 0; i < 6; i++)
		if (fabs(got[i] - s[i]) > within * (1 + fabs(s[i])))
			fail_msg(
				"part %d: %.17g is not %.17g", i, got[i], s[i]);
}

static void a_step_follows_the_equations(void **state)
{
	struct poles p = {.x = 0.1, .v = -0.3, .a = {0.2, -0.1}, .w = {0.5, 1}};
	double s[6] = {0.1, -0.3, 0.2, 0.5, -0.1, 1};

	(void)state;
	for (int i = 0; i < 8; i++) {
		double push = i % 2 ? 0.4 : -0.7;

		poles_step(&p, push);
		integrate(s, 10 * push, 2);
		compare(&p, s, 1e-12);
	}
}

static void the_step_is_fine_enough(void **state)
{
	struct poles p = {.a = {0.07, 0}};
	double s[6] = {0, 0, 0.07, 0, 0, 0};

	(void)state;
	for (int i = 0; i < 20; i++) {
		poles_step(&p, 0);
		integrate(s, 0, 100);
	}
	compare(&p, s, 1e-3);
}

static void left_and_right_are_alike(void **state)
{
	struct poles l = {.a = {0.1, -0.05}}, r = {.a = {-0.1, 0.05}};

	(void)state;
	for (int i = 0; i < 15; i++) {
		poles_step(&l, 0.3);
		poles_step(&r, -0.3);
		assert_true(
			l.x == -r.x && l.a[0] == -r.a[0] && l.a[1] == -r.a[1]);
	}
}

static void a_pole_left_alone_falls_the_way_it_leans(void **state)
{
	struct poles p = {.a = {0.07, 0}};
	int steps = 0;

	(void)state;
	while (poles_stand(&p) && steps < 1000) {
		poles_step(&p, 0);
		steps++;
	}
	assert_in_range(steps, 10, 200);
	assert_true(p.a[0] > 0.07 || p.a[1] < -0.6);
}

static void bounds_are_36_degrees_and_2_4_metres(void **state)
{
	struct poles p = {.x = 2.4, .a = {0.628, -0.628}};

	(void)state;
	assert_true(poles_stand(&p));
	p.x = 2.401;
	assert_false(poles_stand(&p));
	p.x = 0;
	p.a[0] = 0.629;
	assert_false(poles_stand(&p));
	p.a[0] = 0;
	p.a[1] = -0.629;
	assert_false(poles_stand(&p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_follows_the_equations),
		cmocka_unit_test(the_step_is_fine_enough),
		cmocka_unit_test(left_and_right_are_alike),
		cmocka_unit_test(a_pole_left_alone_falls_the_way_it_leans),
		cmocka_unit_test(bounds_are_36_degrees_and_2_4_metres),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
