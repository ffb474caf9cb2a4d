/* population_json.h -- what generations are made of, as documents: members, and
 * the state that outlives a generation.
 *
 * STATE is kept by the caller and handed in again as it is:
 *   {"innovations": {"node": 34, "edge": 80}, "next_species": 1,
 *    "threshold": 6, "best": -1, "improved": 0,
 *    "species": [{"id": 0, "born": 0, "best": -1, "improved": 0}]} */
#ifndef WIRE_POPULATION_JSON_H
#define WIRE_POPULATION_JSON_H

#include <jansson.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc_list.h"
#include "base/field.h"
#include "neat/algorithm.h"

/* STATE: of struct population, all but the members, generation and next id. */
extern const struct fields state_fields;

/* Of struct individual: what is known of a member that was scored, and of one
 * that was bred.  The reader's context is the struct population_frame. */
extern const struct fields scored_fields, bred_fields;

/* What all members of a population share. */
struct population_frame {
	struct data_shape data;
	enum genome_form form;
	int species; /* they belong to species */
};

/* That of a question and of its answer. */
struct population_frame population_frame_of(const struct generation_request *q);

/* A member by either table: a new reference. */
json_t *member_write(const struct fields *t, const struct individual *m,
	const struct population_frame *frame);

/* Reads the members by table `t`, an element at a time, into the reader's
 * arena; the reader's context is the frame.  1..POPULATION_MAX of them, or
 * ERR_RANGE; else as fields_read, at "/population". */
int population_read(struct doc_list *list, const struct fields *t,
	const struct field_reader *r, struct individual **out, size_t *n,
	struct err *e);

/* Appends the text of `head`, whose reference is taken over, with the members
 * by table `t` as its last member, "population": one at a time, since their
 * tree would take many times the room of their text.  ERR_TOO_BIG when it
 * passes the buffer's maximum. */
int population_text(json_t *head, const struct fields *t,
	const struct population *p, const struct population_frame *frame,
	struct buf *out, struct err *e);

/* Of a member at a list of up to two ids: int64_t[2], -1 where there is none,
 * and none is written of an elite. */
extern const struct field_codec parents_codec;

/* The bits of enum mutation as a list of names, a new reference. */
json_t *mutations_write(unsigned bits);

#endif
