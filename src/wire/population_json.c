/* population_json.c -- populations in and out, in a fixed order, so that the
 * same answer has the same bytes. */
#include "wire/population_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/rng.h"
#include "neat/marking.h"
#include "neat/mutate.h"
#include "wire/genome_json.h"
#include "wire/layer_json.h"
#include "wire/params_json.h"

#define NUMBER_MAX RNG_SEED_MAX
#define FITNESS_MAX 1.0
#define THRESHOLD_MAX 1e6

/* By the position of their bit. */
static const char *const mutation_names[] = {"split", "connect", "toggle",
	"remove", "weights", "layers", "training"};
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

static int mutations_read(
	const json_t *v, const char *at, unsigned *out, struct err *e)
{
	const json_t *list;
	unsigned bits = 0;
	int rc = doc_list(v, at, "mutations", 0, MUTATION_NAMES, &list, e);

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const char *s = json_string_value(json_array_get(list, i));
		size_t k = 0;

		while (k < MUTATION_NAMES &&
			!(s && strcmp(s, mutation_names[k]) == 0))
			k++;
		if (k == MUTATION_NAMES)
			return err_at(e, ERR_INVALID, at, "mutations",
				"a mutation has an unknown name");
		bits |= 1u << k;
	}
	if (rc == 0)
		*out = bits;
	return rc;
}

/* -- the state -- */

static json_t *species_write(const struct species *s)
{
	return json_pack("{s:I, s:I, s:f, s:I}", "id", (json_int_t)s->id,
		"born", (json_int_t)s->born, "best", s->best, "improved",
		(json_int_t)s->improved);
}

json_t *neat_state_write(const struct population *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_species; i++)
		json_array_append_new(list, species_write(&p->species[i]));
	return json_pack("{s:{s:I, s:I}, s:I, s:f, s:f, s:I, s:o}",
		"innovations", "node", (json_int_t)p->innovations.node, "edge",
		(json_int_t)p->innovations.edge, "next_species",
		(json_int_t)p->next_species, "threshold", p->threshold, "best",
		p->best, "improved", (json_int_t)p->improved, "species", list);
}

static int species_read(
	const json_t *v, const char *at, struct species *s, struct err *e)
{
	static const char *const keys[] = {
		"id", "born", "best", "improved", NULL};
	int rc;

	if (!json_is_object(v))
		return err_at(e, ERR_INVALID, at, NULL,
			"a species must be an object, not %s",
			doc_type_name(v));
	rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = doc_int(v, at, "id", 0, NUMBER_MAX, &s->id, e);
	if (rc == 0)
		rc = doc_int(v, at, "born", 0, NUMBER_MAX, &s->born, e);
	if (rc == 0)
		rc = doc_real(v, at, "best", -1, FITNESS_MAX, &s->best, e);
	if (rc == 0)
		rc = doc_int(v, at, "improved", 0, NUMBER_MAX, &s->improved, e);
	return rc;
}

static int species_list_read(struct arena *mem, const json_t *v, const char *at,
	struct population *p, struct err *e)
{
	char place[sizeof e->where];
	struct species *species;
	const json_t *list;
	int rc = doc_list(v, at, "species", 0, POPULATION_MAX, &list, e);

	if (rc)
		return rc;
	p->n_species = json_array_size(list);
	p->species = species = arena_array(
		mem, p->n_species + 1, sizeof *species);
	for (size_t i = 0; rc == 0 && i < p->n_species; i++) {
		snprintf(place, sizeof place, "%s/species/%zu", at, i);
		rc = species_read(
			json_array_get(list, i), place, &species[i], e);
	}
	return rc;
}

static int counters_read(const json_t *v, const char *at,
	struct innovation_counters *out, struct err *e)
{
	static const char *const keys[] = {"node", "edge", NULL};
	char place[sizeof e->where];
	const json_t *c;
	int rc = doc_obj(v, at, "innovations", &c, e);

	snprintf(place, sizeof place, "%s/innovations", at);
	if (rc == 0)
		rc = doc_only(c, place, keys, e);
	if (rc == 0)
		rc = doc_int(c, place, "node", 0, NUMBER_MAX, &out->node, e);
	if (rc == 0)
		rc = doc_int(c, place, "edge", 0, NUMBER_MAX, &out->edge, e);
	return rc;
}

