/* test_run_view.c -- the broker's run document is read with suspicion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "cli/view/run_view.h"

/* A document as the broker sends it while the third generation is scored. */
static json_t *a_document(void)
{
	json_t *v = json_pack(
		"{s:s, s:s, s:n, s:n, s:s, s:{s:i, s:s}, s:s, s:i, s:f, s:f}",
		"uuid", "01234567-89ab-cdef-0123-456789abcdef", "state",
		"running", "stop_reason", "error", "created",
		"2026-01-02T03:04:05.678Z", "settings", "generations", 10,
		"dataset", "fashion-mnist", "phase", "scoring", "generation", 2,
		"best", 0.8, "mean", 0.7);
	json_t *rest = json_pack("{s:i, s:i, s:f, s:f, s:n, s:i, s:n, s:n, "
				 "s:{s:i, s:i, s:f}, s:{s:f}}",
		"evaluations", 40, "failures", 1, "wall_s", 12.5, "cpu_s", 20.0,
		"eta_s", "attempts", 0, "trouble", "digest", "progress",
		"scored", 7, "members", 20, "images_per_s", 1000.0, "champion",
		"fitness", 0.81);

	assert_non_null(v);
	assert_non_null(rest);
	json_object_update(v, rest);
	json_decref(rest);
	return v;
}

static void the_brokers_document_is_understood(void **state)
{
	json_t *doc = a_document();
	struct run_view v;

	(void)state;
	assert_int_equal(run_view_read(doc, &v, NULL), 0);
	assert_string_equal(v.state, "running");
	assert_string_equal(v.dataset, "fashion-mnist");
	assert_int_equal(v.generation, 2);
	assert_int_equal(v.generations, 10);
	assert_int_equal(v.scored, 7);
	assert_true(v.best == 0.8 && v.champion == 0.81);
	assert_true(v.eta_s < 0);
	assert_string_equal(v.digest, "");
	assert_false(run_view_over(&v));
	json_decref(doc);
}

static void a_rung_is_understood_and_none_is_none(void **state)
{
	json_t *doc = a_document();
	json_t *progress = json_object_get(doc, "progress");
	struct run_view v;

	(void)state;
	assert_int_equal(run_view_read(doc, &v, NULL), 0);
	assert_int_equal(v.rung, -1);
	json_object_set_new(
		json_object_get(doc, "settings"), "rungs", json_integer(3));
	json_object_set_new(progress, "rung",
		json_pack("{s:i, s:i, s:i}", "number", 1, "trained", 2,
			"members", 7));
	assert_int_equal(run_view_read(doc, &v, NULL), 0);
	assert_int_equal(v.rungs, 3);
	assert_int_equal(v.rung, 1);
	assert_int_equal(v.trained, 2);
	assert_int_equal(v.trainable, 7);
	json_object_set_new(progress, "rung", json_null());
	assert_int_equal(run_view_read(doc, &v, NULL), 0);
	assert_int_equal(v.rung, -1);
	json_object_set_new(progress, "rung", json_object());
	assert_int_equal(run_view_read(doc, &v, NULL), ERR_INVALID);
	json_decref(doc);
}

static void a_member_of_the_wrong_type_is_refused(void **state)
{
	static const char *const names[] = {"uuid", "state", "settings",
		"generation", "best", "evaluations", "progress", "champion"};
	struct run_view v;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		json_t *doc = a_document();

		json_object_set_new(doc, names[i], json_true());
		assert_int_equal(run_view_read(doc, &v, &e), ERR_INVALID);
		json_decref(doc);
	}
}

static void a_missing_uuid_or_settings_is_refused(void **state)
{
	static const char *const names[] = {"uuid", "settings"};
	struct run_view v;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *doc = a_document();

		json_object_del(doc, names[i]);
		assert_int_equal(run_view_read(doc, &v, NULL), ERR_INVALID);
		json_decref(doc);
	}
}

static void texts_cannot_move_the_cursor(void **state)
{
	json_t *doc = a_document();
	struct run_view v;

	(void)state;
	json_object_set_new(
		doc, "error", json_string("bad\033[2Jthing\nhere\x7f"));
	assert_int_equal(run_view_read(doc, &v, NULL), 0);
	assert_string_equal(v.error, "bad?[2Jthing?here?");
	json_decref(doc);
}

static void a_long_text_is_cut_not_refused(void **state)
{
	json_t *doc = a_document();
	char text[1000];
	struct run_view v;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	json_object_set_new(doc, "trouble", json_string(text));
	assert_int_equal(run_view_read(doc, &v, NULL), 0);
	assert_int_equal(strlen(v.trouble), sizeof(v.trouble) - 1);
	json_decref(doc);
}

static void the_generation_under_way_is_not_complete(void **state)
{
	struct run_view v = {.generation = 2, .best = 0.5};

	(void)state;
	strcpy(v.state, "running");
	strcpy(v.phase, "scoring");
	assert_int_equal(run_view_complete(&v), 2);
	strcpy(v.phase, "final");
	assert_int_equal(run_view_complete(&v), 3);
	strcpy(v.phase, "over");
	strcpy(v.state, "cancelled");
	assert_int_equal(run_view_complete(&v), 2);
	strcpy(v.state, "finished");
	assert_int_equal(run_view_complete(&v), 3);
	v.generation = -1;
	strcpy(v.state, "created");
	assert_int_equal(run_view_complete(&v), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_brokers_document_is_understood),
		cmocka_unit_test(a_rung_is_understood_and_none_is_none),
		cmocka_unit_test(a_member_of_the_wrong_type_is_refused),
		cmocka_unit_test(a_missing_uuid_or_settings_is_refused),
		cmocka_unit_test(texts_cannot_move_the_cursor),
		cmocka_unit_test(a_long_text_is_cut_not_refused),
		cmocka_unit_test(the_generation_under_way_is_not_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
