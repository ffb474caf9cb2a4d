/* question_json.c -- questions about one genome or two, a row a key. */
#include "wire/question_json.h"

#include "base/doc.h"
#include "base/rng.h"
#include "model/training.h"
#include "neat/params_json.h"
#include "neat/space_json.h"

#define AT(member) offsetof(struct question, member)

#define GENOME_ROW(key_, member)                                    \
	{                                                           \
		.key = (key_), .type = FIELD_OWN, .at = AT(member), \
		.codec = &genome_codec                              \
	}
#define SEED_ROW                                                         \
	{                                                                \
		.key = "seed", .type = FIELD_WHOLE, .at = AT(seed),      \
		.hi = RNG_SEED_MAX, .help = "same question, same answer" \
	}
#define NEAT_ROW                                                        \
	{                                                               \
		.key = "neat", .type = FIELD_OWN, .at = AT(params),     \
		.codec = &params_codec, .help = "the constants of NEAT" \
	}

static const struct field crossover_rows[] = {
	GENOME_ROW("fitter", a),
	GENOME_ROW("other", b),
	NEAT_ROW,
	SEED_ROW,
};
const struct fields crossover_fields = {
	FIELDS(struct question, crossover_rows)};

#define COUNTER_ROW(key_, member)                                   \
	{                                                           \
		.key = (key_), .type = FIELD_WHOLE,                 \
		.at = offsetof(struct innovation_counters, member), \
		.hi = QUESTION_COUNTER_MAX                          \
	}
static const struct field counter_rows[] = {
	COUNTER_ROW("node", node),
	COUNTER_ROW("edge", edge),
};
static const struct fields counter_fields = {
	FIELDS(struct innovation_counters, counter_rows)};

static const struct field mutate_rows[] = {
	GENOME_ROW("genome", a),
	{.key = "innovations",
		.type = FIELD_OBJECT,
		.at = AT(innovations),
		.given = AT(has_innovations),
		.of = &counter_fields,
		.help = "numbers that new genes get; where there are none, the "
			"lowest above the genome's"},
	NEAT_ROW,
	SEED_ROW,
	{.type = FIELD_INCLUDE, .at = AT(space), .of = &space_fields},
};
const struct fields mutate_fields = {FIELDS(struct question, mutate_rows)};

static const struct field distance_rows[] = {
	GENOME_ROW("a", a),
	GENOME_ROW("b", b),
	NEAT_ROW,
};
const struct fields distance_fields = {FIELDS(struct question, distance_rows)};

static int keep_value(const struct field *f, const json_t *v, const char *at,
	const struct field_reader *r, void *s, struct err *e)
{
	(void)r;
	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"\"%s\" must be an object, not %s", f->key,
			doc_type_name(v));
	*(const json_t **)((char *)s + f->at) = v;
	return 0;
}

static json_t *any_object(const struct field *f)
{
	(void)f;
	return json_pack("{s:s}", "type", "object");
}

static const struct field_codec value_codec = {
	.read = keep_value, .schema = any_object};

static const struct field candidate_rows[] = {
	{.key = "genome",
		.type = FIELD_OWN,
		.at = offsetof(struct candidate, genome),
		.codec = &value_codec,
		.help = "a genome of either form, or what is meant to be one"},
	TRAINING_MAX_JOB_MB(offsetof(struct candidate, max_job_mb)),
};
const struct fields candidate_fields = {
	FIELDS(struct candidate, candidate_rows)};
