/* config.h -- options from configuration files.
 *
 *     # /etc/nevod/site.conf
 *     token-file = /etc/nevod/token     every subcommand that has the option
 *     [broker]                          this subcommand alone
 *     data-dir = /var/lib/nevod
 *
 * Read are the files *.conf of /etc/nevod and then those of
 * $XDG_CONFIG_HOME/nevod (~/.config/nevod), each folder in the order of names;
 * or, where NEVOD_CONFIG is set, that one file alone.  A folder below a home
 * that keeps us out has none for us.  The command line and the
 * environment come before them, a later line before an earlier one, a section
 * before what stands above all sections.  A flag is 1 or 0; the lines of an
 * option that may come again add up. */
#ifndef CLI_OPTIONS_CONFIG_H
#define CLI_OPTIONS_CONFIG_H

#include <stddef.h>

#include "base/err.h"

#define CONFIG_WHERE_BYTES 320
#define CONFIG_LINES_MAX 256

struct config_line {
	char where[CONFIG_WHERE_BYTES]; /* "FILE:LINE" for messages */
	char *section;                  /* "" above all sections */
	char *key, *value;
};

/* All lines in the order in which they hold. */
struct config {
	struct config_line *lines;
	size_t n;
	char **texts; /* of files, into which the lines point */
	size_t n_texts;
};

/* Reads the files that there are; release it whatever comes of it.  ERR_INVALID
 * names the file and the line: no KEY = VALUE, more than CONFIG_LINES_MAX
 * lines, a file that is too large or cannot be read. */
int config_read(struct config *c, struct err *e);

/* Frees what was read. */
void config_release(struct config *c);

/* ERR_INVALID with "did you mean" for a section that is no subcommand, and for
 * a key that is none of its options or, above all sections, no subcommand's. */
int config_check(const struct config *c, struct err *e);

#endif
