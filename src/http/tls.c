/* tls.c -- looks at certificates and keys before a library fails on them
 * without a sentence. */
#include "http/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "http/client_private.h"

#define PEM_BYTES_MAX ((size_t)1 << 20)

struct trust http_trust;

/* -- files -- */

/* The whole file as text, to be freed; `secret` is refused to others. */
static char *read_pem(
	const char *option, const char *path, int secret, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat s;
	char *text;
	ssize_t n;

	if (fd < 0 || fstat(fd, &s)) {
		err_set(e, ERR_INVALID, "%s %s cannot be read: %s", option,
			path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	if (!S_ISREG(s.st_mode) || s.st_size > (off_t)PEM_BYTES_MAX ||
		(secret && (s.st_mode & 07))) {
		err_set(e, ERR_INVALID, "%s %s %s", option, path,
			!S_ISREG(s.st_mode) ? "is no regular file"
			: secret && (s.st_mode & 07)
				? "is open to every user of this machine: "
				  "chmod o= it"
				: "is larger than a megabyte");
		close(fd);
		return NULL;
	}
	text = xcalloc((size_t)s.st_size + 1, 1);
	n = read(fd, text, (size_t)s.st_size);
	close(fd);
	if (n > 0)
		return text;
	err_set(e, ERR_INVALID, "%s %s is empty", option, path);
	free(text);
	return NULL;
}

/* -- what they hold -- */

static X509 *parse_cert(const char *text)
{
	BIO *b = BIO_new_mem_buf(text, -1);
	X509 *x = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;

	BIO_free(b);
	return x;
}

/* A key with a passphrase is none of ours: nobody could be asked for it. */
static int no_passphrase(char *out, int n, int writing, void *ctx)
{
	(void)out;
	(void)n;
	(void)writing;
	(void)ctx;
	return -1;
}

static EVP_PKEY *parse_key(const char *text)
{
	BIO *b = BIO_new_mem_buf(text, -1);
	EVP_PKEY *k = b ? PEM_read_bio_PrivateKey(b, NULL, no_passphrase, NULL)
			: NULL;

	BIO_free(b);
	return k;
}

static int check_cert(
	const char *option, const char *path, const char *text, struct err *e)
{
	X509 *x = parse_cert(text);

	if (!x)
		return err_set(e, ERR_INVALID, "%s %s holds no PEM certificate",
			option, path);
	X509_free(x);
	return 0;
}

static int check_pair(const char *cert, const char *cert_path, const char *key,
	const char *key_path, struct err *e)
{
	X509 *x = parse_cert(cert);
	EVP_PKEY *k = parse_key(key);
	int rc = 0;

	if (!x)
		rc = err_set(e, ERR_INVALID,
			"--tls-cert %s holds no PEM certificate", cert_path);
	else if (!k)
		rc = err_set(e, ERR_INVALID,
			"--tls-key %s holds no PEM key without a passphrase",
			key_path);
	else if (!X509_check_private_key(x, k))
		rc = err_set(e, ERR_INVALID,
			"--tls-key %s does not belong to --tls-cert %s",
			key_path, cert_path);
	X509_free(x);
	EVP_PKEY_free(k);
	return rc;
}

/* -- */

int http_tls_read(struct http_tls *t, const char *cert, const char *key,
	const char *client, struct err *e)
{
	memset(t, 0, sizeof *t);
	if (!cert != !key)
		return err_set(e, ERR_INVALID,
			"--tls-cert and --tls-key need each other");
	if (!cert && client)
		return err_set(e, ERR_INVALID,
			"--tls-client-ca needs --tls-cert and --tls-key");
	if (!cert)
		return 0;
	t->cert = read_pem("--tls-cert", cert, 0, e);
	t->key = t->cert ? read_pem("--tls-key", key, 1, e) : NULL;
	if (!t->key || check_pair(t->cert, cert, t->key, key, e))
		return ERR_INVALID;
	if (!client)
		return 0;
	t->client = read_pem("--tls-client-ca", client, 0, e);
	return t->client ? check_cert("--tls-client-ca", client, t->client, e)
			 : ERR_INVALID;
}

void http_tls_release(struct http_tls *t)
{
	if (t->key)
		OPENSSL_cleanse(t->key, strlen(t->key));
	free(t->cert);
	free(t->key);
	free(t->client);
	memset(t, 0, sizeof *t);
}

int http_tls_trust(
	const char *ca_file, const char *cert, const char *key, struct err *e)
{
	char *text = ca_file ? read_pem("--ca-file", ca_file, 0, e) : NULL;
	int rc = 0;

	if (ca_file && !text)
		return ERR_INVALID;
	if (text)
		rc = check_cert("--ca-file", ca_file, text, e);
	free(text);
	http_trust = (struct trust){ca_file, cert, key};
	return rc;
}
