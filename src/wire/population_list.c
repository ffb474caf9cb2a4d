/* population_list.c -- the members of a population, from text and to text: of
 * each core one at a time, since the tree of all would take many times the room
 * of their text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "wire/population_json.h"

#define ROUND 1024 /* members whose text is there twice while it is joined */

/* -- from text -- */

struct reading {
	const struct fields *t;
	const struct field_reader *r;
	const struct doc_element *elements;
	struct individual *members;
	struct arena mem[PARALLEL_MAX]; /* of each stretch */
};

static int read_stretch(
	void *ctx, size_t part, size_t from, size_t to, struct err *e)
{
	struct reading *x = ctx;
	struct field_reader r = *x->r;
	int rc = 0;

	r.mem = &x->mem[part];
	for (size_t i = from; rc == 0 && i < to; i++) {
		char place[sizeof e->where];
		json_t *v;

		snprintf(place, sizeof place, "/population/%zu", i);
		rc = doc_element_parse(&x->elements[i], &v, e);
		if (rc)
			break;
		rc = fields_read(x->t, v, place, &r, &x->members[i], e);
		json_decref(v);
	}
	return rc;
}

static int read_all(struct reading *x, size_t n, struct err *e)
{
	struct arena *mem = x->r->mem;
	const size_t room = mem->max_bytes - mem->used_bytes;
	int rc;

	for (size_t i = 0; i < PARALLEL_MAX; i++)
		arena_init(&x->mem[i], room);
	rc = parallel_for(n, read_stretch, x, e);
	for (size_t i = 0; i < PARALLEL_MAX; i++)
		arena_join(mem, &x->mem[i]);
	return rc;
}

int population_read(struct doc_list *list, const struct fields *t,
	const struct field_reader *r, struct individual **out, size_t *n,
	struct err *e)
{
	struct doc_element *elements;
	struct reading x = {.t = t, .r = r};
	int rc;

	if (list->count < 1 || list->count > POPULATION_MAX)
		return err_at(e, ERR_RANGE, "", "population",
			"\"population\" has %zu entries but must have from 1 "
			"to %d",
			list->count, POPULATION_MAX);
	elements = xcalloc(list->count, sizeof *elements);
	for (size_t i = 0; i < list->count; i++)
		elements[i] = doc_list_cut(list);
	x.elements = elements;
	x.members = arena_array(r->mem, list->count, sizeof *x.members);
	rc = read_all(&x, list->count, e);
	free(elements);
	if (rc)
		return rc;
	*out = x.members;
	*n = list->count;
	return 0;
}

/* -- to text -- */

struct writing {
	const struct fields *t;
	const struct population *p;
	const struct population_frame *frame;
	size_t first;                  /* of this round */
	struct buf text[PARALLEL_MAX]; /* of each stretch */
};

/* Appends the text of `v`, whose reference is taken over, less its last `cut`
 * bytes, and then `more`. */
static int add_json(
	struct buf *out, json_t *v, size_t cut, const char *more, struct err *e)
{
	char *text = json_dumps(v, JSON_COMPACT);
	int rc = buf_add(out, text, strlen(text) - cut, e);

	if (rc == 0)
		rc = buf_puts(out, more, e);
	free(text);
	json_decref(v);
	return rc;
}

static int write_stretch(
	void *ctx, size_t part, size_t from, size_t to, struct err *e)
{
	struct writing *x = ctx;
	int rc = 0;

	for (size_t i = from; rc == 0 && i < to; i++) {
		const size_t at = x->first + i;

		rc = add_json(&x->text[part],
			member_write(x->t, &x->p->members[at], x->frame), 0,
			at + 1 < x->p->n ? "," : "]}", e);
	}
	return rc;
}

static int write_round(
	struct writing *x, size_t n, struct buf *out, struct err *e)
{
	int rc;

	for (size_t i = 0; i < PARALLEL_MAX; i++)
		buf_init(&x->text[i], out->max_bytes);
	rc = parallel_for(n, write_stretch, x, e);
	for (size_t i = 0; i < PARALLEL_MAX; i++) {
		if (rc == 0 && x->text[i].len)
			rc = buf_add(out, x->text[i].data, x->text[i].len, e);
		buf_release(&x->text[i]);
	}
	return rc;
}

int population_text(json_t *head, const struct fields *t,
	const struct population *p, const struct population_frame *frame,
	struct buf *out, struct err *e)
{
	struct writing x = {.t = t, .p = p, .frame = frame};
	int rc;

	json_object_set_new(head, "population", json_array());
	rc = add_json(out, head, strlen("]}"), p->n ? "" : "]}", e);
	for (; rc == 0 && x.first < p->n; x.first += ROUND) {
		const size_t left = p->n - x.first;

		rc = write_round(&x, left < ROUND ? left : ROUND, out, e);
	}
	return rc;
}
