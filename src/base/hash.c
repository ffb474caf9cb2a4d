/* hash.c -- libcrypto's EVP interface; its failures are lack of memory. */
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct sha256 {
	EVP_MD_CTX *ctx;
};

static void must(int ok)
{
	if (!ok)
		abort();
}

struct sha256 *sha256_new(void)
{
	struct sha256 *h = malloc(sizeof *h);

	must(h != NULL);
	h->ctx = EVP_MD_CTX_new();
	must(h->ctx && EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL));
	return h;
}

void sha256_add(struct sha256 *h, const void *bytes, size_t n)
{
	must(EVP_DigestUpdate(h->ctx, bytes, n));
}

void sha256_end(struct sha256 *h, char hex[SHA256_HEX_BYTES])
{
	static const char digit[] = "0123456789abcdef";
	unsigned char d[32];

	must(EVP_DigestFinal_ex(h->ctx, d, NULL));
	for (int i = 0; i < 32; i++) {
		hex[2 * i] = digit[d[i] >> 4];
		hex[2 * i + 1] = digit[d[i] & 15];
	}
	hex[64] = '\0';
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void sha256_of(const void *bytes, size_t n, char hex[SHA256_HEX_BYTES])
{
	struct sha256 *h = sha256_new();

	sha256_add(h, bytes, n);
	sha256_end(h, hex);
}

int sha256_is_hex(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}
