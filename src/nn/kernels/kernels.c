/* kernels.c -- the list of classes, and what each asks of a CPU. */
#include "nn/kernels/kernels.h"

#include <string.h>

/* One table an instruction set: table.c. */
extern const struct kernels kernels_simd128, kernels_reference;

#ifdef __x86_64__
extern const struct kernels kernels_avx512, kernels_avx2;

static int runs_avx2(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int runs_avx512(void)
{
	return __builtin_cpu_supports("avx512f") &&
	       __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512dq") && runs_avx2();
}
#endif

static int runs_always(void)
{
	return 1;
}

/* Best first, and the reference last. */
static const struct {
	const struct kernels *kernels;
	int (*cpu_runs)(void);
} classes[] = {
#ifdef __x86_64__
	{&kernels_avx512, runs_avx512},
	{&kernels_avx2, runs_avx2},
#endif
	{&kernels_simd128, runs_always},
	{&kernels_reference, runs_always},
};

#define CLASSES (sizeof classes / sizeof classes[0])

size_t kernels_available(const char **names, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < CLASSES - 1; i++) {
		if (!classes[i].cpu_runs())
			continue;
		if (n < max)
			names[n] = classes[i].kernels->name;
		n++;
	}
	return n;
}

const struct kernels *kernels_best(void)
{
	size_t i = 0;

	while (!classes[i].cpu_runs())
		i++;
	return classes[i].kernels;
}

#ifndef __x86_64__
/* Names that are classes elsewhere. */
static int is_of_x86(const char *name)
{
	return strcmp(name, "avx512-2") == 0 || strcmp(name, "avx2-2") == 0;
}
#endif

const struct kernels *kernels_find(const char *name, struct err *e)
{
	for (size_t i = 0; i < CLASSES; i++) {
		if (strcmp(name, classes[i].kernels->name) != 0)
			continue;
		if (classes[i].cpu_runs())
			return classes[i].kernels;
		err_set(e, ERR_WORLD, "this CPU cannot run the kernels %s",
			name);
		return NULL;
	}
#ifndef __x86_64__
	if (is_of_x86(name)) {
		err_set(e, ERR_WORLD, "this CPU cannot run the kernels %s",
			name);
		return NULL;
	}
#endif
	err_set(e, ERR_INVALID, "no kernels have the name \"%.40s\"", name);
	return NULL;
}
