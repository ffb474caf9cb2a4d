/* arena.h -- memory with one lifetime: taken piece by piece, released at once.
 *
 * One arena belongs to one request, generation or job and is passed explicitly.
 * Running out of the machine's memory ends the process (the supervisor starts
 * it again); passing the arena's own maximum is the caller's bug and asserts,
 * because every size that comes from outside is checked at the edge. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *head; /* newest block, or NULL */
	size_t used_bytes;        /* handed out so far */
	size_t max_bytes;         /* never passed */
};

/* An empty arena that will hand out at most `max_bytes`. */
void arena_init(struct arena *a, size_t max_bytes);

/* Frees everything taken from `a`, which is then empty and usable again. */
void arena_release(struct arena *a);

/* What was taken from `from` is now of `to`, and `from` is empty; asserts that
 * `to` may hold so much. */
void arena_join(struct arena *to, struct arena *from);

/* Returns `n` zeroed bytes aligned to 16, valid until arena_release. */
void *arena_alloc(struct arena *a, size_t n);

/* As arena_alloc for `count` things of `size` bytes; asserts on overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of the string in the arena. */
char *arena_strdup(struct arena *a, const char *s);

/* A formatted string in the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* calloc that ends the process instead of returning NULL: for small, bounded
 * allocations, which are not worth a way out. */
void *xcalloc(size_t count, size_t size);

/* realloc, likewise. */
void *xrealloc(void *p, size_t n);

/* A copy of the string, to be freed with free(); likewise. */
char *xstrdup(const char *s);

#endif
