/* list_schedule.c -- a heap of the slots by when they are free, and a table of
 * the jobs that were added. */
#include "service/simulate/list_schedule.h"

#include <stdlib.h>

#include "base/arena.h"

#define TABLE_FIRST 1024 /* a power of two */

struct list_schedule {
	double *free_at; /* a heap: the first is free first */
	size_t slots;
	double end;
	int64_t *table; /* jobs + 1 by hash, 0: empty */
	size_t n, room;
};

struct list_schedule *list_schedule_new(size_t slots)
{
	struct list_schedule *l = xcalloc(1, sizeof *l);

	l->slots = slots;
	l->free_at = xcalloc(slots, sizeof *l->free_at);
	l->room = TABLE_FIRST;
	l->table = xcalloc(l->room, sizeof *l->table);
	return l;
}

void list_schedule_free(struct list_schedule *l)
{
	if (!l)
		return;
	free(l->table);
	free(l->free_at);
	free(l);
}

/* Where the job is, or would be. */
static size_t place(const int64_t *table, size_t room, int64_t job)
{
	size_t at = (size_t)job * 0x9E3779B97F4A7C15u >> 20 & (room - 1);

	while (table[at] && table[at] != job + 1)
		at = (at + 1) & (room - 1);
	return at;
}

static void grow(struct list_schedule *l)
{
	size_t room = 2 * l->room;
	int64_t *table = xcalloc(room, sizeof *table);

	for (size_t i = 0; i < l->room; i++)
		if (l->table[i])
			table[place(table, room, l->table[i] - 1)] =
				l->table[i];
	free(l->table);
	l->table = table;
	l->room = room;
}

/* The first slot is later free than it was: it sinks. */
static void sink(struct list_schedule *l)
{
	size_t at = 0;

	for (;;) {
		size_t least = at;
		double t;

		for (size_t k = 2 * at + 1; k <= 2 * at + 2 && k < l->slots;
			k++)
			if (l->free_at[k] < l->free_at[least])
				least = k;
		if (least == at)
			return;
		t = l->free_at[at];
		l->free_at[at] = l->free_at[least];
		l->free_at[least] = t;
		at = least;
	}
}

int list_schedule_add(struct list_schedule *l, int64_t job, double seconds)
{
	size_t at = place(l->table, l->room, job);

	if (l->table[at])
		return 0;
	l->table[at] = job + 1;
	if (++l->n > l->room / 2)
		grow(l);
	l->free_at[0] += seconds;
	if (l->free_at[0] > l->end)
		l->end = l->free_at[0];
	sink(l);
	return 1;
}

double list_schedule_end(const struct list_schedule *l)
{
	return l->end;
}
