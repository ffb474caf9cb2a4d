/* run_share.c -- which trainings are one and the same.
 *
 * Where the seed is the network's or the rung's (`seed_policy`), genomes that
 * make the same network are trained by jobs that differ in nothing but names.
 * Whoever carries jobs out may answer the second by what the first one gave; so
 * that it can, only one of them is submitted at a time.  Nothing depends on
 * whether it does: the answer would be the same, bit for bit. */
#include "run/run.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/canonical.h"
#include "base/rng.h"
#include "model/fingerprint.h"
#include "run/run_private.h"

/* False of a genome that cannot be built, which has no network. */
static int network_of(const struct run *r, const struct run_member *m,
	char out[SHA256_HEX_BYTES])
{
	struct model model;

	if (model_decode(m->genome, &r->settings.data, INT64_MAX, &model, NULL))
		return 0;
	model_fingerprint(&model, out);
	return 1;
}

static int shares(const struct run *r)
{
	return r->settings.seed_policy != SEED_OF_GENOME;
}

static uint64_t first_bits(const char *hex)
{
	char digits[17] = {0};

	memcpy(digits, hex, sizeof digits - 1);
	return strtoull(digits, NULL, 16);
}

/* The job says all that its training follows from.  A file of weights has the
 * genome in it, and what is inherited goes by the numbers of genes: only
 * without either is the network all that counts of a genome. */
static void write_key(const struct job_doc *j, const char *network, char *out)
{
	json_t *v = job_write(j);
	char *text;

	json_object_del(v, "id");
	if (!j->keep_weights)
		json_object_set_new(v, "genome", json_string(network));
	text = canonical_text(v, NULL);
	assert(text); /* a job holds finite numbers only */
	sha256_of(text, strlen(text), out);
	free(text);
	json_decref(v);
}

void run_share(const struct run *r, struct run_member *m, struct job_doc *j)
{
	char network[SHA256_HEX_BYTES];

	m->key[0] = '\0';
	if (!shares(r) || !network_of(r, m, network))
		return;
	if (r->settings.seed_policy == SEED_OF_NETWORK)
		j->seed = rng_derive((uint64_t)r->settings.seed,
			first_bits(network), (uint64_t)m->rungs);
	write_key(j, network, m->key);
}

struct run_member *run_first_of_key(const struct run *r, const char *key)
{
	const int open = run_open_rung(r);

	for (size_t i = 0; key[0] && i < r->n_members; i++) {
		struct run_member *m = &r->members[i];

		if (!m->scored && m->rungs == open && strcmp(m->key, key) == 0)
			return m;
	}
	return NULL;
}

int run_same_network(const struct run *r, const struct run_member *a,
	const struct run_member *b)
{
	char x[SHA256_HEX_BYTES], y[SHA256_HEX_BYTES];

	return shares(r) && network_of(r, a, x) && network_of(r, b, y) &&
	       strcmp(x, y) == 0;
}
