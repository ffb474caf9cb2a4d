/* dispatch_contract.h -- what every way of handing out jobs must do. */
#ifndef CONTRACT_DISPATCH_CONTRACT_H
#define CONTRACT_DISPATCH_CONTRACT_H

#include "dispatch/dispatch.h"

#define CONTRACT_WORKERS_MAX 2
#define CONTRACT_KERNELS "avx2-2"
#define CONTRACT_SLOTS 2
#define CONTRACT_WEIGHTS "weights of a champion" /* of every final job */

/* What the workers of a test do with a job.  They train nothing. */
enum contract_worker {
	CONTRACT_GOOD,   /* done at once */
	CONTRACT_HANGS,  /* it runs for ever, with 7 images trained */
	CONTRACT_FAILS,  /* the world's failure: "out of luck" */
	CONTRACT_CRASHES /* its child does, which is a result */
};

/* A test's workers and the way to them. */
struct dispatch_place {
	const char *name; /* of the test group */
	/* Starts so many workers, each of CONTRACT_SLOTS slots that run
	 * CONTRACT_KERNELS; the first behaves as given, the others are good. */
	void (*begin)(int n, enum contract_worker first);
	void (*end)(void);
	struct dispatch *(*open)(struct err *e);
	void (*close)(struct dispatch *d);
	void (*behave)(int worker, enum contract_worker how);
	void (*kill)(int worker); /* it knows nothing when it is back */
	void (*revive)(int worker);
	/* How many jobs the workers have started; a job that a worker still
	 * knows counts once, however often it is submitted. */
	int (*started)(void);
	int (*ended)(void); /* how many they were told to end or forget */
};

/* Runs the suite; the number of failures. */
int dispatch_contract(const struct dispatch_place *p);

#endif
