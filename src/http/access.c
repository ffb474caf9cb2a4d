/* access.c -- a file of tokens, read whole and replaced whole. */
#include "http/access.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define FILE_BYTES_MAX ((size_t)HTTP_TOKENS_MAX * 64)

struct token {
	enum http_role role;
	char text[HTTP_TOKEN_BYTES];
};

struct tokens {
	struct token *items;
	size_t n;
};

struct http_access {
	char *path;            /* NULL: none */
	pthread_rwlock_t lock; /* guards `tokens` */
	struct tokens tokens;
};

static const char *const names[] = {
	[HTTP_ROLE_NONE] = "none",
	[HTTP_ROLE_READ] = "read",
	[HTTP_ROLE_WORKER] = "worker",
	[HTTP_ROLE_ADMIN] = "admin",
};

const char *http_role_name(enum http_role role)
{
	return names[role];
}

/* -- the file -- */

static int wrong(const char *path, int line, const char *why, struct err *e)
{
	return err_set(e, ERR_INVALID, "--token-file %s, line %d: %s", path,
		line, why);
}

static int is_token(const char *s)
{
	if (!*s || strlen(s) >= HTTP_TOKEN_BYTES)
		return 0;
	for (; *s; s++)
		if (!isgraph((unsigned char)*s))
			return 0;
	return 1;
}

static void add(struct tokens *t, enum http_role role, const char *text)
{
	t->items = xrealloc(t->items, (t->n + 1) * sizeof *t->items);
	t->items[t->n].role = role;
	strcpy(t->items[t->n++].text, text);
}

/* "TOKEN" or "ROLE TOKEN"; the line is cut up. */
static int read_line(struct tokens *t, const char *path, int number, char *line,
	struct err *e)
{
	char *rest = NULL, *first = strtok_r(line, " \t\r", &rest);
	char *second = strtok_r(NULL, " \t\r", &rest);
	enum http_role role = HTTP_ROLE_ADMIN;

	if (!first || first[0] == '#')
		return 0;
	if (t->n == HTTP_TOKENS_MAX)
		return wrong(path, number, "more tokens than 1,000", e);
	if (second) {
		role = HTTP_ROLE_READ;
		while (role <= HTTP_ROLE_ADMIN &&
			strcmp(names[role], first) != 0)
			role++;
	}
	if (role > HTTP_ROLE_ADMIN || strtok_r(NULL, " \t\r", &rest))
		return wrong(path, number,
			"a line is a token, or a role (admin, worker, read) "
			"and a token",
			e);
	if (!is_token(second ? second : first))
		return wrong(path, number,
			"a token has at most 1,023 printable characters", e);
	add(t, role, second ? second : first);
	return 0;
}

static int read_lines(
	struct tokens *t, const char *path, char *text, struct err *e)
{
	int number = 0, rc = 0;

	for (char *next = text; next && rc == 0;) {
		char *line = next;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		rc = read_line(t, path, ++number, line, e);
	}
	if (rc == 0 && t->n == 0)
		rc = err_set(
			e, ERR_INVALID, "--token-file %s holds no token", path);
	return rc;
}

/* The file is a secret: regular, small, and not for everybody. */
static int check_file(int fd, const char *path, size_t *size, struct err *e)
{
	struct stat s;

	if (fstat(fd, &s))
		return err_set(e, ERR_INVALID, "--token-file %s: %s", path,
			strerror(errno));
	if (!S_ISREG(s.st_mode))
		return err_set(e, ERR_INVALID,
			"--token-file %s is no regular file", path);
	if (s.st_mode & 07)
		return err_set(e, ERR_INVALID,
			"--token-file %s is open to every user of this "
			"machine: chmod o= it",
			path);
	if (s.st_size > (off_t)FILE_BYTES_MAX)
		return err_set(e, ERR_INVALID,
			"--token-file %s is larger than %zu bytes", path,
			FILE_BYTES_MAX);
	*size = (size_t)s.st_size;
	return 0;
}

static int read_file(struct tokens *t, const char *path, struct err *e)
{
	/* O_NONBLOCK: a pipe is refused, not waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	size_t size = 0;
	ssize_t n;
	char *text;

	if (fd < 0)
		return err_set(e, ERR_INVALID,
			"--token-file %s cannot be read: %s", path,
			strerror(errno));
	rc = check_file(fd, path, &size, e);
	if (rc == 0) {
		text = xcalloc(size + 1, 1);
		n = read(fd, text, size);
		if (n < 0 || strlen(text) != (size_t)n)
			rc = err_set(e, ERR_INVALID,
				"--token-file %s is no text", path);
		else
			rc = read_lines(t, path, text, e);
		OPENSSL_cleanse(text, size);
		free(text);
	}
	close(fd);
	return rc;
}

static void release(struct tokens *t)
{
	if (t->items)
		OPENSSL_cleanse(t->items, t->n * sizeof *t->items);
	free(t->items);
	*t = (struct tokens){.n = 0};
}

/* -- */

static struct http_access *make(void)
{
	struct http_access *a = xcalloc(1, sizeof *a);

	pthread_rwlock_init(&a->lock, NULL);
	return a;
}

struct http_access *http_access_open(const char *path, struct err *e)
{
	struct http_access *a = make();

	a->path = xstrdup(path);
	if (read_file(&a->tokens, path, e) == 0)
		return a;
	http_access_free(a);
	return NULL;
}

struct http_access *http_access_of(const char *token)
{
	struct http_access *a = make();

	add(&a->tokens, HTTP_ROLE_ADMIN, token);
	return a;
}

int http_access_reload(struct http_access *a, struct err *e)
{
	struct tokens fresh = {.n = 0}, old;
	int rc = a->path ? read_file(&fresh, a->path, e) : 0;

	if (rc || !a->path) {
		release(&fresh);
		return rc;
	}
	pthread_rwlock_wrlock(&a->lock);
	old = a->tokens;
	a->tokens = fresh;
	pthread_rwlock_unlock(&a->lock);
	release(&old);
	return 0;
}

enum http_role http_access_role(struct http_access *a, const char *token)
{
	enum http_role role = HTTP_ROLE_NONE;
	const size_t n = strlen(token);

	pthread_rwlock_rdlock(&a->lock);
	/* To the end, whichever it is; of equal tokens the last counts. */
	for (size_t i = 0; i < a->tokens.n; i++) {
		const struct token *t = &a->tokens.items[i];

		if (strlen(t->text) == n &&
			CRYPTO_memcmp(t->text, token, n) == 0)
			role = t->role;
	}
	pthread_rwlock_unlock(&a->lock);
	return role;
}

void http_access_own(
	struct http_access *a, enum http_role role, char out[HTTP_TOKEN_BYTES])
{
	size_t i = 0;

	pthread_rwlock_rdlock(&a->lock);
	while (i < a->tokens.n && a->tokens.items[i].role != role)
		i++;
	strcpy(out, a->tokens.items[i < a->tokens.n ? i : 0].text);
	pthread_rwlock_unlock(&a->lock);
}

void http_access_free(struct http_access *a)
{
	if (!a)
		return;
	release(&a->tokens);
	pthread_rwlock_destroy(&a->lock);
	free(a->path);
	free(a);
}
