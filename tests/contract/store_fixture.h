/* store_fixture.h -- a fresh store for a test, and rows to write into it. */
#ifndef CONTRACT_STORE_FIXTURE_H
#define CONTRACT_STORE_FIXTURE_H

#include "store_contract.h"

#define RUN_A "11111111-1111-4111-8111-111111111111"
#define RUN_B "22222222-2222-4222-8222-222222222222"
#define RUN_C "33333333-3333-4333-8333-333333333333"

/* A fresh place with an open store, and an empty arena; 0 if all went well. */
int fixture_begin(
	const struct store_place *p, struct store **s, struct arena *mem);
void fixture_end(
	const struct store_place *p, struct store *s, struct arena *mem);

/* A run just created, without a key. */
struct store_run a_run(const char *uuid);

/* Ends a transaction whose last write gave `rc`, by commit if that is 0: 0, or
 * the first failure, which a store may tell of at either. */
int ended(struct store *s, int rc, struct err *e);

/* Writes it in a transaction of its own; asserts success. */
void put_run(struct store *s, const char *uuid);

/* Genomes first..last of the run, born in generation `born`, in one
 * transaction. */
void put_genomes(struct store *s, const char *run, int64_t born, int64_t first,
	int64_t last);

#endif
