/* chains.c -- see chains.h. */
#include "chains.h"

#include "neat/chain.h"

#define CHAINS_BYTES_MAX ((size_t)1 << 28)

static struct arena chains;

const struct genome *chain_of(const struct flat *f)
{
	if (chains.max_bytes == 0)
		arena_init(&chains, CHAINS_BYTES_MAX);
	return chain_from_flat(&chains, f);
}
