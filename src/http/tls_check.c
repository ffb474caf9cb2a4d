/* tls_check.c -- a certificate as a client will look at it, before there is
 * one. */
#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "http/tls.h"

/* All certificates of the text, the first of which is the server's; NULL when
 * there is none. */
static STACK_OF(X509) * read_chain(const char *text)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO *b = BIO_new_mem_buf(text, -1);
	X509 *x;

	while (b && chain && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)))
		if (!sk_X509_push(chain, x))
			X509_free(x);
	BIO_free(b);
	if (sk_X509_num(chain) > 0)
		return chain;
	sk_X509_free(chain);
	return NULL;
}

static X509_STORE *open_store(const char *ca_file)
{
	X509_STORE *s = X509_STORE_new();

	if (s && (ca_file ? X509_STORE_load_file(s, ca_file)
			  : X509_STORE_set_default_paths(s)) == 1)
		return s;
	X509_STORE_free(s);
	return NULL;
}

static int expect_host(X509_STORE_CTX *ctx, const char *host)
{
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
	struct in6_addr any;

	if (inet_pton(AF_INET, host, &any) == 1 ||
		inet_pton(AF_INET6, host, &any) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(p, host);
	return X509_VERIFY_PARAM_set1_host(p, host, 0);
}

/* NULL, or what is wrong. */
static const char *verify(
	X509_STORE *store, STACK_OF(X509) * chain, const char *host)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	const char *why = "out of memory";

	if (ctx &&
		X509_STORE_CTX_init(
			ctx, store, sk_X509_value(chain, 0), chain) == 1 &&
		X509_STORE_CTX_set_default(ctx, "ssl_server") == 1 &&
		expect_host(ctx, host) == 1)
		why = X509_verify_cert(ctx) == 1
			      ? NULL
			      : X509_verify_cert_error_string(
					X509_STORE_CTX_get_error(ctx));
	X509_STORE_CTX_free(ctx);
	return why;
}

int http_tls_check(const struct http_tls *t, const char *ca_file,
	const char *host, struct err *e)
{
	STACK_OF(X509) *chain = read_chain(t->cert);
	X509_STORE *store = open_store(ca_file);
	const char *why = !chain   ? "it holds no PEM certificate"
			  : !store ? "--ca-file cannot be read"
				   : verify(store, chain, host);

	if (why)
		err_set(e, ERR_INVALID,
			"who trusts %s would not trust --tls-cert at %s: %s",
			ca_file ? "--ca-file" : "the system's authorities",
			host, why);
	X509_STORE_free(store);
	sk_X509_pop_free(chain, X509_free);
	return why ? ERR_INVALID : 0;
}
