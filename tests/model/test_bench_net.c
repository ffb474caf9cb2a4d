/* test_bench_net.c -- the networks of the benchmarks are the ones they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/bench_net.h"

/* Counted by hand: weights and biases, batch normalization's two of each. */
static void parameters_are_those_of_the_layers(void **state)
{
	static const struct {
		const char *name;
		int64_t parameters;
		int batch;
	} nets[] = {
		{"net1", 320 + 18496 + 128 + 401536 + 1290, 64},
		{"net2", 160 + 2320 + 25120 + 330, 16},
		{"net3", 4864 + 36928 + 36928 + 131200 + 1290, 128},
		{"net4", 320 + 64 + 18496 + 128 + 73856 + 256 + 147584 + 1290,
			64},
	};
	struct model m;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
		assert_int_equal(bench_net(nets[i].name, NULL, &m, &e), 0);
		assert_int_equal(m.cost.parameters, nets[i].parameters);
		assert_int_equal(m.batch, nets[i].batch);
	}
}

/* Counted by hand, too: of colour, 26 classes; of maps that cannot be halved
 * three times. */
static void other_data_take_the_same_layers(void **state)
{
	static const struct {
		const char *name;
		struct data_shape data;
		int64_t parameters;
	} nets[] = {
		{"net4", {3, 32, 32, 26},
			896 + 64 + 18496 + 128 + 73856 + 256 + 262272 + 3354},
		{"net4", {1, 4, 6, 2},
			320 + 64 + 18496 + 128 + 73856 + 256 + 16512 + 258},
		{"net1", {3, 1, 9, 3}, 896 + 18496 + 128 + 73856 + 387},
	};
	struct model m;
	struct err e = {0};

	(void)state;
	for (size_t i = 0; i < sizeof nets / sizeof *nets; i++) {
		assert_int_equal(
			bench_net(nets[i].name, &nets[i].data, &m, &e), 0);
		assert_int_equal(m.cost.parameters, nets[i].parameters);
		assert_int_equal(m.spec.classes, nets[i].data.classes);
	}
}

static void an_unknown_name_is_refused_with_the_known_ones(void **state)
{
	struct model m;
	struct err e = {0};

	(void)state;
	assert_int_equal(bench_net("net9", NULL, &m, &e), ERR_NOT_FOUND);
	assert_non_null(strstr(e.text, "net1, net2, net3 and net4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters_are_those_of_the_layers),
		cmocka_unit_test(other_data_take_the_same_layers),
		cmocka_unit_test(
			an_unknown_name_is_refused_with_the_known_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