int neat_state_read(struct arena *mem, const json_t *obj, const char *at,
	const char *name, struct population *out, struct err *e)
{
	static const char *const keys[] = {"innovations", "next_species",
		"threshold", "best", "improved", "species", NULL};
	struct population p = *out;
	char place[64];
	const json_t *v;
	int rc = doc_obj(obj, at, name, &v, e);

	snprintf(place, sizeof place, "%s/%s", at, name);
	if (rc == 0)
		rc = doc_only(v, place, keys, e);
	if (rc == 0)
		rc = counters_read(v, place, &p.innovations, e);
	if (rc == 0)
		rc = doc_int(v, place, "next_species", 0, NUMBER_MAX,
			&p.next_species, e);
	if (rc == 0)
		rc = doc_real(v, place, "threshold", 0, THRESHOLD_MAX,
			&p.threshold, e);
	if (rc == 0)
		rc = doc_real(v, place, "best", -1, FITNESS_MAX, &p.best, e);
	if (rc == 0)
		rc = doc_int(
			v, place, "improved", 0, NUMBER_MAX, &p.improved, e);
	if (rc == 0)
		rc = species_list_read(mem, v, place, &p, e);
	if (rc == 0)
		*out = p;
	return rc;
}

/* -- members -- */

static int genome_of_data(struct arena *mem, const json_t *v, const char *at,
	const struct flat_data *data, const struct genome **out, struct err *e)
{
	struct genome *g = arena_alloc(mem, sizeof *g);
	struct flat_data own;
	int rc = layer_json_read(v, at, mem, g, &own, e);

	if (rc)
		return rc;
	if (!flat_data_equal(&own, data))
		return err_at(e, ERR_RANGE, at, NULL,
			"the genome is for other data than the population");
	*out = g;
	return 0;
}

static int must_be_member(const json_t *v, const char *at, struct err *e)
{
	if (json_is_object(v))
		return 0;
	return err_at(e, ERR_INVALID, at, NULL,
		"a member must be an object, not %s", doc_type_name(v));
}

/* A member that was scored. */
static int scored_read(struct arena *mem, const json_t *v, const char *at,
	const struct flat_data *data, struct individual *m, struct err *e)
{
	static const char *const keys[] = {
		"id", "species", "fitness", "genome", NULL};
	char place[sizeof e->where];
	int rc = must_be_member(v, at, e);

	snprintf(place, sizeof place, "%s/genome", at);
	m->parents[0] = m->parents[1] = -1;
	if (rc == 0)
		rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = doc_int(v, at, "id", 0, NUMBER_MAX, &m->id, e);
	if (rc == 0)
		rc = doc_int(v, at, "species", 0, NUMBER_MAX, &m->species, e);
	if (rc == 0)
		rc = doc_real(v, at, "fitness", 0, FITNESS_MAX, &m->fitness, e);
	if (rc == 0)
		rc = genome_of_data(mem, json_object_get(v, "genome"), place,
			data, &m->genome, e);
	return rc;
}

static int parents_read(
	const json_t *v, const char *at, struct individual *m, struct err *e)
{
	const json_t *list;
	int rc = doc_list(v, at, "parents", 0, 2, &list, e);

	m->parents[0] = m->parents[1] = -1;
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
		const json_t *id = json_array_get(list, i);

		if (!json_is_integer(id) || json_integer_value(id) < 0 ||
			json_integer_value(id) > NUMBER_MAX)
			return err_at(e, ERR_INVALID, at, "parents",
				"a parent must be a genome's id");
		m->parents[i] = json_integer_value(id);
	}
	return rc;
}

