/* npy.c -- the header is a Python dictionary of three members. */
#include "data/npy.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define MAGIC "\x93NUMPY"
#define MAGIC_BYTES 6
#define HEADER_MAX 65535
#define DESCR_BYTES 8
#define DIGITS_MAX 18 /* of a number that 64 bits hold */

int npy_is(const void *bytes)
{
	return memcmp(bytes, MAGIC, MAGIC_BYTES) == 0;
}

const char *npy_name(enum dataset_part part, int labels, int i)
{
	static const char *const names[DATASET_PARTS][2][4] = {
		[DATASET_TRAIN] = {{"train-images", "train_images", "x_train"},
			{"train-labels", "train_labels", "y_train"}},
		[DATASET_TEST] = {{"test-images", "test_images", "x_test"},
			{"test-labels", "test_labels", "y_test"}},
		[DATASET_VALIDATION] = {{"val-images", "val_images", "x_val"},
			{"val-labels", "val_labels", "y_val"}},
	};

	return names[part][labels != 0][i];
}

/* -- the dictionary -- */

/* The text that is left to read; `at` is NULL once something did not fit. */
struct scan {
	const char *at;
};

static void skip_blanks(struct scan *s)
{
	while (s->at && (*s->at == ' ' || *s->at == '\n'))
		s->at++;
}

/* True, behind it, if the text goes on with that word. */
static int take(struct scan *s, const char *word)
{
	const size_t n = strlen(word);

	skip_blanks(s);
	if (!s->at || strncmp(s->at, word, n) != 0)
		return 0;
	s->at += n;
	return 1;
}

static void expect(struct scan *s, const char *word)
{
	if (!take(s, word))
		s->at = NULL;
}

/* A text in single or double quotes, of less than `room` bytes. */
static void quoted(struct scan *s, char *out, size_t room)
{
	const char *begin, *end;
	char quote;

	skip_blanks(s);
	if (!s->at || (*s->at != '\'' && *s->at != '"')) {
		s->at = NULL;
		return;
	}
	quote = *s->at;
	begin = s->at + 1;
	end = strchr(begin, quote);
	s->at = NULL;
	if (!end || (size_t)(end - begin) >= room)
		return;
	memcpy(out, begin, (size_t)(end - begin));
	out[end - begin] = '\0';
	s->at = end + 1;
}

static uint64_t number(struct scan *s)
{
	uint64_t n = 0;
	size_t digits;

	skip_blanks(s);
	digits = s->at ? strspn(s->at, "0123456789") : 0;
	if (digits < 1 || digits > DIGITS_MAX) {
		s->at = NULL;
		return 0;
	}
	for (; digits > 0; digits--)
		n = 10 * n + (uint64_t)(*s->at++ - '0');
	take(s, "L"); /* as Python 2 wrote it */
	return n;
}

struct header {
	char descr[DESCR_BYTES];
	int fortran;
	struct array_shape shape; /* its rank is that of the file */
};

static void read_shape(struct scan *s, struct array_shape *out)
{
	expect(s, "(");
	for (out->rank = 0; s->at && !take(s, ")"); out->rank++) {
		uint64_t n = number(s);

		if (out->rank < ARRAY_RANK_MAX)
			out->dims[out->rank] = n;
		if (!take(s, ",")) {
			expect(s, ")");
			out->rank++;
			return;
		}
	}
}

static void read_member(struct scan *s, struct header *h)
{
	char key[16] = "";

	quoted(s, key, sizeof key);
	expect(s, ":");
	if (strcmp(key, "descr") == 0)
		quoted(s, h->descr, sizeof h->descr);
	else if (strcmp(key, "fortran_order") == 0)
		h->fortran = take(s, "True") || (expect(s, "False"), 0);
	else if (strcmp(key, "shape") == 0)
		read_shape(s, &h->shape);
	else
		s->at = NULL;
}

/* True if it is one. */
static int read_dictionary(const char *text, struct header *h)
{
	struct scan s = {text};

	expect(&s, "{");
	while (s.at && !take(&s, "}")) {
		read_member(&s, h);
		if (!take(&s, ",")) {
			expect(&s, "}");
			break;
		}
	}
	skip_blanks(&s);
	return s.at && *s.at == '\0' && h->descr[0];
}

/* -- what it says -- */

static int find_element(const char *code, enum element *out)
{
	static const struct {
		const char *code;
		enum element type;
	} known[] = {{"u1", ELEMENT_U8}, {"b1", ELEMENT_U8}, {"i1", ELEMENT_I8},
		{"u2", ELEMENT_U16}, {"i2", ELEMENT_I16}, {"u4", ELEMENT_U32},
		{"i4", ELEMENT_I32}, {"u8", ELEMENT_U64}, {"i8", ELEMENT_I64},
		{"f4", ELEMENT_F32}, {"f8", ELEMENT_F64}};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i].code, code) == 0) {
			*out = known[i].type;
			return 1;
		}
	return 0;
}

static int check(struct header *h, const char *name, struct err *e)
{
	if (!strchr("<>|=", h->descr[0]) ||
		!find_element(h->descr + 1, &h->shape.type))
		return err_set(e, ERR_INVALID,
			"%s has elements of type '%s'; integers of 8 to 64 "
			"bits and floats of 32 or 64 are read",
			name, h->descr);
	h->shape.big_endian = h->descr[0] == '>';
	if (h->shape.rank < 1 || h->shape.rank > ARRAY_RANK_MAX)
		return err_set(e, ERR_INVALID,
			"%s has %d dimensions, not 1 to %d", name,
			h->shape.rank, ARRAY_RANK_MAX);
	if (h->fortran && h->shape.rank > 1)
		return err_set(e, ERR_INVALID,
			"%s is in Fortran's order: save it in C's "
			"(numpy.ascontiguousarray)",
			name);
	return 0;
}

/* Magic, version, and how long the dictionary is. */
static int read_preface(struct stream *in, size_t *length, struct err *e)
{
	uint8_t b[MAGIC_BYTES + 2], n[4] = {0};
	int rc = stream_read(in, b, sizeof b, e);

	if (rc)
		return rc;
	if (!npy_is(b) || b[MAGIC_BYTES] < 1 || b[MAGIC_BYTES] > 3)
		return err_set(e, ERR_INVALID, "%s is not an NPY file",
			stream_name(in));
	rc = stream_read(in, n, b[MAGIC_BYTES] == 1 ? 2 : 4, e);
	*length = (size_t)n[0] | (size_t)n[1] << 8 | (size_t)n[2] << 16 |
		  (size_t)n[3] << 24;
	if (rc == 0 && *length > HEADER_MAX)
		return err_set(e, ERR_INVALID,
			"the header of %s is over %d bytes", stream_name(in),
			HEADER_MAX);
	return rc;
}

static int read_header(struct stream *in, struct header *h, struct err *e)
{
	size_t length = 0;
	char *text;
	int rc = read_preface(in, &length, e);

	if (rc)
		return rc;
	text = xcalloc(length + 1, 1);
	rc = stream_read(in, text, length, e);
	if (rc == 0 && (strlen(text) != length || !read_dictionary(text, h)))
		rc = err_set(e, ERR_INVALID, "the header of %s cannot be read",
			stream_name(in));
	free(text);
	return rc ? rc : check(h, stream_name(in), e);
}

int npy_open(struct stream *in, struct array **out, struct err *e)
{
	struct header h = {.fortran = 0};
	int rc = read_header(in, &h, e);

	if (rc == 0)
		rc = array_new(in, &h.shape, out, e);
	if (rc)
		stream_close(in);
	return rc;
}
