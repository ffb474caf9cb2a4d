/* download.h -- a file from a server that we know nothing of, handed over as it
 * comes.
 *
 * Redirects are told and not followed: who asks decides, host by host.  The
 * address is looked at when it is connected to, so that a name cannot mean one
 * thing when it is checked and another when it is used.  Nothing of the
 * environment (proxies) is used.  Safe from any thread. */
#ifndef HTTP_DOWNLOAD_H
#define HTTP_DOWNLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "http/signing.h"

#define HTTP_REDIRECT_BYTES 4096

struct http_download {
	const char *url;      /* http or https, encoded */
	int first_byte_alone; /* what it is is asked, not its bytes, ... */
	int head_alone;       /* ... by a HEAD, which not every server knows */
	uint64_t from;        /* byte to begin at */
	const char *if_range; /* what `from` is good for: an ETag or a date */
	int public_only;      /* no address that http_address_public refuses */
	const struct http_signing *sign; /* or NULL */
	/* Bytes that stand at `at` in the file: at `from` on, or at 0 on where
	 * the server begins anew.  NULL: they are passed over.  An error ends
	 * the download. */
	int (*take)(void *ctx, uint64_t at, const char *bytes, size_t n,
		struct err *e);
	/* Looked at about once a second; true ends with ERR_CANCELLED. */
	int (*cancelled)(void *ctx);
	void *ctx;
};

struct http_downloaded {
	int status;
	int has_bytes;
	uint64_t bytes; /* of the whole file */
	char etag[160], modified[64];
	/* Where a 3xx leads to, absolute; or "". */
	char redirect[HTTP_REDIRECT_BYTES];
};

/* The server that a URL leads to, as http_download takes the URL. */
struct http_place {
	char host[256]; /* lower case, an IPv6 address without brackets */
	int port;
	int secure; /* https */
};

/* ERR_INVALID for what is no URL of http or https, and for one with a user or a
 * password in it, which would be kept and shown. */
int http_place_of(const char *url, struct http_place *out, struct err *e);

/* 0 whatever the status; only of a 2xx are bytes handed over.  ERR_WORLD: no
 * connection, cut off, too slow, or another range than was asked for;
 * ERR_DENIED: an address that is not public; ERR_CANCELLED; what `take`
 * returned. */
int http_download(const struct http_download *d, struct http_downloaded *out,
	struct err *e);

#endif
