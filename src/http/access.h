/* access.h -- who may ask: tokens and what each allows.
 *
 * A file of tokens has a line for each: "TOKEN", or "ROLE TOKEN".  A token is a
 * word of printable characters; lines that begin with '#' say nothing.  Roles:
 *
 *     admin    everything; also what a token without a role has
 *     worker   what services ask of each other: jobs, weights, data sets,
 *              joining (routes with HTTP_WORK)
 *     read     GET of everything else
 *
 * Safe from any thread. */
#ifndef HTTP_ACCESS_H
#define HTTP_ACCESS_H

#include "base/err.h"

#define HTTP_TOKEN_BYTES 1024
#define HTTP_TOKENS_MAX 1000

enum http_role {
	HTTP_ROLE_NONE,
	HTTP_ROLE_READ,
	HTTP_ROLE_WORKER,
	HTTP_ROLE_ADMIN
};

struct http_access;

/* Reads a file of tokens.  NULL with ERR_INVALID: a sentence that names the
 * file, which cannot be read, is no regular file, has no token or something
 * that is none, or can be read by every user of the machine. */
struct http_access *http_access_open(const char *path, struct err *e);

/* One token, of an admin. */
struct http_access *http_access_of(const char *token);

/* Reads the file again.  On an error, as http_access_open has it, what was read
 * before holds. */
int http_access_reload(struct http_access *a, struct err *e);

/* What that token allows: HTTP_ROLE_NONE if it is none of them.  Takes a time
 * that does not tell how much of it is right. */
enum http_role http_access_role(struct http_access *a, const char *token);

/* Writes the token that a program with this file shows to others: the first of
 * that role, or else the first of all. */
void http_access_own(
	struct http_access *a, enum http_role role, char out[HTTP_TOKEN_BYTES]);

/* NULL is allowed. */
void http_access_free(struct http_access *a);

/* "read", "worker", "admin". */
const char *http_role_name(enum http_role role);

#endif
