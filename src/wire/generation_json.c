/* generation_json.c -- the question for a generation. */
#include "wire/generation_json.h"

#include "base/field_schema.h"
#include "base/rng.h"
#include "neat/marking.h"
#include "neat/space_json.h"
#include "wire/layer_json.h"
#include "wire/population_json.h"
#include "wire/seeds_json.h"

#define NUMBER_MAX RNG_SEED_MAX

static int algorithm_of(const void *s)
{
	return ((const struct generation_request *)s)->algorithm;
}

/* The frame is known: it comes before the members.  Where the reader has a list
 * of them, they have been taken out of the document. */
static int read_members(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct generation_request *q = s;
	struct population_frame frame = population_frame_of(q);
	struct doc_list *list = r->context;
	struct field_reader inner = *r;

	inner.context = &frame;
	if (!v)
		return 0;
	if (list && list->count > 0)
		return population_read(list, &scored_fields, &inner,
			&q->now.members, &q->now.n, e);
	return fields_read_list(&scored_fields, v, at, 0, (size_t)f->hi, &inner,
		(void **)&q->now.members, &q->now.n, e);
}

static json_t *write_members(const struct field *f, const void *s)
{
	const struct generation_request *q = s;
	const struct population_frame frame = population_frame_of(q);
	json_t *list = json_array();

	(void)f;
	for (size_t i = 0; i < q->now.n; i++)
		json_array_append_new(
			list, member_write(&scored_fields, &q->now.members[i],
				      &frame));
	return list;
}

static json_t *members_schema(const struct field *f)
{
	return json_pack("{s:s, s:i, s:o}", "type", "array", "maxItems",
		(int)f->hi, "items",
		fields_schema(&scored_fields, FIELD_REQUEST));
}

static const struct field_codec members = {
	read_members, write_members, members_schema};

static int read_state(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct generation_request *q = s;
	int wanted = algorithm_at(q->algorithm)->species && q->generation > 0;

	if (!v != !wanted)
		return err_at(e, v ? ERR_RANGE : ERR_INVALID, at, NULL,
			v ? "there is no \"%s\" in this question"
			  : "\"%s\" is required (an object)",
			f->key);
	return v ? fields_read(&state_fields, v, at, r, &q->now, e) : 0;
}

static json_t *write_state(const struct field *f, const void *s)
{
	const struct generation_request *q = s;

	(void)f;
	if (!algorithm_at(q->algorithm)->species || q->generation == 0)
		return NULL;
	return fields_write(&state_fields, FIELD_KEEP, &q->now);
}

static json_t *state_schema(const struct field *f)
{
	(void)f;
	return fields_schema(&state_fields, FIELD_REQUEST);
}

static const struct field_codec state = {read_state, write_state, state_schema};

/* The data's shape is known: it comes before the genomes. */
static int read_seeds(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	struct generation_request *q = s;

	(void)f;
	if (!v)
		return 0;
	return seeds_read(r->mem, v, at, &q->data, &q->seeds, &q->n_seeds, e);
}

static json_t *write_seeds(const struct field *f, const void *s)
{
	const struct generation_request *q = s;
	json_t *list = q->n_seeds ? json_array() : NULL;

	(void)f;
	for (size_t i = 0; i < q->n_seeds; i++)
		json_array_append_new(
			list, layer_json_write(q->seeds[i], &q->data));
	return list;
}

static const struct field_codec seeds = {read_seeds, write_seeds, seeds_schema};

#define AT(member) offsetof(struct generation_request, member)

