/* test_safetensors_read.c -- a file is believed only where its bytes bear it
 * out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/safetensors.h"

/* A file of this header and `data_bytes` zero bytes. */
static void make_file(struct buf *b, const char *header, size_t data_bytes)
{
	uint64_t length = strlen(header);
	static const char zeros[64];

	buf_init(b, SAFETENSORS_HEADER_MAX + 1024);
	buf_add(b, &length, 8, NULL);
	buf_puts(b, header, NULL);
	buf_add(b, zeros, data_bytes, NULL);
}

#define F32(shape, offsets) \
	"{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void tensors_come_in_the_order_of_their_bytes(void **state)
{
	struct safetensors f;
	struct buf b;

	(void)state;
	make_file(&b,
		"{\"b\":" F32(
			"[2,1]", "[4,12]") ","
					   "\"__metadata__\":{\"k\":\"v\"},"
					   "\"a\":" F32("[1]", "[0,4]") "}   ",
		12);
	assert_int_equal(safetensors_read(b.data, b.len, &f, NULL), 0);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.tensors[0].name, "a");
	assert_int_equal(f.tensors[0].ndims, 1);
	assert_int_equal(f.tensors[0].count, 1);
	assert_string_equal(f.tensors[1].name, "b");
	assert_int_equal(f.tensors[1].ndims, 2);
	assert_int_equal(f.tensors[1].dims[0], 2);
	assert_int_equal(f.tensors[1].dims[1], 1);
	assert_int_equal(f.tensors[1].start, 4);
	assert_ptr_equal(f.data, b.data + b.len - 12);
	assert_string_equal(safetensors_note(&f, "k"), "v");
	assert_null(safetensors_note(&f, "l"));
	safetensors_release(&f);
	buf_release(&b);
}

static void a_file_without_notes_has_none(void **state)
{
	struct safetensors f;
	struct buf b;

	(void)state;
	make_file(&b, "{}", 0);
	assert_int_equal(safetensors_read(b.data, b.len, &f, NULL), 0);
	assert_int_equal(f.n, 0);
	assert_null(safetensors_note(&f, "k"));
	safetensors_release(&f);
	buf_release(&b);
}

static void assert_refused(const struct buf *b, const char *sentence)
{
	struct safetensors f = {.n = 77};
	struct err e = {0};

	if (safetensors_read(b->data, b->len, &f, &e) == 0)
		fail_msg("accepted what must be refused with: %s", sentence);
	if (!strstr(e.text, sentence))
		fail_msg("\"%s\" does not say \"%s\"", e.text, sentence);
	assert_true(e.code == ERR_INVALID || e.code == ERR_RANGE);
	assert_int_equal(f.n, 77);
}

