/* population_json.c -- members and state, a row each. */
#include "wire/population_json.h"

#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "neat/mutate.h"
#include "wire/genome_json.h"

#define NUMBER_MAX RNG_SEED_MAX
#define FITNESS_MAX 1
#define THRESHOLD_MAX 1e6

struct population_frame population_frame_of(const struct generation_request *q)
{
	const struct algorithm *a = algorithm_at(q->algorithm);

	return (struct population_frame){
		.data = q->data, .form = a->form, .species = a->species};
}

/* -- mutations -- */

/* By the position of their bit. */
static const char *const mutation_names[] = {"split", "connect", "toggle",
	"remove", "weights", "layers", "training", "wake"};
#define MUTATION_NAMES (sizeof mutation_names / sizeof *mutation_names)

json_t *mutations_write(unsigned bits)
{
	json_t *v = json_array();

	for (size_t i = 0; i < MUTATION_NAMES; i++)
		if (bits >> i & 1)
			json_array_append_new(
				v, json_string(mutation_names[i]));
	return v;
}

static unsigned mutation_bit(const json_t *v)
{
	const char *s = json_string_value(v);

	for (size_t i = 0; s && i < MUTATION_NAMES; i++)
		if (strcmp(s, mutation_names[i]) == 0)
			return 1u << i;
	return 0;
}

static int read_mutations(const struct field *f, const json_t *v,
	const char *at, const struct field_reader *r, void *s, struct err *e)
{
	struct individual *m = s;
	const json_t *one;
	size_t i;

	(void)f;
	(void)r;
	if (v && (!json_is_array(v) || json_array_size(v) > MUTATION_NAMES))
		return err_at(e, ERR_INVALID, at, NULL,
			"the mutations must be a list of their names");
	m->mutations = 0;
	json_array_foreach((json_t *)v, i, one) {
		unsigned bit = mutation_bit(one);

		if (!bit)
			return err_at(e, ERR_INVALID, at, NULL,
				"a mutation has an unknown name");
		m->mutations |= bit;
	}
	return 0;
}

static json_t *write_mutations(const struct field *f, const void *s)
{
	const struct individual *m = s;

	(void)f;
	if (m->species < 0)
		return NULL; /* nothing that has a name was done to it */
	return mutations_write(m->elite ? 0 : m->mutations);
}

static json_t *mutations_schema(const struct field *f)
{
	json_t *names = json_array();

	(void)f;
	for (size_t i = 0; i < MUTATION_NAMES; i++)
		json_array_append_new(names, json_string(mutation_names[i]));
	return json_pack("{s:s, s:{s:s, s:o}}", "type", "array", "items",
		"type", "string", "enum", names);
}

static const struct field_codec mutations = {
	read_mutations, write_mutations, mutations_schema};

/* -- parents -- */

static int read_parents(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	int64_t *parents = (int64_t *)((char *)s + f->at);

	(void)r;
	parents[0] = parents[1] = -1;
	if (!json_is_array(v) || json_array_size(v) > 2)
		return err_at(e, ERR_INVALID, at, NULL,
			"the parents must be a list of up to two ids");
	for (size_t i = 0; i < json_array_size(v); i++) {
		int64_t id;

		if (!doc_integer(json_array_get(v, i), &id) || id < 0 ||
			id > NUMBER_MAX)
			return err_at(e, ERR_INVALID, at, NULL,
				"a parent must be a genome's id");
		parents[i] = id;
	}
	return 0;
}

static json_t *write_parents(const struct field *f, const void *s)
{
	const int64_t *parents = (const int64_t *)((const char *)s + f->at);
	json_t *list = json_array();

	for (int i = 0; i < 2; i++)
		if (parents[i] >= 0)
			json_array_append_new(list, json_integer(parents[i]));
	return list;
}

static json_t *parents_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s, s:i, s:{s:s, s:i}}", "type", "array",
		"maxItems", 2, "items", "type", "integer", "minimum", 0);
}

const struct field_codec parents_codec = {
	read_parents, write_parents, parents_schema};

/* -- members -- */

#define AT(member) offsetof(struct individual, member)

static int read_species(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	const struct population_frame *frame = r->context;
	struct individual *m = s;
	int64_t id;

	m->species = -1;
	if (!v && !frame->species)
		return 0;
	if (!frame->species)
		return err_at(
			e, ERR_RANGE, at, NULL, "the algorithm has no species");
	if (!doc_integer(v, &id) || id < 0 || id > NUMBER_MAX)
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be a species' id", f->key);
	m->species = id;
	return 0;
}

static json_t *write_species(const struct field *f, const void *s)
{
	const struct individual *m = s;

	(void)f;
	return m->species >= 0 ? json_integer(m->species) : NULL;
}

static json_t *species_schema(const struct field *f)
{
	(void)f;
	return json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
}

