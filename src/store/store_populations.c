/* store_populations.c -- the populations of existing clients. */
#include "store/store_private.h"

#define OF_POPULATION \
	"population = (SELECT number FROM population WHERE uuid = ?)"

int store_population_insert(
	struct store *s, const struct store_population *p, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO population (uuid, created_ms, dataset, seed) "
		"VALUES (?, ?, ?, ?)");
	query_put_text(&q, p->uuid);
	query_put_int(&q, p->created_ms);
	query_put_text(&q, p->dataset);
	query_put_int(&q, p->seed);
	return query_run(&q, e);
}

int store_population_get(struct store *s, struct arena *mem, const char *uuid,
	struct store_population *out, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT uuid, created_ms, dataset, seed FROM population "
		"WHERE uuid = ?");
	query_put_text(&q, uuid);
	rc = query_next(&q, e);
	if (rc == 1) {
		query_copy(&q, out->uuid, sizeof out->uuid);
		out->created_ms = query_int(&q);
		out->dataset = query_text(&q, mem);
		out->seed = query_int(&q);
	}
	query_end(&q);
	if (rc == 0)
		return err_set(
			e, ERR_NOT_FOUND, "there is no population %s", uuid);
	return rc == 1 ? 0 : rc;
}

int store_model_insert(struct store *s, const char *population,
	const struct store_model *m, struct err *e)
{
	struct query q;

	query_write(&q, s,
		"INSERT INTO model SELECT number, ?, ?, ?, ?, ? "
		"FROM population WHERE uuid = ?");
	query_put_int(&q, m->id);
	query_put_text(&q, m->genome);
	query_put_int(&q, m->scored);
	query_put_real(&q, "score", m->score);
	query_put_text(&q, m->answer);
	query_put_text(&q, population);
	return query_change(&q, "population", population, e);
}

int store_model_score(struct store *s, const char *population, int64_t id,
	double score, const char *answer, struct err *e)
{
	int64_t changed;
	struct query q;
	int rc;

	query_write(&q, s,
		"UPDATE model SET scored = 1, score = ?, answer = ? "
		"WHERE " OF_POPULATION " AND id = ?");
	query_put_real(&q, "score", score);
	query_put_text(&q, answer);
	query_put_text(&q, population);
	query_put_int(&q, id);
	rc = query_count(&q, &changed, e);
	if (rc == 0 && changed == 0)
		return err_set(e, ERR_NOT_FOUND,
			"the population has no model %lld", (long long)id);
	return rc;
}

static void take_model(
	struct query *q, struct arena *mem, struct store_model *m)
{
	m->id = query_int(q);
	m->genome = query_text(q, mem);
	m->scored = (int)query_int(q);
	m->score = query_real(q);
	m->answer = query_text(q, mem);
}

int store_model_get(struct store *s, struct arena *mem, const char *population,
	int64_t id, struct store_model *out, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT id, genome, scored, score, answer FROM model "
		"WHERE " OF_POPULATION " AND id = ?");
	query_put_text(&q, population);
	query_put_int(&q, id);
	rc = query_next(&q, e);
	if (rc == 1)
		take_model(&q, mem, out);
	query_end(&q);
	if (rc == 0)
		return err_set(e, ERR_NOT_FOUND,
			"the population has no model %lld", (long long)id);
	return rc == 1 ? 0 : rc;
}

int store_models(struct store *s, struct arena *mem, const char *population,
	struct store_model **out, size_t *n, int64_t *next_id, struct err *e)
{
	struct query q;
	int rc;

	query_read(&q, s,
		"SELECT id, genome, scored, score, answer FROM model "
		"WHERE " OF_POPULATION " ORDER BY id");
	query_put_text(&q, population);
	*out = NULL;
	for (*n = 0; (rc = query_next(&q, e)) == 1; (*n)++) {
		*out = page_slot(mem, *out, *n, sizeof **out);
		take_model(&q, mem, &(*out)[*n]);
	}
	query_end(&q);
	if (rc == 0 && next_id)
		*next_id = *n > 0 ? (*out)[*n - 1].id + 1 : 0;
	return rc;
}
