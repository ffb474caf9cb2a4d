/* run_inherit.c -- whose weights a training starts from. */
#include <string.h>

#include "run/run_private.h"

void run_take_legacy(const struct run *r, struct run_member *m)
{
	for (int i = 0; i < 2; i++) {
		const struct run_member *parent = run_member_find(
			r, m->parents[i]);

		if (parent)
			memcpy(m->legacy[i], parent->weights,
				sizeof parent->weights);
	}
}

static void add_parent(struct job_doc *j, const char *weights)
{
	for (int i = 0; i < j->n_parents; i++)
		if (strcmp(j->parents[i], weights) == 0)
			return;
	if (weights[0])
		memcpy(j->parents[j->n_parents++], weights, SHA256_HEX_BYTES);
}

/* The rung above goes on where the one below has ended. */
void run_inherit(
	const struct run *r, const struct run_member *m, struct job_doc *j)
{
	if (!r->settings.inherit)
		return;
	j->keep_weights = 1;
	j->inherit_keep = m->rungs ? 1 : r->settings.inherit_keep;
	if (m->rungs)
		add_parent(j, m->weights);
	for (int i = 0; i < 2 && !m->rungs; i++)
		add_parent(j, m->legacy[i]);
}

int run_has_weights(const struct run *r, const struct job_result *j)
{
	return !r->settings.inherit ||
	       (j->has_weights && sha256_is_hex(j->weights));
}

/* What is too large for a job to bring is left to nobody. */
void run_note_weights(
	const struct run *r, struct run_member *m, const struct job_result *j)
{
	if (!r->settings.inherit)
		return;
	m->weights[0] = '\0';
	if ((size_t)j->weights_bytes <= JOB_PARENT_BYTES_MAX)
		memcpy(m->weights, j->weights, sizeof m->weights);
}
