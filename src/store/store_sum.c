/* store_sum.c -- a row's columns as bytes that say each type and length. */
#include "store/store_sum.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void store_sum_begin(struct store_sum *s, const char *kind, const char *run)
{
	s->hash = sha256_new();
	store_sum_add(s, &(struct store_value){STORE_TEXT, .text = kind});
	store_sum_add(s, &(struct store_value){STORE_TEXT, .text = run});
}

static uint64_t bits_of(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof bits);
	return v == 0 ? 0 : bits;
}

void store_sum_add(struct store_sum *s, const struct store_value *v)
{
	const char *text = v->type == STORE_TEXT ? v->text : NULL;
	char head[32];
	int n;

	if (v->type == STORE_INT)
		n = snprintf(head, sizeof head, "i%" PRId64 ";", v->integer);
	else if (v->type == STORE_REAL)
		n = snprintf(head, sizeof head, "r%016" PRIx64 ";",
			bits_of(v->real));
	else if (text)
		n = snprintf(head, sizeof head, "t%zu;", strlen(text));
	else
		n = snprintf(head, sizeof head, "n;");
	sha256_add(s->hash, head, (size_t)n);
	if (text)
		sha256_add(s->hash, text, strlen(text));
}

void store_sum_end(struct store_sum *s, char out[STORE_SUM_BYTES])
{
	char hex[SHA256_HEX_BYTES];

	sha256_end(s->hash, hex);
	s->hash = NULL;
	memcpy(out, hex, STORE_SUM_BYTES - 1);
	out[STORE_SUM_BYTES - 1] = '\0';
}
