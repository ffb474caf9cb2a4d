/* id_table.c -- lists by a hash of the id, FNV-1a. */
#include "dispatch/id_table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define N_LISTS 16384

struct id_table {
	struct id_entry *lists[N_LISTS];
};

struct id_table *id_table_new(void)
{
	return xcalloc(1, sizeof(struct id_table));
}

void id_table_free(struct id_table *t)
{
	free(t);
}

static size_t list_of(const char *id)
{
	uint32_t h = 2166136261u;

	while (*id)
		h = (h ^ (unsigned char)*id++) * 16777619u;
	return h % N_LISTS;
}

void id_table_add(
	struct id_table *t, struct id_entry *e, const char *id, void *item)
{
	struct id_entry **list = &t->lists[list_of(id)];

	*e = (struct id_entry){.id = id, .item = item, .same = *list};
	*list = e;
}

void id_table_remove(struct id_table *t, const struct id_entry *e)
{
	struct id_entry **at = &t->lists[list_of(e->id)];

	while (*at != e)
		at = &(*at)->same;
	*at = e->same;
}

void *id_table_find(const struct id_table *t, const char *id)
{
	const struct id_entry *e = t->lists[list_of(id)];

	while (e && strcmp(e->id, id) != 0)
		e = e->same;
	return e ? e->item : NULL;
}
