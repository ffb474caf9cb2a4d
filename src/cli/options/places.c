/* places.c -- checks folders, tokens and addresses before they are used. */
#include "cli/options/places.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Joins two parts of a path. */
static int join(const char *a, const char *b, char out[PATH_MAX], struct err *e)
{
	if (snprintf(out, PATH_MAX, "%s/%s", a, b) >= PATH_MAX)
		return err_set(e, ERR_INVALID,
			"the data folder's path is "
			"too long");
	return 0;
}

int place_data_dir(const char *given, char out[PATH_MAX], struct err *e)
{
	const char *base = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	char here[PATH_MAX];

	if (given && given[0] != '/') {
		if (!getcwd(here, sizeof(here)))
			return err_set(e, ERR_INVALID,
				"the folder we are in is gone; give "
				"--data-dir an absolute path");
		return join(here, given, out, e);
	}
	if (given) {
		if (snprintf(out, PATH_MAX, "%s", given) >= PATH_MAX)
			return err_set(
				e, ERR_INVALID, "--data-dir is too long");
		return 0;
	}
	/* The XDG specification says to ignore a relative path here. */
	if (base && base[0] == '/')
		return join(base, "nevod", out, e);
	if (!home || home[0] != '/')
		return err_set(e, ERR_INVALID,
			"there is no home folder to keep data in; give "
			"--data-dir");
	return join(home, ".local/share/nevod", out, e);
}

int place_token(const char *path, char out[TOKEN_MAX_BYTES], struct err *e)
{
	struct http_access *a = http_access_open(path, e);

	if (!a)
		return ERR_INVALID;
	http_access_own(a, HTTP_ROLE_ADMIN, out);
	http_access_free(a);
	return 0;
}

void place_quote(const char *path, char out[PLACE_QUOTED_BYTES])
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				    "nopqrstuvwxyz0123456789_./-+=:@%";
	char *p = out, *end = out + PLACE_QUOTED_BYTES - 6;

	if (path[strspn(path, plain)] == '\0' && strlen(path) < PATH_MAX) {
		strcpy(out, path);
		return;
	}
	*p++ = '\'';
	for (; *path && p < end; path++) {
		if (*path == '\'') {
			memcpy(p, "'\\''", 4);
			p += 4;
		} else {
			*p++ = *path;
		}
	}
	strcpy(p, "'");
}

int place_address(const char *given, char out[ADDRESS_BYTES], struct err *e)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	if (strcmp(given, "localhost") == 0)
		given = "127.0.0.1";
	if (inet_pton(AF_INET, given, bytes) != 1 &&
		inet_pton(AF_INET6, given, bytes) != 1)
		return err_set(e, ERR_INVALID,
			"--bind must be an IPv4 or IPv6 address, not '%.60s'",
			given);
	snprintf(out, ADDRESS_BYTES, "%s", given);
	return 0;
}

int place_is_loopback(const char *address)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (strcmp(address, "localhost") == 0)
		return 1;
	if (inet_pton(AF_INET, address, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, address, &v6) == 1 &&
	       memcmp(&v6, &in6addr_loopback, sizeof(v6)) == 0;
}
