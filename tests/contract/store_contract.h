/* store_contract.h -- what every store must do, whatever it is made of. */
#ifndef CONTRACT_STORE_CONTRACT_H
#define CONTRACT_STORE_CONTRACT_H

#include "store/store.h"

struct store_backend {
	const char *name;   /* of the test group */
	int (*begin)(void); /* makes a place without a store; 0 */
	void (*end)(void);  /* removes the place */
	/* Opens the store of the place; what it holds stays between opens. */
	struct store *(*open)(struct err *e);
};

/* Run the suites, each test in a fresh place; the number of failures. */
int store_contract_rows(const struct store_backend *b);
int store_contract_commit(const struct store_backend *b);
int store_contract_lineage(const struct store_backend *b);

#endif
