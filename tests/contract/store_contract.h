/* store_contract.h -- what every store must do, whatever it is made of. */
#ifndef CONTRACT_STORE_CONTRACT_H
#define CONTRACT_STORE_CONTRACT_H

#include "store/store.h"

/* Where a backend keeps the store of a test. */
struct store_place {
	const char *name;   /* of the test group */
	int (*begin)(void); /* makes a place without a store; 0 */
	void (*end)(void);  /* removes the place */
	/* The URL of its store; what that holds stays between opens. */
	const char *(*url)(void);
};

/* Run the suites, each test in a fresh place; the number of failures. */
int store_contract_rows(const struct store_place *p);
int store_contract_commit(const struct store_place *p);
int store_contract_lineage(const struct store_place *p);
int store_contract_roster(const struct store_place *p);

#endif
