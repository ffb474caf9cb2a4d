/* mem.c -- a list of aligned blocks. */
#include "nn/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES ((size_t)64)

/* The header fills a cache line, so that what follows it is aligned too. */
struct mem_block {
	struct mem_block *next;
};

void mem_init(struct mem *m)
{
	m->head = NULL;
	m->bytes = 0;
}

void mem_release(struct mem *m)
{
	while (m->head) {
		struct mem_block *next = m->head->next;

		free(m->head);
		m->head = next;
	}
	m->bytes = 0;
}

int mem_floats(struct mem *m, float **out, size_t count, struct err *e)
{
	struct mem_block *b = NULL;
	size_t bytes;

	if (count <= SIZE_MAX / sizeof(float) - 2 * LINE_BYTES) {
		bytes = count * sizeof(float) + 2 * LINE_BYTES - 1;
		bytes -= bytes % LINE_BYTES;
		b = aligned_alloc(LINE_BYTES, bytes);
	}
	if (!b)
		return err_set(e, ERR_WORLD,
			"no memory for %zu numbers of a network", count);
	memset(b, 0, bytes);
	b->next = m->head;
	m->head = b;
	m->bytes += bytes;
	*out = (float *)((char *)b + LINE_BYTES);
	return 0;
}