static void what_the_bytes_do_not_bear_out_is_refused(void **state)
{
	static const struct {
		const char *header;
		size_t data_bytes;
		const char *sentence;
	} table[] = {
		{"", 0, "the header: this is not JSON"},
		{"[]", 0, "the header: the JSON must be an object"},
		{"{} {}", 0, "the header: this is not JSON"},
		{"{\"a\":7}", 0, "the tensor \"a\": it must be an object"},
		{"{\"a\":" F32("[1]", "[0,4]") ",\"a\":" F32(
			 "[1]", "[4,8]") "}",
			8, "duplicate"},
		{"{\"a\":{\"dtype\":\"F16\",\"shape\":[2],"
		 "\"data_offsets\":[0,4]}}",
			4, "its type is F16, and only F32 is read"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4,
			"\"data_offsets\" is required"},
		{"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],"
		 "\"data_offsets\":[0,4],\"x\":1}}",
			4, "the key \"x\" is not known"},
		{"{\"a\":" F32("[]", "[0,4]") "}", 4,
			"\"shape\" has 0 entries"},
		{"{\"a\":" F32("[1,1,1,1,1]", "[0,4]") "}", 4,
			"\"shape\" has 5 entries"},
		{"{\"a\":" F32("[0]", "[0,0]") "}", 0,
			"entry 0 of \"shape\" must be an integer from 1"},
		{"{\"a\":" F32("[-1]", "[0,4]") "}", 4,
			"entry 0 of \"shape\" must be an integer from 1"},
		{"{\"a\":" F32("[1.0]", "[0,4]") "}", 4,
			"entry 0 of \"shape\" must be an integer from 1"},
		{"{\"a\":" F32("[4294967297]", "[0,4]") "}", 4,
			"entry 0 of \"shape\" must be an integer from 1"},
		{"{\"a\":" F32("[2147483647,2147483647,4,1]", "[0,4]") "}", 4,
			"more numbers than the file holds"},
		{"{\"a\":" F32("[2]", "[0,4]") "}", 4,
			"more numbers than the file holds"},
		{"{\"a\":" F32("[1]", "[0,8]") "}", 8,
			"span 8 bytes but its shape takes 4"},
		{"{\"a\":" F32("[1]", "[4,0]") "}", 4,
			"must be two rising integers from 0 to 4"},
		{"{\"a\":" F32("[1]", "[-4,0]") "}", 4,
			"must be two rising integers from 0 to 4"},
		{"{\"a\":" F32("[1]", "[4,8]") "}", 4,
			"must be two rising integers from 0 to 4"},
		{"{\"a\":" F32("[1]", "[4,8]") "}", 8,
			"the tensor \"a\" starts at byte 4 of the data, which "
			"must be 0"},
		{"{\"a\":" F32("[1]", "[0,4]") ",\"b\":" F32(
			 "[1]", "[0,4]") "}",
			4, "which must be 4: no holes, no overlaps"},
		{"{\"a\":" F32("[1]", "[0,4]") ",\"b\":" F32(
			 "[1]", "[8,12]") "}",
			12, "which must be 4: no holes, no overlaps"},
		{"{\"a\":" F32("[1]", "[0,4]") "}", 6,
			"the tensors end 2 bytes before the file does"},
		{"{\"__metadata__\":[]}", 0,
			"\"__metadata__\" must be an object"},
		{"{\"__metadata__\":{\"k\":1}}", 0,
			"the note \"k\" must be a string, not an integer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct buf b;

		make_file(&b, table[i].header, table[i].data_bytes);
		assert_refused(&b, table[i].sentence);
		buf_release(&b);
	}
}

static void a_header_nested_without_end_is_refused(void **state)
{
	char header[4096];
	struct buf b;

	(void)state;
	memset(header, '[', sizeof header - 1);
	header[sizeof header - 1] = '\0';
	make_file(&b, header, 0);
	assert_refused(&b, "nested deeper than 32 levels");
	buf_release(&b);
}

static void a_length_beyond_the_file_or_the_limit_is_refused(void **state)
{
	struct buf b;

	(void)state;
	make_file(&b, "{}", 0);
	b.data[0] = 3;
	assert_refused(&b, "the header is cut short");
	memset(b.data, 0xff, 8);
	assert_refused(&b, "its header is longer than 4194304 bytes");
	b.len = 7;
	assert_refused(&b, "7 bytes are no safetensors file");
	buf_release(&b);
}

static void more_tensors_than_the_limit_are_refused(void **state)
{
	struct buf b, header;

	(void)state;
	buf_init(&header, SAFETENSORS_HEADER_MAX);
	for (int i = 0; i <= SAFETENSORS_TENSORS_MAX + 1; i++)
		buf_printf(&header, NULL, "%s\"%d\":0", i ? "," : "{", i);
	buf_puts(&header, "}", NULL);
	make_file(&b, header.data, 0);
	assert_refused(&b, "of which a file may have 4096");
	buf_release(&b);
	buf_release(&header);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tensors_come_in_the_order_of_their_bytes),
		cmocka_unit_test(a_file_without_notes_has_none),
		cmocka_unit_test(what_the_bytes_do_not_bear_out_is_refused),
		cmocka_unit_test(a_header_nested_without_end_is_refused),
		cmocka_unit_test(
			a_length_beyond_the_file_or_the_limit_is_refused),
		cmocka_unit_test(more_tensors_than_the_limit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
