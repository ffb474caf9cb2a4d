/* digest.c -- canonical lines into SHA-256. */
#include "run/digest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/canonical.h"

struct digest {
	struct sha256 *hash;
};

/* Consumes the reference.  What a run holds can always be said in JSON. */
static void add_line(struct digest *d, json_t *v)
{
	char *text = canonical_text(v, NULL);

	assert(text);
	sha256_add(d->hash, text, strlen(text));
	sha256_add(d->hash, "\n", 1);
	free(text);
	json_decref(v);
}

struct digest *digest_new(const struct run_settings *s)
{
	struct digest *d = xcalloc(1, sizeof *d);

	d->hash = sha256_new();
	add_line(d, settings_digested(s));
	return d;
}

static json_t *losses(const struct run_member *m)
{
	json_t *list = json_array();

	for (int i = 0; i < m->rungs; i++)
		json_array_append_new(list, json_real(m->losses[i]));
	return list;
}

void digest_member(
	struct digest *d, const struct run *r, const struct run_member *m)
{
	const struct genome_doc genome = run_genome(r, m);
	json_t *v = json_pack("{s:I, s:I, s:o, s:o, s:s?}", "generation",
		(json_int_t)m->born, "id", (json_int_t)m->id, "genome",
		genome_doc_write(&genome), "fitness",
		m->scored ? json_real(m->fitness) : json_null(), "failure",
		m->failure[0] ? m->failure : NULL);

	if (settings_algorithm(&r->settings)->species)
		json_object_set_new(
			v, "species", json_integer(m->first_species));
	if (run_has_rungs(r))
		json_object_set_new(v, "rungs", losses(m));
	if (r->settings.inherit)
		json_object_set_new(v, "weights", json_string(m->weights));
	add_line(d, v);
}

static void add_finalist(struct digest *d, const struct run_member *m)
{
	add_line(d, json_pack("{s:I, s:b, s:b, s:f, s:f, s:s?}", "finalist",
			    (json_int_t)m->id, "tried", m->tried, "mirrored",
			    m->mirrored, "fitness", m->fitness, "loss",
			    m->trial_loss, "failure",
			    m->failure[0] ? m->failure : NULL));
}

void digest_end(
	struct digest *d, const struct run *r, char out[SHA256_HEX_BYTES])
{
	if (run_pilots(r) > 0)
		add_line(d, json_pack("{s:f, s:f}", "pilot", r->pilot_losses[0],
				    "mirrored", r->pilot_losses[1]));
	for (int i = 0; i < r->n_finalists && r->trials > 0; i++)
		add_finalist(d, &r->finalists[i]);
	if (r->state == RUN_FINISHED)
		add_line(d, json_pack("{s:I, s:I, s:I, s:s}", "champion",
				    (json_int_t)run_champion(r)->id, "correct",
				    (json_int_t)r->test_correct, "total",
				    (json_int_t)r->test_total, "weights",
				    r->weights));
	sha256_end(d->hash, out);
	free(d);
}
