/* kernels.c -- the kernel classes, and one thread for all of them. */
#include "nn/kernels.h"

#include <string.h>

#include "nn/onednn.h"

/* OpenMP's, declared here because clang may lack the header of the runtime
 * that oneDNN was built with (libgomp). */
extern void omp_set_num_threads(int threads);

struct kernel_class {
	const char *name;
	enum onednn_isa isa;
};

/* Best first. */
static const struct kernel_class classes[] = {
	{"avx512-1", ONEDNN_AVX512},
	{"avx2-1", ONEDNN_AVX2},
	{"sse41-1", ONEDNN_SSE41},
};

#define CLASSES (sizeof classes / sizeof classes[0])

/* What oneDNN's levels of these names ask for. */
static int cpu_runs(enum onednn_isa isa)
{
	switch (isa) {
	case ONEDNN_AVX512:
		return __builtin_cpu_supports("avx512f") &&
		       __builtin_cpu_supports("avx512bw") &&
		       __builtin_cpu_supports("avx512vl") &&
		       __builtin_cpu_supports("avx512dq") &&
		       cpu_runs(ONEDNN_AVX2);
	case ONEDNN_AVX2:
		return __builtin_cpu_supports("avx2") &&
		       __builtin_cpu_supports("fma");
	case ONEDNN_SSE41: return __builtin_cpu_supports("sse4.1") != 0;
	}
	return 0;
}

size_t kernels_available(const char **names, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < CLASSES; i++) {
		if (!cpu_runs(classes[i].isa))
			continue;
		if (n < max)
			names[n] = classes[i].name;
		n++;
	}
	return n;
}

int kernels_select(const char *name, struct err *e)
{
	for (size_t i = 0; i < CLASSES; i++) {
		if (strcmp(name, classes[i].name) != 0)
			continue;
		if (!cpu_runs(classes[i].isa))
			return err_set(e, ERR_WORLD,
				"this CPU cannot run the kernels %s", name);
		omp_set_num_threads(1);
		return onednn_cap(classes[i].isa, e);
	}
	return err_set(
		e, ERR_INVALID, "no kernels have the name \"%.40s\"", name);
}
