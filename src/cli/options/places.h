/* places.h -- what the options name: the data folder, the token, addresses. */
#ifndef CLI_OPTIONS_PLACES_H
#define CLI_OPTIONS_PLACES_H

#include <limits.h>
#include <stddef.h>

#include "base/err.h"
#include "http/access.h"

#define TOKEN_MAX_BYTES HTTP_TOKEN_BYTES

/* Writes the absolute path of the data folder: `given`, or without it
 * $XDG_DATA_HOME/nevod, or ~/.local/share/nevod.  The folder need not exist.
 * ERR_INVALID without a home, or when the path is too long. */
int place_data_dir(const char *given, char out[PATH_MAX], struct err *e);

/* Reads the token that a client shows, the first of an admin or else the first
 * of the file (http/access.h).  ERR_INVALID. */
int place_token(const char *path, char out[TOKEN_MAX_BYTES], struct err *e);

/* Writes the path as a shell takes it, in quotes only where it needs them. */
#define PLACE_QUOTED_BYTES (4 * PATH_MAX)
void place_quote(const char *path, char out[PLACE_QUOTED_BYTES]);

/* Writes the numeric address meant by --bind ("localhost" is 127.0.0.1).
 * ERR_INVALID if it is none. */
#define ADDRESS_BYTES 64
int place_address(const char *given, char out[ADDRESS_BYTES], struct err *e);

/* True for a numeric address that only this machine reaches. */
int place_is_loopback(const char *address);

#endif
