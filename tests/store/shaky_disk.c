/* shaky_disk.c -- the usual disk, but for the sync of the write-ahead log. */
#include "shaky_disk.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_int failing;
static sqlite3_vfs shaky, *usual;
static const sqlite3_io_methods *usual_methods; /* of a log */
static sqlite3_io_methods shaky_methods;

static int shaky_sync(sqlite3_file *f, int flags)
{
	return failing ? SQLITE_IOERR_FSYNC : usual_methods->xSync(f, flags);
}

static int shaky_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f,
	int flags, int *out_flags)
{
	int rc = usual->xOpen(usual, name, f, flags, out_flags);

	(void)vfs;
	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
		usual_methods = f->pMethods;
		shaky_methods = *f->pMethods;
		shaky_methods.xSync = shaky_sync;
		f->pMethods = &shaky_methods;
	}
	return rc;
}

void shaky_disk_install(void)
{
	usual = sqlite3_vfs_find(NULL);
	shaky = *usual;
	shaky.zName = "shaky";
	shaky.xOpen = shaky_open;
	sqlite3_vfs_register(&shaky, 1);
}

void shaky_disk_fail(int on)
{
	failing = on;
}
