/* id_table.h -- jobs found by their ids at once. */
#ifndef DISPATCH_ID_TABLE_H
#define DISPATCH_ID_TABLE_H

/* Part of what is found. */
struct id_entry {
	const char *id; /* its owner's */
	struct id_entry *same;
	void *item;
};

struct id_table;

/* An empty table. */
struct id_table *id_table_new(void);
/* Entries are their owners'.  NULL allowed. */
void id_table_free(struct id_table *t);

/* Adds an entry; no other has that id. */
void id_table_add(
	struct id_table *t, struct id_entry *e, const char *id, void *item);
/* It is there. */
void id_table_remove(struct id_table *t, const struct id_entry *e);

/* The item of that id, or NULL. */
void *id_table_find(const struct id_table *t, const char *id);

#endif