static const struct field_codec species_codec = {
	read_species, write_species, species_schema};

/* In the population's form, for its data. */
static int read_genome(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	const struct population_frame *frame = r->context;
	struct individual *m = s;
	struct genome_doc doc;
	int rc = genome_doc_read(v, at, r->mem, &doc, e);

	(void)f;
	if (rc)
		return rc;
	if (doc.form != frame->form)
		return err_at(e, ERR_RANGE, at, NULL,
			"the algorithm breeds genomes of the other form");
	if (!data_shape_equal(&doc.data, &frame->data))
		return err_at(e, ERR_RANGE, at, NULL,
			"the genome is for other data than the population");
	m->genome = doc.graph;
	return 0;
}

/* Only member_write knows the frame. */
static json_t *write_genome(const struct field *f, const void *s)
{
	(void)f;
	(void)s;
	return NULL;
}

static json_t *genome_schema(const struct field *f)
{
	return genome_codec.schema(f);
}

static const struct field_codec member_genome = {
	read_genome, write_genome, genome_schema};

#define ID_ROW                                                  \
	{                                                       \
		.key = "id", .type = FIELD_WHOLE, .at = AT(id), \
		.hi = NUMBER_MAX                                \
	}
#define SPECIES_ROW                                                           \
	{                                                                     \
		.key = "species", .type = FIELD_OWN, .flags = FIELD_OPTIONAL, \
		.codec = &species_codec                                       \
	}
#define GENOME_ROW                                                          \
	{                                                                   \
		.key = "genome", .type = FIELD_OWN, .codec = &member_genome \
	}

static const struct field scored_rows[] = {
	ID_ROW,
	SPECIES_ROW,
	{.key = "fitness",
		.type = FIELD_REAL,
		.at = AT(fitness),
		.hi = FITNESS_MAX},
	GENOME_ROW,
};
const struct fields scored_fields = {
	FIELDS(struct individual, scored_rows), .what = "a member"};

static const struct field bred_rows[] = {
	ID_ROW,
	SPECIES_ROW,
	{.key = "parents",
		.type = FIELD_OWN,
		.at = AT(parents),
		.codec = &parents_codec},
	{.key = "mutations",
		.type = FIELD_OWN,
		.flags = FIELD_OPTIONAL,
		.codec = &mutations},
	{.key = "elite", .type = FIELD_FLAG, .at = AT(elite)},
	GENOME_ROW,
};
const struct fields bred_fields = {
	FIELDS(struct individual, bred_rows), .what = "a member"};

json_t *member_write(const struct fields *t, const struct individual *m,
	const struct population_frame *frame)
{
	json_t *v;
	struct individual shown = *m;

	if (m->elite)
		shown.parents[0] = shown.parents[1] = -1;
	v = fields_write(t, FIELD_SHOW, &shown);
	json_object_set_new(v, "genome",
		genome_doc_write(&(struct genome_doc){.graph = m->genome,
			.data = frame->data,
			.form = frame->form}));
	return v;
}

/* -- the state -- */

#undef AT
#define AT(member) offsetof(struct species, member)
#define NUMBER(key_, at_)                                        \
	{                                                        \
		.key = (key_), .type = FIELD_WHOLE, .at = (at_), \
		.hi = NUMBER_MAX                                 \
	}
#define BEST(at_)                                                         \
	{                                                                 \
		.key = "best", .type = FIELD_REAL, .at = (at_), .lo = -1, \
		.hi = FITNESS_MAX                                         \
	}

static const struct field species_rows[] = {
	NUMBER("id", AT(id)),
	NUMBER("born", AT(born)),
	BEST(AT(best)),
	NUMBER("improved", AT(improved)),
};
static const struct fields species_fields = {
	FIELDS(struct species, species_rows), .what = "a species"};

static const struct field counter_rows[] = {
	NUMBER("node", offsetof(struct innovation_counters, node)),
	NUMBER("edge", offsetof(struct innovation_counters, edge)),
};
static const struct fields counter_fields = {
	FIELDS(struct innovation_counters, counter_rows)};

#undef AT
#define AT(member) offsetof(struct population, member)

static const struct field state_rows[] = {
	{.key = "innovations",
		.type = FIELD_OBJECT,
		.at = AT(innovations),
		.of = &counter_fields},
	NUMBER("next_species", AT(next_species)),
	{.key = "threshold",
		.type = FIELD_REAL,
		.at = AT(threshold),
		.hi = THRESHOLD_MAX},
	BEST(AT(best)),
	NUMBER("improved", AT(improved)),
	{.key = "species",
		.type = FIELD_LIST,
		.at = AT(species),
		.count = AT(n_species),
		.hi = POPULATION_MAX,
		.of = &species_fields},
};
const struct fields state_fields = {
	FIELDS(struct population, state_rows), .what = "the state"};
