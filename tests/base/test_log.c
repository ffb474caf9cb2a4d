/* test_log.c -- a line an event, for people and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/log.h"
#include "base/log_sentence.h"

#define JOB "8c1b0f5e-0000-4000-8000-123456789abc/3/17/0/0"
#define READ_BYTES 65536
#define TIME_BYTES 25 /* with the blank after it */

static const struct log text = {.service = "test", .level = LOG_INFO};
static const struct log as_json = {
	.service = "test", .level = LOG_INFO, .format = LOG_JSON};

/* Standard error is a pipe meanwhile. */
static int ends[2], stderr_was;

static void catch (void)
{
	assert_int_equal(pipe(ends), 0);
	stderr_was = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
}

static const char *caught(void)
{
	static char out[READ_BYTES];
	ssize_t n;

	dup2(stderr_was, STDERR_FILENO);
	close(stderr_was);
	n = read(ends[0], out, sizeof out - 1);
	close(ends[0]);
	out[n > 0 ? n : 0] = '\0';
	return out;
}

static json_t *caught_json(void)
{
	const char *line = caught();
	json_t *v = json_loads(line, JSON_REJECT_DUPLICATES, NULL);

	if (!v)
		print_error("%s\n", line);
	assert_non_null(v);
	assert_int_equal(line[strlen(line) - 1], '\n');
	assert_null(strchr(line, '\n')[1] ? line : NULL);
	return v;
}

static const char *member(const json_t *v, const char *key)
{
	return json_string_value(json_object_get(v, key));
}

static void a_line_for_people_has_words_and_fields(void **state)
{
	const char *line;

	(void)state;
	catch ();
	log_warn(&text, "job-retried", log_job(JOB),
		log_worker("http://10.0.0.7:5000"), log_trace(""),
		log_int("times", 2), log_reason("it said \"no\""));
	line = caught();
	assert_int_equal(line[TIME_BYTES - 2], 'Z');
	assert_string_equal(line + TIME_BYTES,
		"WARN test job-retried job=" JOB
		" worker=http://10.0.0.7:5000 times=2 "
		"reason=\"it said \\\"no\\\"\"\n");
}

static void a_line_of_json_has_the_run_and_the_genome_of_a_job(void **state)
{
	json_t *v;

	(void)state;
	catch ();
	log_info(&as_json, "job-ended", log_job(JOB), log_text("state", "done"),
		log_trace("0123456789abcdef0123456789abcdef"));
	v = caught_json();
	assert_int_equal(json_object_size(v), 9);
	assert_int_equal(strlen(member(v, "time")), 24);
	assert_string_equal(member(v, "level"), "INFO");
	assert_string_equal(member(v, "service"), "test");
	assert_string_equal(member(v, "message"), "job-ended");
	assert_string_equal(
		member(v, "run"), "8c1b0f5e-0000-4000-8000-123456789abc");
	assert_int_equal(json_integer_value(json_object_get(v, "genome")), 17);
	assert_string_equal(member(v, "job"), JOB);
	assert_string_equal(member(v, "state"), "done");
	assert_string_equal(
		member(v, "trace"), "0123456789abcdef0123456789abcdef");
	json_decref(v);
}

static void an_event_needs_no_fields(void **state)
{
	json_t *v;

	(void)state;
	catch ();
	log_info(&text, "ready", log_bare());
	assert_string_equal(caught() + TIME_BYTES, "INFO test ready\n");
	catch ();
	log_info(&as_json, "ready", log_bare());
	v = caught_json();
	assert_int_equal(json_object_size(v), 4);
	json_decref(v);
}

