/* poles.h -- the cart that balances two poles: Wieland's equations as Gomez
 * integrates them.  Stanley & Miikkulainen 2002, section 4.2 and appendix. */
#ifndef CLASSIC_POLES_H
#define CLASSIC_POLES_H

#include "classic/dmath.h"

struct poles {
	double x, v;     /* the cart's place, m, and speed, m/s */
	dmath_pair a, w; /* the long and the short pole's angles from upright,
			  * rad, and their rad/s */
};

/* One step of a network: the force `push`, from -1 to 1 times 10 N, acts for
 * two steps of Runge-Kutta 4 of 0.01 s. */
void poles_step(struct poles *p, double push);

/* True while the cart is within 2.4 m of the middle and both poles within 36
 * degrees of upright. */
int poles_stand(const struct poles *p);

#endif
