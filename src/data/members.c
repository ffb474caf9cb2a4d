/* members.c -- libarchive, held to two formats and one way of packing. */
#include "data/members.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "data/file_stream.h"
#include "data/gunzip.h"

#define BLOCK_BYTES 262144
#define TAR_BLOCK 512

/* As gunzip.c has it: what a member can unpack to is bounded by its file. */
#define DEFLATE_RATIO_MAX 1032

/* Where ustar's magic stands in the first block. */
#define USTAR_AT 257
#define USTAR "ustar"

struct members {
	struct archive *archive;
	struct archive_entry *entry;
	char *file; /* without its folder */
	const char *name;
	uint64_t max_bytes; /* of any member */
	int fd;
	int ended; /* there is no next one */
};

/* -- recognised -- */

static int looks_like_tar(const uint8_t *head)
{
	return memcmp(head + USTAR_AT, USTAR, strlen(USTAR)) == 0;
}

int members_is(const char *path, enum members_kind kind)
{
	uint8_t head[TAR_BLOCK] = {0};
	struct stream *s;
	int rc;

	if (file_stream_open(path, &s, NULL))
		return 0;
	rc = stream_read(s, head, kind == MEMBERS_ZIP ? 4 : sizeof head, NULL);
	stream_close(s);
	if (rc)
		return 0;
	return kind == MEMBERS_ZIP ? memcmp(head, "PK\3\4", 4) == 0
				   : looks_like_tar(head);
}

/* -- opened -- */

static int failed(const struct members *m, struct err *e)
{
	const char *why = archive_error_string(m->archive);

	if (archive_errno(m->archive) == ENOMEM)
		return err_set(e, ERR_WORLD, "no memory to read %s", m->file);
	return err_set(e, ERR_INVALID, "%s is damaged: %.150s", m->file,
		why ? why : "it cannot be read");
}

static int allow(struct archive *a, enum members_kind kind)
{
	if (kind == MEMBERS_ZIP)
		return archive_read_support_format_zip_seekable(a);
	archive_read_support_filter_gzip(a);
	return archive_read_support_format_tar(a);
}

/* A tar file ends in blocks of zeros, which libarchive does not ask for: one
 * that is cut between two members would be read as a shorter one. */
static int has_tar_end(int fd, off_t size)
{
	uint8_t head[2], tail[TAR_BLOCK];

	if (pread(fd, head, 2, 0) == 2 && gunzip_is(head))
		return 1; /* gzip has an end of its own */
	if (size % TAR_BLOCK != 0 ||
		pread(fd, tail, TAR_BLOCK, size - TAR_BLOCK) != TAR_BLOCK)
		return 0;
	for (size_t i = 0; i < TAR_BLOCK; i++)
		if (tail[i])
			return 0;
	return 1;
}

static int open_fd(const char *path, enum members_kind kind, struct members *m,
	struct err *e)
{
	struct stat st;

	m->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (m->fd < 0 && errno == ENOENT)
		return err_set(
			e, ERR_NOT_FOUND, "there is no file %s", m->file);
	if (m->fd < 0)
		return err_set(e, ERR_WORLD, "cannot open %s: %s", m->file,
			strerror(errno));
	if (fstat(m->fd, &st) || !S_ISREG(st.st_mode))
		return err_set(
			e, ERR_INVALID, "%s is not a regular file", m->file);
	if (kind == MEMBERS_TAR && !has_tar_end(m->fd, st.st_size))
		return err_set(e, ERR_INVALID, "%s is cut short", m->file);
	m->max_bytes = (uint64_t)st.st_size * DEFLATE_RATIO_MAX;
	return 0;
}

int members_open(const char *path, enum members_kind kind, struct members **out,
	struct err *e)
{
	struct members *m = xcalloc(1, sizeof *m);
	int rc;

