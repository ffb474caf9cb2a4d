/* task_xor.c -- two bits in, their exclusive or out (section 4.1). */
#include "classic/tasks.h"

#include <math.h>

/* The third input is the bias. */
static struct score evaluate(struct network *n)
{
	static const double cases[4][3] = {
		{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}};
	static const double wanted[4] = {0, 1, 1, 0};
	double error = 0;
	int right = 0;

	for (int i = 0; i < 4; i++) {
		double out;

		network_activate(n, cases[i], &out);
		error += fabs(out - wanted[i]);
		right += (out > 0.5) == (wanted[i] > 0.5);
	}
	return (struct score){.fitness = (4 - error) * (4 - error),
		.solved = right == 4,
		.starts = -1};
}

const struct task task_xor = {
	.name = "xor",
	.summary = "exclusive or of two bits",
	.inputs = 3,
	.outputs = 1,
	.population = 150,
	.evaluate = evaluate,
};
