/* arena.c -- a list of blocks, each twice the last until 1 MiB. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK_BYTES 4096
#define LARGEST_BLOCK_BYTES (1 << 20)
#define ALIGN 16

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(ALIGN) char bytes[];
};

static void out_of_memory(size_t n)
{
	fprintf(stderr, "out of memory: %zu bytes\n", n);
	abort();
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory(count * size);
	return p;
}

void *xrealloc(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);

	if (!q)
		out_of_memory(n);
	return q;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xcalloc(1, n), s, n);
}

void arena_init(struct arena *a, size_t max_bytes)
{
	*a = (struct arena){.max_bytes = max_bytes};
}

void arena_release(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->head; b; b = next) {
		next = b->next;
		free(b);
	}
	a->head = NULL;
	a->used_bytes = 0;
}

/* Behind the block that is being filled, if there is one. */
void arena_join(struct arena *to, struct arena *from)
{
	struct arena_block **end = to->head ? &to->head->next : &to->head;
	struct arena_block *rest = *end;

	assert(from->used_bytes <= to->max_bytes - to->used_bytes);
	*end = from->head;
	while (*end)
		end = &(*end)->next;
	*end = rest;
	to->used_bytes += from->used_bytes;
	from->head = NULL;
	from->used_bytes = 0;
}

static void add_block(struct arena *a, size_t need)
{
	size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK_BYTES;
	struct arena_block *b;

	if (size > LARGEST_BLOCK_BYTES)
		size = LARGEST_BLOCK_BYTES;
	if (size < need)
		size = need;
	b = xcalloc(1, sizeof *b + size);
	b->size = size;
	b->next = a->head;
	a->head = b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	void *p;

	assert(n <= a->max_bytes && a->used_bytes <= a->max_bytes - n);
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (!a->head || a->head->size - a->head->used < n)
		add_block(a, n);
	p = a->head->bytes + a->head->used;
	a->head->used += n;
	a->used_bytes += n;
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	assert(size == 0 || count <= SIZE_MAX / size);
	return arena_alloc(a, count * size);
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(arena_alloc(a, n), s, n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	s = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}
