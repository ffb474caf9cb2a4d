/* fuzz.h -- what libFuzzer calls and offers; one target a file, fuzz_NAME.c.
 *
 * A target feeds bytes to a reader of outside input.  It aborts when something
 * that was accepted does not come back the same from a second reading. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Given by the target. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Given by a target that knows better where to change its input. */
size_t LLVMFuzzerCustomMutator(
	uint8_t *data, size_t size, size_t max_size, unsigned seed);

/* libFuzzer's own changes; returns the new size. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Ends a target with a finding. */
static inline void must(int true_or_finding)
{
	if (!true_or_finding)
		abort();
}

#endif
