/* store_sqlite_copy.c -- a copy of a store that others may be using. */
#include <stdio.h>

#include "store/store.h"
#include "store/store_sqlite.h"

int store_copy(const char *from, const char *to, struct err *e)
{
	sqlite3_stmt *s = NULL;
	sqlite3 *db = NULL;
	int rc = store_sqlite_connect(
		from, SQLITE_OPEN_READWRITE, "PRAGMA query_only = 0", &db, e);

	/* One reader's snapshot, compact: writers go on meanwhile. */
	if (rc == 0 && sqlite3_prepare_v2(db, "VACUUM INTO ?", -1, &s, NULL) !=
			       SQLITE_OK)
		rc = store_sqlite_error(sqlite3_errcode(db), e);
	if (rc == 0) {
		sqlite3_bind_text(s, 1, to, -1, SQLITE_STATIC);
		rc = sqlite3_step(s) == SQLITE_DONE
			     ? 0
			     : store_sqlite_error(sqlite3_errcode(db), e);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	return rc;
}
