/* canonical.c -- the JSON Canonicalization Scheme, RFC 8785 section 3.2. */
#include "base/canonical.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define EXACT_INTEGER (INT64_C(1) << 53)
#define MAX_TEXT_BYTES ((size_t)512 << 20)

/* The n decimal digits nearest to x > 0 and the place of the point:
 * x is about 0.digits * 10^point. */
static void nearest_digits(double x, int n, char digits[20], int *point)
{
	char text[40];
	int k = 0;

	snprintf(text, sizeof text, "%.*e", n - 1, x);
	for (char *p = text; *p != 'e'; p++)
		if (*p != '.')
			digits[k++] = *p;
	*point = atoi(strchr(text, 'e') + 1) + 1;
}

static int reads_back(const char *digits, int n, int point, double x)
{
	char text[40];

	snprintf(text, sizeof text, "0.%.*se%d", n, digits, point);
	return strtod(text, NULL) == x;
}

/* One more in the last place.  All nines cannot be: a shorter number would
 * have been found before. */
static void add_one(char *digits, int n)
{
	while (n > 1 && digits[n - 1] == '9')
		digits[--n] = '0';
	digits[n - 1]++;
}

#define DIGITS_KEPT 15 /* that a decimal has through a double and back */

/* The fewest digits that read back as x > 0.  Where one of up to DIGITS_KEPT
 * digits does and x is normal, it is the nearest of DIGITS_KEPT less its zeros.
 * Below a power of two doubles lie closer than above it, so there the nearest n
 * digits may be too low while the next ones up still read back; ECMAScript
 * wants those. */
static int shortest_digits(double x, char digits[20], int *point)
{
	int n = x < DBL_MIN ? 1 : DIGITS_KEPT;

	for (; n < 17; n++) {
		nearest_digits(x, n, digits, point);
		if (reads_back(digits, n, *point, x))
			break;
		add_one(digits, n);
		if (reads_back(digits, n, *point, x))
			break;
	}
	if (n == 17)
		nearest_digits(x, n, digits, point);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

void canonical_number(double x, char out[CANONICAL_NUMBER_BYTES])
{
	char digits[20];
	int point, n;

	if (x == 0) {
		strcpy(out, "0");
		return;
	}
	if (x < 0)
		*out++ = '-';
	n = shortest_digits(fabs(x), digits, &point);
	if (n <= point && point <= 21)
		sprintf(out, "%.*s%.*s", n, digits, point - n,
			"000000000000000000000");
	else if (0 < point && point <= 21)
		sprintf(out, "%.*s.%.*s", point, digits, n - point,
			digits + point);
	else if (-6 < point && point <= 0)
		sprintf(out, "0.%.*s%.*s", -point, "000000", n, digits);
	else
		sprintf(out, "%c%s%.*se%+d", digits[0], n > 1 ? "." : "", n - 1,
			digits + 1, point - 1);
}

/* How many bytes from here on are said as they are. */
static size_t plain_run(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && (unsigned char)s[i] >= 0x20 && s[i] != '"' &&
		s[i] != '\\')
		i++;
	return i;
}

static int add_string(struct buf *out, const char *s, size_t n, struct err *e)
{
	static const char special[] = "\b\f\n\r\t\"\\", name[] = "bfnrt\"\\";
	int rc = buf_add(out, "\"", 1, e);

	for (size_t i = 0; rc == 0 && i < n; i++) {
		const size_t run = plain_run(s + i, n - i);
		unsigned char c;
		const char *at;

		if (run > 0)
			rc = buf_add(out, s + i, run, e);
		i += run;
		if (rc || i == n)
			break;
		c = (unsigned char)s[i];
		at = c ? strchr(special, c) : NULL;
		if (at)
			rc = buf_printf(out, e, "\\%c", name[at - special]);
		else
			rc = buf_printf(out, e, "\\u%04x", c);
	}
	return rc ? rc : buf_add(out, "\"", 1, e);
}

/* UTF-16 order differs from byte order only in this: characters beyond the
 * basic plane (lead bytes 0xf0 and above) come before U+E000..U+FFFF (0xee and
 * 0xef). */