/* A member that was bred. */
static int bred_read(struct arena *mem, const json_t *v, const char *at,
	const struct flat_data *data, struct individual *m, struct err *e)
{
	static const char *const keys[] = {"id", "species", "parents",
		"mutations", "elite", "genome", NULL};
	char place[sizeof e->where];
	int rc = must_be_member(v, at, e);

	snprintf(place, sizeof place, "%s/genome", at);
	if (rc == 0)
		rc = doc_only(v, at, keys, e);
	if (rc == 0)
		rc = doc_int(v, at, "id", 0, NUMBER_MAX, &m->id, e);
	if (rc == 0)
		rc = doc_int(v, at, "species", 0, NUMBER_MAX, &m->species, e);
	if (rc == 0)
		rc = parents_read(v, at, m, e);
	if (rc == 0)
		rc = mutations_read(v, at, &m->mutations, e);
	if (rc == 0)
		rc = doc_bool(v, at, "elite", &m->elite, e);
	if (rc == 0)
		rc = genome_of_data(mem, json_object_get(v, "genome"), place,
			data, &m->genome, e);
	return rc;
}

typedef int member_reader(struct arena *mem, const json_t *v, const char *at,
	const struct flat_data *data, struct individual *m, struct err *e);

static int members_read(struct arena *mem, const json_t *list,
	member_reader *read, const struct flat_data *data, struct population *p,
	struct err *e)
{
	int rc = 0;

	p->n = json_array_size(list);
	p->members = arena_array(mem, p->n, sizeof *p->members);
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		char place[48];

		snprintf(place, sizeof place, "/population/%zu", i);
		rc = read(mem, json_array_get(list, i), place, data,
			&p->members[i], e);
	}
	return rc;
}

/* -- the request -- */

static int numbers_read(const json_t *v, struct neat_request *q, struct err *e)
{
	int64_t size = 0, batch = 0;
	int rc = doc_int(v, "", "seed", 0, RNG_SEED_MAX, &q->seed, e);

	if (rc == 0)
		rc = doc_int(
			v, "", "generation", 0, NUMBER_MAX, &q->generation, e);
	if (rc == 0)
		rc = doc_int(v, "", "size", 1, POPULATION_MAX, &size, e);
	if (rc == 0)
		rc = doc_int(v, "", "next_id", 0, NUMBER_MAX - POPULATION_MAX,
			&q->now.next_id, e);
	if (rc == 0)
		rc = doc_int(v, "", "batch_size", 1, FLAT_BATCH_MAX, &batch, e);
	if (rc == 0)
		rc = params_read(v, "neat", &q->params, e);
	q->size = (size_t)size;
	q->batch_size = (int)batch;
	return rc;
}

static int check_markings(
	struct arena *mem, const struct population *p, struct err *e)
{
	const struct genome **genomes = arena_array(mem, p->n, sizeof *genomes);
	struct err why = {0};

	for (size_t i = 0; i < p->n; i++)
		genomes[i] = p->members[i].genome;
	if (markings_check(mem, genomes, p->n, &why))
		return err_at(e, ERR_RANGE, "", "population", "%s", why.text);
	return 0;
}

/* The generation before, with its state; nothing before generation 0. */
static int before_read(struct arena *mem, const json_t *v,
	struct neat_request *q, struct err *e)
{
	const json_t *list = NULL;
	int rc = 0;

	if (json_object_get(v, "population"))
		rc = doc_list(v, "", "population", 0, POPULATION_MAX, &list, e);
	if (rc)
		return rc;
	if (!json_array_size(list) != !q->generation)
		return err_at(e, ERR_RANGE, "", "population",
			"\"population\" is the generation before: empty for "
			"generation 0, and for no other");
	if (q->generation == 0)
		return 0;
	q->now.generation = q->generation - 1;
	rc = neat_state_read(mem, v, "", "state", &q->now, e);
	if (rc == 0)
		rc = members_read(mem, list, scored_read, &q->data, &q->now, e);
	return rc ? rc : check_markings(mem, &q->now, e);
}

int neat_request_read(struct arena *mem, const json_t *v,
	struct neat_request *out, struct err *e)
{
	static const char *const keys[] = {"algorithm", "seed", "generation",
		"size", "next_id", "batch_size", GENOME_DATA_KEYS, "neat",
		"state", "population", NULL};
	struct neat_request q = {0};
	int rc = doc_only(v, "", keys, e);

	if (rc == 0)
		rc = numbers_read(v, &q, e);
	if (rc == 0)
		rc = genome_data_read(v, "", &q.data, e);
	if (rc == 0)
		rc = before_read(mem, v, &q, e);
	if (rc == 0)
		*out = q;
	return rc;
}