static const struct field request_rows[] = {
	{.key = "algorithm",
		.type = FIELD_NAME,
		.at = AT(algorithm),
		.name = algorithm_name},
	{.key = "seed",
		.type = FIELD_WHOLE,
		.at = AT(seed),
		.hi = RNG_SEED_MAX},
	{.key = "generation",
		.type = FIELD_WHOLE,
		.at = AT(generation),
		.hi = NUMBER_MAX},
	{.key = "size",
		.type = FIELD_WHOLE,
		.at = AT(size),
		.lo = 1,
		.hi = POPULATION_MAX},
	{.key = "next_id",
		.type = FIELD_WHOLE,
		.at = AT(now.next_id),
		.hi = NUMBER_MAX - POPULATION_MAX},
	{.key = "batch_size",
		.type = FIELD_INT,
		.at = AT(batch_size),
		.lo = 1,
		.hi = BATCH_SIZE_MAX},
	DATA_SHAPE_ROWS(struct generation_request, data, 0),
	{.type = FIELD_INCLUDE, .at = AT(space), .of = &space_fields},
	{.type = FIELD_INCLUDE, .at = AT(limits), .of = &limits_fields},
	{.type = FIELD_INCLUDE,
		.at = AT(own),
		.choose = algorithm_of,
		.choice = algorithm_fields},
	{.key = "seed_genomes",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.codec = &seeds},
	{.key = "state",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.codec = &state},
	{.key = "population",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.hi = POPULATION_MAX,
		.codec = &members},
};

static int check_request(const void *s, const char *at, struct err *e)
{
	const struct generation_request *q = s;
	const struct algorithm *a = algorithm_at(q->algorithm);

	if (!q->now.n != !q->generation)
		return err_at(e, ERR_RANGE, at, "population",
			"\"population\" is the generation before: empty for "
			"generation 0, and for no other");
	return a->check ? a->check(q->own, q->size, e) : 0;
}

const struct fields generation_request_fields = {
	FIELDS(struct generation_request, request_rows),
	.what = "the question",
	.check = check_request,
};

static int check_markings(
	struct arena *mem, const struct population *p, struct err *e)
{
	const struct genome **genomes = arena_array(
		mem, p->n + 1, sizeof *genomes);
	struct err why = {0};

	for (size_t i = 0; i < p->n; i++)
		genomes[i] = p->members[i].genome;
	if (markings_check(mem, genomes, p->n, &why))
		return err_at(e, ERR_RANGE, "", "population", "%s", why.text);
	return 0;
}

/* `list` has the members, or is NULL and they are in `v`. */
static int read_request(struct arena *mem, const json_t *v,
	struct doc_list *list, struct generation_request *out, struct err *e)
{
	const struct field_reader r = {
		.origin = FIELD_REQUEST, .mem = mem, .context = list};
	struct generation_request q = {0};
	int rc = fields_read(&generation_request_fields, v, "", &r, &q, e);

	if (rc == 0)
		rc = check_markings(mem, &q.now, e);
	if (rc)
		return rc;
	q.now.generation = q.generation - 1;
	*out = q;
	return 0;
}

int generation_request_read(struct arena *mem, const json_t *v,
	struct generation_request *out, struct err *e)
{
	return read_request(mem, v, NULL, out, e);
}

int generation_request_parse(struct arena *mem, const char *text, size_t n,
	struct generation_request *out, struct err *e)
{
	struct doc_list list;
	json_t *v = doc_parse_but(text, n, "population", &list, e);
	int rc = v ? read_request(mem, v, &list, out, e) : ERR_INVALID;

	json_decref(v);
	return rc;
}

/* Takes members out that mean what a question without them means, so that a
 * service of before answers. */
static void leave_out(json_t *v, const struct fields *t, const void *s)
{
	json_t *kept = fields_write(t, FIELD_KEEP, s);

	for (size_t i = 0; i < t->n; i++)
		if (!json_object_get(kept, t->rows[i].key))
			json_object_del(v, t->rows[i].key);
	json_decref(kept);
}

json_t *generation_request_write(const struct generation_request *q)
{
	json_t *v = fields_write(&generation_request_fields, FIELD_SHOW, q);

	leave_out(v, &limits_fields, &q->limits);
	return v;
}

int generation_request_text(
	const struct generation_request *q, struct buf *out, struct err *e)
{
	const struct population_frame frame = population_frame_of(q);
	struct generation_request head = *q;

	head.now.n = 0;
	return population_text(generation_request_write(&head), &scored_fields,
		&q->now, &frame, out, e);
}