static int utf16_rank(unsigned char c)
{
	if (c >= 0xf0)
		return c - 2;
	return c >= 0xee ? c + 16 : c;
}

static int compare_keys(const void *a, const void *b)
{
	const unsigned char *p = *(const unsigned char *const *)a;
	const unsigned char *q = *(const unsigned char *const *)b;

	while (*p && *p == *q)
		p++, q++;
	return utf16_rank(*p) - utf16_rank(*q);
}

enum order { AS_ADDED, SORTED };

static int add_value(
	struct buf *out, const json_t *v, enum order order, struct err *e);

static int add_object(
	struct buf *out, const json_t *v, enum order order, struct err *e)
{
	size_t n = json_object_size(v), i = 0;
	const char **keys = xcalloc(n, sizeof *keys);
	int rc = buf_add(out, "{", 1, e);
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)v, key, member)
		keys[i++] = key;
	if (order == SORTED)
		qsort(keys, n, sizeof *keys, compare_keys);
	for (i = 0; rc == 0 && i < n; i++) {
		if (i > 0)
			rc = buf_add(out, ",", 1, e);
		if (rc == 0)
			rc = add_string(out, keys[i], strlen(keys[i]), e);
		if (rc == 0)
			rc = buf_add(out, ":", 1, e);
		if (rc == 0)
			rc = add_value(
				out, json_object_get(v, keys[i]), order, e);
	}
	free(keys);
	return rc ? rc : buf_add(out, "}", 1, e);
}

static int add_array(
	struct buf *out, const json_t *v, enum order order, struct err *e)
{
	int rc = buf_add(out, "[", 1, e);

	for (size_t i = 0; rc == 0 && i < json_array_size(v); i++) {
		if (i > 0)
			rc = buf_add(out, ",", 1, e);
		if (rc == 0)
			rc = add_value(out, json_array_get(v, i), order, e);
	}
	return rc ? rc : buf_add(out, "]", 1, e);
}

static int add_integer(struct buf *out, json_int_t i, struct err *e)
{
	if (i > EXACT_INTEGER || i < -EXACT_INTEGER)
		return err_set(e, ERR_RANGE,
			"the integer %" JSON_INTEGER_FORMAT
			" is beyond 2^53 and not exact in JSON",
			i);
	return buf_printf(out, e, "%" JSON_INTEGER_FORMAT, i);
}

static int add_real(struct buf *out, double x, struct err *e)
{
	char text[CANONICAL_NUMBER_BYTES];

	if (!isfinite(x))
		return err_set(e, ERR_RANGE, "a number is not finite");
	canonical_number(x, text);
	return buf_puts(out, text, e);
}

static int add_value(
	struct buf *out, const json_t *v, enum order order, struct err *e)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT: return add_object(out, v, order, e);
	case JSON_ARRAY: return add_array(out, v, order, e);
	case JSON_STRING:
		return add_string(
			out, json_string_value(v), json_string_length(v), e);
	case JSON_INTEGER: return add_integer(out, json_integer_value(v), e);
	case JSON_REAL: return add_real(out, json_real_value(v), e);
	case JSON_TRUE: return buf_puts(out, "true", e);
	case JSON_FALSE: return buf_puts(out, "false", e);
	case JSON_NULL: return buf_puts(out, "null", e);
	}
	return err_set(e, ERR_INVALID, "not a JSON value");
}

int canonical_add(struct buf *out, const json_t *v, struct err *e)
{
	return add_value(out, v, SORTED, e);
}

static char *take_text(const json_t *v, enum order order, struct err *e)
{
	struct buf b;

	buf_init(&b, MAX_TEXT_BYTES);
	if (add_value(&b, v, order, e)) {
		buf_release(&b);
		return NULL;
	}
	return buf_take(&b);
}

char *canonical_text(const json_t *v, struct err *e)
{
	return take_text(v, SORTED, e);
}

char *canonical_text_as_added(const json_t *v, struct err *e)
{
	return take_text(v, AS_ADDED, e);
}