static json_t *scored_write(
	const struct individual *m, const struct flat_data *data)
{
	return json_pack("{s:I, s:I, s:f, s:o}", "id", (json_int_t)m->id,
		"species", (json_int_t)m->species, "fitness", m->fitness,
		"genome", layer_json_write(m->genome, data));
}

json_t *neat_request_write(const struct neat_request *q)
{
	json_t *list = json_array();
	json_t *v = json_pack("{s:s, s:I, s:I, s:I, s:I, s:i, s:o}",
		"algorithm", "neat", "seed", (json_int_t)q->seed, "generation",
		(json_int_t)q->generation, "size", (json_int_t)q->size,
		"next_id", (json_int_t)q->now.next_id, "batch_size",
		q->batch_size, "neat", params_write(&q->params));

	genome_data_write(v, &q->data);
	for (size_t i = 0; i < q->now.n; i++)
		json_array_append_new(
			list, scored_write(&q->now.members[i], &q->data));
	json_object_set_new(v, "population", list);
	if (q->now.n)
		json_object_set_new(v, "state", neat_state_write(&q->now));
	return v;
}

/* -- the answer -- */

static json_t *bred_write(
	const struct individual *m, const struct flat_data *data)
{
	json_t *parents = json_array();

	for (int i = 0; i < 2 && !m->elite; i++)
		if (m->parents[i] >= 0)
			json_array_append_new(
				parents, json_integer(m->parents[i]));
	return json_pack("{s:I, s:I, s:o, s:o, s:b, s:o}", "id",
		(json_int_t)m->id, "species", (json_int_t)m->species, "parents",
		parents, "mutations",
		mutations_write(m->elite ? 0 : m->mutations), "elite", m->elite,
		"genome", layer_json_write(m->genome, data));
}

/* Appends the text of `v`, whose reference is taken over. */
static int add_json(struct buf *out, json_t *v, struct err *e)
{
	char *text = json_dumps(v, JSON_COMPACT);
	int rc = buf_puts(out, text, e);

	free(text);
	json_decref(v);
	return rc;
}

int neat_answer_write(const struct population *p, const struct flat_data *data,
	struct buf *out, struct err *e)
{
	char head[120];
	int rc;

	snprintf(head, sizeof head,
		"{\"algorithm\":\"neat\",\"generation\":%lld,"
		"\"next_id\":%lld,\"state\":",
		(long long)p->generation, (long long)p->next_id);
	rc = buf_puts(out, head, e);
	if (rc == 0)
		rc = add_json(out, neat_state_write(p), e);
	if (rc == 0)
		rc = buf_puts(out, ",\"population\":[", e);
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		if (i > 0)
			rc = buf_puts(out, ",", e);
		if (rc == 0)
			rc = add_json(out, bred_write(&p->members[i], data), e);
	}
	return rc ? rc : buf_puts(out, "]}", e);
}

static int check_algorithm(const json_t *v, struct err *e)
{
	const char *name;
	int rc = doc_str(v, "", "algorithm", 1, 32, &name, e);

	if (rc == 0 && strcmp(name, "neat") != 0)
		return err_at(e, ERR_INVALID, "", "algorithm",
			"the answer is not one of NEAT");
	return rc;
}

int neat_answer_read(struct arena *mem, const json_t *v,
	const struct flat_data *data, struct population *out, struct err *e)
{
	static const char *const keys[] = {"algorithm", "generation", "next_id",
		"state", "population", NULL};
	struct population p = {0};
	const json_t *list;
	int rc = doc_only(v, "", keys, e);

	if (rc == 0)
		rc = check_algorithm(v, e);
	if (rc == 0)
		rc = doc_int(
			v, "", "generation", 0, NUMBER_MAX, &p.generation, e);
	if (rc == 0)
		rc = doc_int(v, "", "next_id", 0, NUMBER_MAX, &p.next_id, e);
	if (rc == 0)
		rc = neat_state_read(mem, v, "", "state", &p, e);
	if (rc == 0)
		rc = doc_list(v, "", "population", 1, POPULATION_MAX, &list, e);
	if (rc == 0)
		rc = members_read(mem, list, bred_read, data, &p, e);
	if (rc == 0)
		*out = p;
	return rc;
}
