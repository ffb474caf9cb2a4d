/* broker_bench.h -- a broker in a temporary folder on a dispatch without
 * workers, asked without a socket. */
#ifndef TESTS_BROKER_BENCH_H
#define TESTS_BROKER_BENCH_H

#include <sqlite3.h>

#include "fake_dispatch.h"
#include "http/local.h"
#include "run_bench.h"
#include "service/broker/broker.h"
#include "temp_folder.h"

struct broker_bench {
	char folder[TEMP_FOLDER_BYTES];
	struct broker broker;
	struct dispatch *dispatch; /* the broker's, a fake */
	sqlite3 *behind; /* the same store, behind the broker's back */
};

/* cmocka's fixtures: *state is a bench; nobody answers for the genome service.
 */
int broker_bench_set_up(void **state);
int broker_bench_tear_down(void **state);

/* Stores the run of run_bench.h, whose generation 0 waits for scores, without
 * starting its driver. */
void broker_bench_store_run(struct broker_bench *b);

/* Runs SQL behind the broker's back.  BROKER_BENCH_REFUSE makes the store
 * refuse a change, until the trigger "refuse" is dropped. */
void broker_bench_sql(struct broker_bench *b, const char *sql);

/* The same, and the rows get the checksums of what is now in them. */
void broker_bench_edit(struct broker_bench *b, const char *sql);
#define BROKER_BENCH_REFUSE(what, table)                                   \
	"CREATE TRIGGER refuse BEFORE " what " ON " table " BEGIN SELECT " \
	"RAISE(ABORT, 'refused'); END"

/* Asks the broker's route; asserts the status.  The answer's object, a new
 * reference, or NULL. */
json_t *broker_bench_ask(struct broker_bench *b, const char *method,
	const char *target, const json_t *body, int status);

#endif
