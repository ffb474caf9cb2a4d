/* config.c -- finds and reads configuration files. */
#include "cli/options/config.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/file.h"

#define FILE_BYTES_MAX 65536

static const char system_folder[] = "/etc/nevod";

/* -- lines -- */

/* The text without blanks around it, which end it. */
static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t\r");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]))
		end--;
	*end = '\0';
	return s;
}

static int keep(struct config *c, const struct config_line *l, struct err *e)
{
	if (c->n == CONFIG_LINES_MAX)
		return err_set(e, ERR_INVALID,
			"%s: more than %d lines of configuration", l->where,
			CONFIG_LINES_MAX);
	c->lines = xrealloc(c->lines, (c->n + 1) * sizeof *c->lines);
	c->lines[c->n++] = *l;
	return 0;
}

/* One line; a section's name holds from there on. */
static int read_line(
	struct config *c, struct config_line *l, char *text, struct err *e)
{
	const size_t n = strlen(text);
	char *equals;

	if (n == 0 || text[0] == '#' || text[0] == ';')
		return 0;
	if (text[0] == '[' && text[n - 1] == ']') {
		text[n - 1] = '\0';
		l->section = trim(text + 1);
		return 0;
	}
	equals = strchr(text, '=');
	if (!equals || equals == text)
		return err_set(e, ERR_INVALID,
			"%s: neither OPTION = VALUE nor [SUBCOMMAND]",
			l->where);
	*equals = '\0';
	l->key = trim(text);
	l->value = trim(equals + 1);
	return keep(c, l, e);
}

static int read_text(
	struct config *c, const char *path, char *text, struct err *e)
{
	struct config_line l = {.section = text + strlen(text)};
	int number = 0, rc = 0;

	for (char *next = text; next && rc == 0;) {
		char *line = next;

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		snprintf(l.where, sizeof l.where, "%.300s:%d", path, ++number);
		rc = read_line(c, &l, trim(line), e);
	}
	return rc;
}

static int read_file(struct config *c, const char *path, struct err *e)
{
	struct err why = {0};
	struct buf b;

	buf_init(&b, FILE_BYTES_MAX);
	if (file_read(path, &b, &why)) {
		buf_release(&b);
		return err_set(e, ERR_INVALID, "configuration: %s", why.text);
	}
	if (b.len == 0 || strlen(b.data) != b.len) {
		int empty = b.len == 0;

		buf_release(&b);
		return empty ? 0
			     : err_set(e, ERR_INVALID,
				       "configuration: %.300s is not text",
				       path);
	}
	c->texts = xrealloc(c->texts, (c->n_texts + 1) * sizeof *c->texts);
	c->texts[c->n_texts] = buf_take(&b);
	return read_text(c, path, c->texts[c->n_texts++], e);
}

/* -- files -- */

static int is_conf(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	return d->d_name[0] != '.' && n > 5 &&
	       strcmp(d->d_name + n - 5, ".conf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* A folder that is not there has no files. */
static int read_folder(struct config *c, const char *folder, struct err *e)
{
	struct dirent **list;
	int n = scandir(folder, &list, is_conf, by_name), rc = 0;
	char path[PATH_MAX];

	if (n < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_set(e, ERR_INVALID,
					 "configuration: cannot read %.300s: "
					 "%s",
					 folder, strerror(errno));
	for (int i = 0; i < n; i++) {
		if (rc == 0 && snprintf(path, sizeof path, "%s/%s", folder,
				       list[i]->d_name) < (int)sizeof path)
			rc = read_file(c, path, e);
		free(list[i]);
	}
	free(list);
	return rc;
}

/* True below somebody else's home, which HOME names still after a change of
 * user by sudo: what is there is not for us. */
static int is_kept_from_us(const char *folder)
{
	struct stat st;

	return stat(folder, &st) && errno == EACCES;
}

static int read_users_folder(struct config *c, struct err *e)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char folder[PATH_MAX];
	int n;

	/* The XDG specification says to ignore a relative path here. */
	if (base && base[0] == '/')
		n = snprintf(folder, sizeof folder, "%s/nevod", base);
	else if (home && home[0] == '/')
		n = snprintf(folder, sizeof folder, "%s/.config/nevod", home);
	else
		return 0;
	if (n >= (int)sizeof folder || is_kept_from_us(folder))
		return 0;
	return read_folder(c, folder, e);
}

int config_read(struct config *c, struct err *e)
{
	const char *one = getenv("NEVOD_CONFIG");
	int rc;

	memset(c, 0, sizeof *c);
	if (one && *one)
		return read_file(c, one, e);
	rc = read_folder(c, system_folder, e);
	return rc ? rc : read_users_folder(c, e);
}

void config_release(struct config *c)
{
	for (size_t i = 0; i < c->n_texts; i++)
		free(c->texts[i]);
	free(c->texts);
	free(c->lines);
	memset(c, 0, sizeof *c);
}
