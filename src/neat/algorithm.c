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

int algorithm_next(struct arena *mem, const struct generation_request *q,
	struct population *out, struct err *e)
{
	const struct algorithm *a = algorithm_at(q->algorithm);
	int rc = space_check(&q->space, e);

	if (rc == 0 && a->check)
		rc = a->check(q->own, q->size, e);
	return rc ? rc : a->next(mem, q, out, e);
}
