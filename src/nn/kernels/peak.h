/* peak.h -- nothing but multiply-adds: the most that a class's kernels could
 * do. */
#ifndef NN_KERNELS_PEAK_H
#define NN_KERNELS_PEAK_H

#include <stddef.h>

struct peak_kernels {
	size_t round_flops; /* of one round; a multiply-add is 2 */

	/* Does so many rounds of independent multiply-adds on registers.
	 * Returns a number that depends on all of them. */
	float (*run)(size_t rounds);
};

#endif
