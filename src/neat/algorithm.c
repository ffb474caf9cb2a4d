/* algorithm.c -- the algorithms that there are. */
#include "neat/algorithm.h"

static const struct algorithm *const algorithms[] = {
	&algorithm_neat,
	&algorithm_truncation,
	&algorithm_random,
};
#define ALGORITHMS ((int)(sizeof algorithms / sizeof *algorithms))

const struct algorithm *algorithm_at(int i)
{
	return i >= 0 && i < ALGORITHMS ? algorithms[i] : NULL;
}

const char *algorithm_name(int i)
{
	const struct algorithm *a = algorithm_at(i);

	return a ? a->name : NULL;
}

const struct fields *algorithm_fields(int i)
{
	const struct algorithm *a = algorithm_at(i);

	return a ? a->settings : NULL;
}
