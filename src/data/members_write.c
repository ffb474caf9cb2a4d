/* members_write.c -- libarchive, writing one format. */
#include "data/members_write.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

#define PIECE_BYTES ((size_t)1 << 20)

struct members_writer {
	struct archive *archive;
	struct file_draft draft;
	char *path;
};

static int failed(const struct members_writer *w, struct err *e)
{
	const char *why = archive_error_string(w->archive);

	return err_set(e, ERR_WORLD, "cannot write %.200s: %.150s", w->path,
		why ? why : "it cannot be written");
}

int members_create(const char *path, struct members_writer **out, struct err *e)
{
	struct members_writer *w = xcalloc(1, sizeof *w);

	w->path = xstrdup(path);
	w->draft.fd = -1;
	w->archive = archive_write_new();
	if (!w->archive)
		abort();
	archive_write_set_format_pax_restricted(w->archive);
	if (file_draft_open(&w->draft, path, S_IRUSR | S_IWUSR, e) == 0) {
		if (archive_write_open_fd(w->archive, w->draft.fd) ==
			ARCHIVE_OK) {
			*out = w;
			return 0;
		}
		failed(w, e);
	}
	members_drop(w);
	return ERR_WORLD;
}

static int begin(struct members_writer *w, const char *name, int64_t size,
	time_t changed, struct err *e)
{
	struct archive_entry *entry = archive_entry_new();
	int rc;

	if (!entry)
		abort();
	archive_entry_set_pathname(entry, name);
	archive_entry_set_size(entry, size);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, S_IRUSR | S_IWUSR);
	archive_entry_set_mtime(entry, changed, 0);
	rc = archive_write_header(w->archive, entry);
	archive_entry_free(entry);
	return rc == ARCHIVE_OK ? 0 : failed(w, e);
}

/* The bytes of an open file of that size. */
static int copy(struct members_writer *w, int fd, int64_t size,
	struct sha256 *sum, struct err *e)
{
	char *piece = xcalloc(PIECE_BYTES, 1);
	ssize_t n = 1;
	int rc = 0;

	while (rc == 0 && size > 0 && n > 0) {
		size_t max = size < (int64_t)PIECE_BYTES ? (size_t)size
							 : PIECE_BYTES;

		n = read(fd, piece, max);
		if (n > 0 &&
			archive_write_data(w->archive, piece, (size_t)n) != n)
			rc = failed(w, e);
		if (n > 0)
			sha256_add(sum, piece, (size_t)n);
		size -= n > 0 ? n : 0;
	}
	free(piece);
	if (rc == 0 && size > 0)
		rc = err_set(e, ERR_WORLD, "a file cannot be read whole: %s",
			n < 0 ? strerror(errno) : "it became shorter");
	return rc;
}

int members_add_file(struct members_writer *w, const char *name,
	const char *path, char hex[SHA256_HEX_BYTES], struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;
	struct sha256 *sum;
	struct stat s;

	if (fd < 0 || fstat(fd, &s)) {
		err_set(e, ERR_WORLD, "cannot read %.200s: %s", path,
			strerror(errno));
		if (fd >= 0)
			close(fd);
		return ERR_WORLD;
	}
	sum = sha256_new();
	rc = begin(w, name, s.st_size, s.st_mtime, e);
	if (rc == 0)
		rc = copy(w, fd, s.st_size, sum, e);
	sha256_end(sum, hex);
	close(fd);
	return rc;
}

int members_add_bytes(struct members_writer *w, const char *name,
	const void *bytes, size_t n, struct err *e)
{
	int rc = begin(w, name, (int64_t)n, time(NULL), e);

	if (rc == 0 &&
		archive_write_data(w->archive, bytes, n) != (la_ssize_t)n)
		rc = failed(w, e);
	return rc;
}

int members_keep(struct members_writer *w, struct err *e)
{
	int rc = archive_write_close(w->archive) == ARCHIVE_OK ? 0
							       : failed(w, e);

	if (rc == 0)
		rc = file_draft_keep(&w->draft, w->path, e);
	members_drop(w);
	return rc;
}

void members_drop(struct members_writer *w)
{
	if (!w)
		return;
	archive_write_free(w->archive);
	file_draft_drop(&w->draft);
	free(w->path);
	free(w);
}