/* Every byte, alone and after others, and more than fits. */
static void any_bytes_are_one_line_of_json(void **state)
{
	char value[3000];
	json_t *v;

	(void)state;
	for (int c = 1; c < 256; c++) {
		for (size_t i = 0; i < sizeof value - 1; i++)
			value[i] = (char)(i % 3 ? c : 0xc3);
		value[sizeof value - 1] = '\0';
		catch ();
		log_info(&as_json, "odd", log_text("a", value),
			log_text("b", value + 1), log_text("c", value),
			log_text("d", value), log_text("e", value),
			log_text("f", value), log_text("g", value),
			log_reason(value));
		v = caught_json();
		assert_true(json_object_size(v) >= 8);
		assert_string_equal(member(v, "message"), "odd");
		json_decref(v);
	}
}

static void nothing_moves_a_terminals_cursor(void **state)
{
	const char *line;

	(void)state;
	catch ();
	log_info(&text, "odd",
		log_text("a", "x\x1b[2J\x7f\xc2\x9b"
			      "2J\n\xff"),
		log_text("b", "caf\xc3\xa9"));
	line = caught() + TIME_BYTES;
	assert_string_equal(line,
		"INFO test odd a=\"x\\u001b[2J\\u007f\\u009b2J\\u000a\\ufffd\" "
		"b=\"caf\xc3\xa9\"\n");
}

static void lines_above_the_level_are_dropped(void **state)
{
	const struct log quiet = {.service = "test", .level = LOG_WARN};

	(void)state;
	catch ();
	log_info(&quiet, "joined", log_bare());
	log_info((const struct log *)NULL, "joined", log_bare());
	/* A pipe that is empty would be waited for. */
	log_warn(&quiet, "left", log_bare());
	assert_string_equal(caught() + TIME_BYTES, "WARN test left\n");
}

static void of_a_path_the_last_name_is_left(void **state)
{
	static const char *const pairs[][2] = {
		{"cannot read /data/ward 7/scan.png: Input/output error",
			"cannot read .../scan.png: Input/output error"},
		{"/home/x/set/: no such folder", ".../set/: no such folder"},
		{"the file \"/a/b c/d\" is cut", "the file \".../d\" is cut"},
		{"https://me:secret@host:81/ward/7/a.tar?X-Amz-Signature=s/1 "
		 "answered 403",
			"https://host:81/.../a.tar"},
		{"ftp://me:a@b@host is odd", "ftp://host is odd"},
		{"s3://bucket/ward/a.npz: it is gone",
			"s3://bucket/.../a.npz: it is gone"},
		{"http://10.0.0.7:5000 does not answer",
			"http://10.0.0.7:5000 does not answer"},
		{"https://host?token=secret", "https://host/.../"},
		{"the result of job " JOB " is late",
			"the result of job " JOB " is late"},
		{"10 / 3 images/s, 1 of 2", "10 / 3 images/s, 1 of 2"},
		{"", ""},
	};
	char out[LOG_SENTENCE_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		log_sentence(pairs[i][0], out);
		assert_string_equal(out, pairs[i][1]);
	}
}

static void a_long_sentence_is_cut(void **state)
{
	char in[2 * LOG_SENTENCE_BYTES], out[LOG_SENTENCE_BYTES];

	(void)state;
	memset(in, 'x', sizeof in);
	in[sizeof in - 1] = '\0';
	log_sentence(in, out);
	assert_int_equal(strlen(out), LOG_SENTENCE_BYTES - 1);
	memset(in, '/', sizeof in - 1);
	log_sentence(in, out);
	assert_true(strlen(out) < LOG_SENTENCE_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_for_people_has_words_and_fields),
		cmocka_unit_test(
			a_line_of_json_has_the_run_and_the_genome_of_a_job),
		cmocka_unit_test(an_event_needs_no_fields),
		cmocka_unit_test(any_bytes_are_one_line_of_json),
		cmocka_unit_test(nothing_moves_a_terminals_cursor),
		cmocka_unit_test(lines_above_the_level_are_dropped),
		cmocka_unit_test(of_a_path_the_last_name_is_left),
		cmocka_unit_test(a_long_sentence_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