	m->file = xstrdup(stream_base_name(path));
	m->fd = -1;
	rc = open_fd(path, kind, m, e);
	if (rc == 0 && !(m->archive = archive_read_new()))
		rc = err_set(e, ERR_WORLD, "no memory to read %s", m->file);
	if (rc == 0 && (allow(m->archive, kind) != ARCHIVE_OK ||
			       archive_read_open_fd(m->archive, m->fd,
				       BLOCK_BYTES) != ARCHIVE_OK))
		rc = failed(m, e);
	if (rc)
		members_close(m);
	else
		*out = m;
	return rc;
}

void members_close(struct members *m)
{
	if (!m)
		return;
	if (m->archive)
		archive_read_free(m->archive);
	if (m->fd >= 0)
		close(m->fd);
	free(m->file);
	free(m);
}

/* -- read -- */

/* Hard links and sparse files have no bytes of their own to read. */
static int is_plain(struct archive_entry *entry)
{
	return archive_entry_filetype(entry) == AE_IFREG &&
	       !archive_entry_hardlink(entry);
}

int members_next(struct members *m, struct err *e)
{
	int rc;

	if (m->ended)
		return 0;
	do
		rc = archive_read_next_header(m->archive, &m->entry);
	while (rc == ARCHIVE_OK && !is_plain(m->entry));
	m->ended = rc == ARCHIVE_EOF;
	if (m->ended)
		return 0;
	if (rc != ARCHIVE_OK)
		return failed(m, e);
	m->name = archive_entry_pathname(m->entry);
	if (!m->name || strlen(m->name) > MEMBERS_NAME_MAX)
		return err_set(e, ERR_INVALID,
			"%s has a member whose name cannot be read", m->file);
	return 1;
}

const char *members_name(const struct members *m)
{
	return m->name;
}

uint64_t members_bytes(const struct members *m)
{
	int64_t n = archive_entry_size(m->entry);

	return n > 0 ? (uint64_t)n : 0;
}

/* As many as there are, up to n; negative: failed. */
static la_ssize_t read_up_to(struct members *m, void *to, size_t n)
{
	uint8_t *at = to;
	size_t left = n;
	la_ssize_t got = 1;

	while (left > 0 && got > 0) {
		got = archive_read_data(m->archive, at, left);
		if (got > 0) {
			at += got;
			left -= (size_t)got;
		}
	}
	return got < 0 ? got : (la_ssize_t)(n - left);
}

static int cut_short(const struct members *m, struct err *e)
{
	return err_set(e, ERR_INVALID, "%s: %s is cut short", m->file, m->name);
}

int members_read_on(struct members *m, void *to, size_t n, struct err *e)
{
	la_ssize_t got = read_up_to(m, to, n);

	if (got < 0)
		return failed(m, e);
	return got == (la_ssize_t)n ? 0 : cut_short(m, e);
}

int members_read(struct members *m, void *to, size_t n, struct err *e)
{
	int rc = members_read_on(m, to, n, e);
	uint8_t byte;
	la_ssize_t more;

	if (rc)
		return rc;
	/* The end is where checksums are looked at. */
	more = read_up_to(m, &byte, 1);
	if (more < 0)
		return failed(m, e);
	return more == 0 ? 0
			 : err_set(e, ERR_INVALID,
				   "%s: %s is longer than the archive says",
				   m->file, m->name);
}

/* -- as a stream -- */

static ssize_t some(void *s, void *to, size_t n, struct err *e)
{
	struct members *m = s;
	la_ssize_t got = archive_read_data(m->archive, to, n);

	return got < 0 ? failed(m, e) : (ssize_t)got;
}

static void release(void *s)
{
	members_close(s);
}

int members_stream(const char *path, enum members_kind kind, const char *name,
	struct stream **out, struct err *e)
{
	static const struct stream_kind stream = {some, release};
	struct members *m;
	int rc = members_open(path, kind, &m, e);

	if (rc)
		return rc;
	do
		rc = members_next(m, e);
	while (rc == 1 && strcmp(m->name, name) != 0);
	if (rc == 1)
		*out = stream_new(&stream, m, name, m->max_bytes);
	else
		members_close(m);
	return rc;
}
