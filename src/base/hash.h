/* hash.h -- SHA-256, by libcrypto. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#define SHA256_HEX_BYTES 65 /* 64 lower-case digits and a NUL */

struct sha256; /* a running hash */

/* A fresh hash; the caller ends it with sha256_end. */
struct sha256 *sha256_new(void);

/* Adds `n` bytes. */
void sha256_add(struct sha256 *h, const void *bytes, size_t n);

/* Writes the digest in hex and frees `h`. */
void sha256_end(struct sha256 *h, char hex[SHA256_HEX_BYTES]);

/* The digest of one piece. */
void sha256_of(const void *bytes, size_t n, char hex[SHA256_HEX_BYTES]);

/* True if `s` is 64 lower-case hex digits, as a blob's name must be. */
int sha256_is_hex(const char *s);

#endif
