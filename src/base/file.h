/* file.h -- whole files: read with a limit, replaced so that a crash leaves the
 * old or the new, never a half. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

/* Appends the file's bytes to `out`.  ERR_NOT_FOUND, ERR_WORLD, or ERR_TOO_BIG
 * when they pass the buffer's maximum. */
int file_read(const char *path, struct buf *out, struct err *e);

/* The same of the file `name`, which has no slash, in `folder`, where strangers
 * may have put it: a regular file, since a pipe would wait for ever, and no
 * link, since that may lead anywhere.  ERR_INVALID for what is neither. */
int file_read_inside(
	const char *folder, const char *name, struct buf *out, struct err *e);

/* Writes the bytes under a temporary name beside `path`, syncs, renames over
 * `path` and syncs the folder.  ERR_WORLD; nothing is left behind then. */
int file_replace(const char *path, const void *bytes, size_t n, struct err *e);

/* As file_replace, for bytes that lie in `n` pieces. */
int file_replace_pieces(
	const char *path, const struct iovec *pieces, int n, struct err *e);

/* -- a file that is written bit by bit, and has its name when it is whole -- */

struct file_draft {
	int fd;                   /* -1 once kept or dropped */
	char path[PATH_MAX];      /* what it was opened beside */
	char name[PATH_MAX + 16]; /* the passing one */
};

/* Makes an empty file beside `path`, of that mode less the umask.
 * ERR_WORLD. */
int file_draft_open(
	struct file_draft *f, const char *path, mode_t mode, struct err *e);

/* Writes n bytes at an offset; what is never written is 0.  ERR_WORLD. */
int file_draft_write(struct file_draft *f, size_t offset, const void *bytes,
	size_t n, struct err *e);

/* Makes the file that long.  ERR_WORLD. */
int file_draft_resize(struct file_draft *f, size_t n, struct err *e);

/* Syncs the file, gives it the name `path` in the same folder, over what has
 * that name, and syncs the folder.  ERR_WORLD: the draft is dropped. */
int file_draft_keep(struct file_draft *f, const char *path, struct err *e);

/* Removes the file unless it was kept. */
void file_draft_drop(struct file_draft *f);

/* -- */

/* The SHA-256 of all that an open file holds.  ERR_WORLD. */
int file_sha256(int fd, char hex[SHA256_HEX_BYTES], struct err *e);

/* Names given or taken in the folder of `path` are on the disk: 0, or -1 with
 * errno. */
int file_sync_folder(const char *path);

/* Removes a folder and all that is in it, so far as that can be done; links are
 * removed, not followed. */
void file_remove_folder(const char *path);

/* Makes the folder and its parents, mode 0700.  ERR_WORLD. */
int file_mkdirs(const char *path, struct err *e);

/* Takes an exclusive lock on `path`, made if absent, for as long as the
 * returned descriptor (0 or more, close-on-exec) stays open.  ERR_CONFLICT if
 * another process holds it, ERR_WORLD otherwise. */
int file_lock(const char *path, struct err *e);

#endif
