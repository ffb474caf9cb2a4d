/* blob_contract.h -- what every keeper of blobs must do. */
#ifndef CONTRACT_BLOB_CONTRACT_H
#define CONTRACT_BLOB_CONTRACT_H

#include "blob/blob.h"

struct blob_backend {
	const char *name;   /* of the test group */
	int (*begin)(void); /* makes a place without blobs; 0 */
	void (*end)(void);  /* removes the place */
	/* Opens the place; what it holds stays between opens. */
	struct blobs *(*open)(struct err *e);
};

/* Runs the suite, each test in a fresh place; the number of failures. */
int blob_contract(const struct blob_backend *b);

#endif
