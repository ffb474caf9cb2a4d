/* generation_answer.c -- what a generation is answered with: text of which a
 * member at a time is a tree, in both directions. */
#include "wire/generation_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/field_schema.h"
#include "base/rng.h"
#include "wire/population_json.h"

#define NUMBER_MAX RNG_SEED_MAX

/* -- the answer -- */

static json_t *write_head(
	const struct generation_request *q, const struct population *p)
{
	const struct algorithm *a = algorithm_at(q->algorithm);
	json_t *v = json_pack("{s:s, s:I, s:I}", "algorithm", a->name,
		"generation", (json_int_t)p->generation, "next_id",
		(json_int_t)p->next_id);

	if (a->species)
		json_object_set_new(
			v, "state", fields_write(&state_fields, FIELD_KEEP, p));
	return v;
}

int generation_answer_write(const struct generation_request *q,
	const struct population *p, struct buf *out, struct err *e)
{
	const struct population_frame frame = population_frame_of(q);

	return population_text(
		write_head(q, p), &bred_fields, p, &frame, out, e);
}

/* The answer with the algorithm that gave it. */
struct answer {
	int algorithm;
	struct population population;
};

static int read_answer_state(const struct field *f, const json_t *v,
	const char *at, const struct field_reader *r, void *s, struct err *e)
{
	const struct population_frame *frame = r->context;
	struct answer *a = s;

	if (!v != !frame->species)
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" comes from algorithms that have species, and "
			"from no other",
			f->key);
	return v ? fields_read(&state_fields, v, at, r, &a->population, e) : 0;
}

static json_t *answer_state_schema(const struct field *f)
{
	(void)f;
	return fields_schema(&state_fields, FIELD_REQUEST);
}

static json_t *write_nothing(const struct field *f, const void *s)
{
	(void)f;
	(void)s;
	return NULL;
}

static const struct field_codec answer_state = {
	read_answer_state, write_nothing, answer_state_schema};

#define AT(member) offsetof(struct answer, member)

/* All but the members. */
static const struct field head_rows[] = {
	{.key = "algorithm",
		.type = FIELD_NAME,
		.at = AT(algorithm),
		.name = algorithm_name},
	{.key = "generation",
		.type = FIELD_WHOLE,
		.at = AT(population.generation),
		.hi = NUMBER_MAX},
	{.key = "next_id",
		.type = FIELD_WHOLE,
		.at = AT(population.next_id),
		.hi = NUMBER_MAX},
	{.key = "state",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.codec = &answer_state},
};
static const struct fields head_fields = {
	FIELDS(struct answer, head_rows), .what = "the answer"};

static const struct field answer_rows[] = {
	{.type = FIELD_INCLUDE, .of = &head_fields},
	{.key = "population",
		.type = FIELD_LIST,
		.at = AT(population.members),
		.count = AT(population.n),
		.lo = 1,
		.hi = POPULATION_MAX,
		.of = &bred_fields},
};

const struct fields generation_answer_fields = {
	FIELDS(struct answer, answer_rows), .what = "the answer"};

/* The members have been taken out of `doc`, which has a list of none. */
static int check_list(const json_t *doc, struct err *e)
{
	const json_t *left = json_object_get(doc, "population");

	if (json_is_array(left) && json_array_size(left) == 0)
		return 0;
	return err_at(e, ERR_INVALID, "", "population",
		"\"population\" is required (a list)");
}

static int read_answer(json_t *doc, struct doc_list *list,
	const struct field_reader *r, struct answer *a, struct err *e)
{
	int rc = check_list(doc, e);

	if (rc)
		return rc;
	json_object_del(doc, "population");
	rc = fields_read(&head_fields, doc, "", r, a, e);
	return rc ? rc
		  : population_read(list, &bred_fields, r,
			    &a->population.members, &a->population.n, e);
}

int generation_answer_read(struct arena *mem, const char *text, size_t n,
	const struct generation_request *q, struct population *out,
	struct err *e)
{
	struct population_frame frame = population_frame_of(q);
	const struct field_reader r = {
		.origin = FIELD_STORED, .mem = mem, .context = &frame};
	struct answer a = {0};
	struct doc_list list;
	json_t *doc = doc_parse_but(text, n, "population", &list, e);
	int rc = doc ? read_answer(doc, &list, &r, &a, e) : ERR_INVALID;

	json_decref(doc);
	if (rc)
		return rc;
	if (a.algorithm != q->algorithm)
		return err_at(e, ERR_INVALID, "", "algorithm",
			"it was bred by another algorithm");
	*out = a.population;
	return 0;
}
