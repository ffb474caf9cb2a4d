/* store_sqlite_sum.c -- the checksum of a row as a function of SQL, for the
 * migration that gives old rows theirs. */
#include "store/store_sqlite.h"
#include "store/store_sum.h"

static struct store_value value_of(sqlite3_value *v)
{
	switch (sqlite3_value_type(v)) {
	case SQLITE_INTEGER:
		return (struct store_value){
			STORE_INT, .integer = sqlite3_value_int64(v)};
	case SQLITE_FLOAT:
		return (struct store_value){
			STORE_REAL, .real = sqlite3_value_double(v)};
	default:
		return (struct store_value){STORE_TEXT,
			.text = (const char *)sqlite3_value_text(v)};
	}
}

/* row_sum(kind, run, column, ...) */
static void row_sum(sqlite3_context *ctx, int n, sqlite3_value **v)
{
	char text[STORE_SUM_BYTES];
	struct store_sum sum;

	if (n < 2) {
		sqlite3_result_error_code(ctx, SQLITE_MISUSE);
		return;
	}
	store_sum_begin(&sum, value_of(v[0]).text, value_of(v[1]).text);
	for (int i = 2; i < n; i++) {
		const struct store_value column = value_of(v[i]);

		store_sum_add(&sum, &column);
	}
	store_sum_end(&sum, text);
	sqlite3_result_text(ctx, text, -1, SQLITE_TRANSIENT);
}

int store_sqlite_add_sum(sqlite3 *db, struct err *e)
{
	int rc = sqlite3_create_function(
		db, "row_sum", -1, SQLITE_UTF8, NULL, row_sum, NULL, NULL);

	return rc == SQLITE_OK ? 0 : store_sqlite_error(rc, e);
}
