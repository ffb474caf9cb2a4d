/* tar_samples.c -- gathers the members of a sample until the next one begins.
 */
#include "data/tar_samples.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "data/picture.h"

#define CLS_BYTES_MAX 32

enum member { MEMBER_OTHER, MEMBER_PICTURE, MEMBER_CLASS };

struct tar_samples {
	char *const *paths;
	size_t n, at;            /* shards, and the next one to be opened */
	struct members *members; /* of the current one, or NULL */
	int pending; /* it stands at a member that has not been read yet */
	struct tar_sample sample;
	char key[MEMBERS_NAME_MAX + 1]; /* "" before the first member */
	int has_class, has_picture;
};

struct tar_samples *tar_samples_new(char *const *paths, size_t n)
{
	struct tar_samples *t = xcalloc(1, sizeof *t);

	t->paths = paths;
	t->n = n;
	buf_init(&t->sample.picture, PICTURE_BYTES_MAX);
	return t;
}

void tar_samples_free(struct tar_samples *t)
{
	if (!t)
		return;
	members_close(t->members);
	buf_release(&t->sample.picture);
	free(t);
}

/* Where the ending begins: at the first dot of the name without folders. */
static const char *ending_of(const char *name)
{
	const char *base = stream_base_name(name), *dot = strchr(base, '.');

	return dot ? dot : base + strlen(base);
}

static enum member kind_of(const char *ending)
{
	if (strcasecmp(ending, ".cls") == 0)
		return MEMBER_CLASS;
	if (strcasecmp(ending, ".png") == 0 ||
		strcasecmp(ending, ".jpg") == 0 ||
		strcasecmp(ending, ".jpeg") == 0)
		return MEMBER_PICTURE;
	return MEMBER_OTHER;
}

/* Files that macOS and others put beside, and folders' own hidden ones. */
static int is_hidden(const char *name)
{
	return stream_base_name(name)[0] == '.';
}

/* -- a member -- */

static int read_class(struct tar_samples *t, struct err *e)
{
	char text[CLS_BYTES_MAX + 1], *end;
	const uint64_t n = members_bytes(t->members);
	int rc = 0;

	if (n > CLS_BYTES_MAX)
		return err_set(e, ERR_INVALID,
			"%s.cls has %llu bytes; a class is a whole number",
			t->sample.shown, (unsigned long long)n);
	rc = members_read(t->members, text, (size_t)n, e);
	if (rc)
		return rc;
	text[n] = '\0';
	errno = 0;
	t->sample.label = strtoll(text, &end, 10);
	if (end == text || errno || end[strspn(end, " \r\n\t")] ||
		strlen(text) != n)
		return err_set(e, ERR_INVALID,
			"%s.cls is no whole number, which a class is",
			t->sample.shown);
	t->has_class = 1;
	return 0;
}

static int read_picture(struct tar_samples *t, struct err *e)
{
	struct buf *b = &t->sample.picture;
	const uint64_t n = members_bytes(t->members);
	int rc;

	if (t->has_picture)
		return err_set(
			e, ERR_INVALID, "%s has two pictures", t->sample.shown);
	if (n == 0 || n > PICTURE_BYTES_MAX)
		return err_set(e, ERR_INVALID,
			"the picture of %s has %llu bytes; 1 to %zu MB are "
			"read",
			t->sample.shown, (unsigned long long)n,
			PICTURE_BYTES_MAX >> 20);
	b->len = 0;
	rc = buf_reserve(b, (size_t)n, e);
	if (rc == 0)
		rc = members_read(t->members, b->data, (size_t)n, e);
	b->len = rc ? 0 : (size_t)n;
	t->has_picture = rc == 0;
	return rc;
}

/* The current member belongs to the sample. */
static int read_member(struct tar_samples *t, const char *ending, struct err *e)
{
	switch (kind_of(ending)) {
	case MEMBER_CLASS: return read_class(t, e);
	case MEMBER_PICTURE: return read_picture(t, e);
	case MEMBER_OTHER: break;
	}
	return 0;
}

/* -- samples -- */

/* Goes to the next member, of the next shard if need be.  1, 0 or an error. */
static int next_member(struct tar_samples *t, struct err *e)
{
	int rc = t->members ? members_next(t->members, e) : 0;

	while (rc == 0 && t->at < t->n) {
		members_close(t->members);
		t->members = NULL;
		rc = members_open(
			t->paths[t->at++], MEMBERS_TAR, &t->members, e);
		if (rc == 0)
			rc = members_next(t->members, e);
	}
	return rc;
}

static void begin_sample(struct tar_samples *t, const char *name, size_t key)
{
	snprintf(t->key, sizeof t->key, "%.*s", (int)key, name);
	snprintf(t->sample.shown, sizeof t->sample.shown, "%.80s: %.100s",
		stream_base_name(t->paths[t->at - 1]), t->key);
	t->has_class = t->has_picture = 0;
}

/* 1: whole; 0: nothing of it was a picture or a class. */
static int is_sample(const struct tar_samples *t, struct err *e)
{
	if (t->has_class && t->has_picture)
		return 1;
	if (!t->has_class && !t->has_picture)
		return 0;
	return err_set(e, ERR_INVALID, "%s has a %s but no %s", t->sample.shown,
		t->has_class ? "class" : "picture",
		t->has_class ? "picture (.png, .jpg)" : "class (.cls)");
}

/* Reads members until one of another sample stands there, or none. */
static int gather(struct tar_samples *t, struct err *e)
{
	int rc = 1;

	while (rc == 1) {
		const char *name;
		size_t key;

		if (!t->pending)
			rc = next_member(t, e);
		t->pending = 0;
		if (rc != 1)
			break;
		name = members_name(t->members);
		if (is_hidden(name))
			continue;
		key = (size_t)(ending_of(name) - name);
		if (t->key[0] == '\0')
			begin_sample(t, name, key);
		if (strlen(t->key) != key || strncmp(t->key, name, key) != 0) {
			t->pending = 1;
			return 0;
		}
		rc = read_member(t, name + key, e);
		rc = rc ? rc : 1;
	}
	return rc;
}

int tar_samples_next(
	struct tar_samples *t, const struct tar_sample **out, struct err *e)
{
	struct err why = {0};
	int rc;

	do {
		t->key[0] = '\0';
		rc = gather(t, &why);
		if (rc == 0 && t->key[0] == '\0')
			return 0;
		if (rc == 0)
			rc = is_sample(t, &why);
	} while (rc == 0);
	*out = &t->sample;
	if (rc < 0 && e)
		*e = why;
	return rc;
}
