/* run_jobs.c -- what is to be trained: the whole job of a member, a finalist
 * and the champion, each a function of the run and of the genome alone. */
#include "run/run.h"

#include <string.h>

#include "base/rng.h"
#include "run/run_private.h"

/* No generation has these numbers: such seeds are apart from those of a
 * genome's fitness. */
#define FINAL UINT64_MAX
#define RUNG (UINT64_MAX - 1)

/* A rung above the first is another draw, not the first one's continued. */
static int64_t fitness_seed(
	const struct run *r, const struct run_member *m, int rung)
{
	const uint64_t all = (uint64_t)r->settings.seed;
	int64_t own;

	if (r->settings.seed_policy == SEED_OF_RUNG)
		return rng_derive(all, RUNG, (uint64_t)rung);
	own = rng_derive(all, (uint64_t)m->born, (uint64_t)m->id);
	return rung ? rng_derive((uint64_t)own, (uint64_t)rung, 0) : own;
}

static int64_t final_seed(const struct run *r, const struct run_member *m)
{
	return rng_derive((uint64_t)r->settings.seed, FINAL, (uint64_t)m->id);
}

/* A job without what its kind needs. */
static struct job_doc begin_job(
	const struct run *r, const struct run_member *m, int final, int rung)
{
	const struct run_settings *s = &r->settings;
	struct job_doc j = {.final = final,
		.genome = run_genome(r, m),
		.scale = 1,
		.seed = final ? final_seed(r, m) : fitness_seed(r, m, rung)};
	struct job_id id = {.final = final,
		.generation = m->born,
		.genome = m->id,
		.rung = rung};

	memcpy(id.run, r->uuid, sizeof id.run);
	job_id_write(&id, j.id);
	memcpy(j.dataset.name, s->dataset, sizeof j.dataset.name);
	memcpy(j.dataset.hash, s->dataset_hash, sizeof j.dataset.hash);
	memcpy(j.kernels, s->kernels, sizeof j.kernels);
	return j;
}

void run_fitness_job(
	const struct run *r, struct run_member *m, struct job_doc *out)
{
	*out = begin_job(r, m, 0, m->rungs);
	out->training = r->settings.training;
	out->scale = run_scale(&r->settings, m->rungs);
	out->ranked = run_has_rungs(r);
	run_inherit(r, m, out);
	if (out->keep_weights)
		out->class_names = r->settings.class_names;
	run_share(r, m, out);
}

/* Another part of the data, and another draw. */
void run_fold_job(const struct run *r, struct run_member *m, int fold,
	struct job_doc *out)
{
	struct job_id id;

	run_fitness_job(r, m, out);
	m->key[0] = '\0';
	if (job_id_read(out->id, &id, NULL) == 0) {
		id.fold = fold;
		job_id_write(&id, out->id);
	}
	out->fold = fold;
	out->folds = r->settings.folds;
	out->seed = rng_derive((uint64_t)out->seed, (uint64_t)fold, 1);
}

void run_trial_job(
	const struct run *r, const struct run_member *m, struct job_doc *out)
{
	*out = begin_job(r, m, 0, m->mirrored ? RUNG_MIRRORED : RUNG_FINALIST);
	out->training = run_training_long(r, m);
	out->ranked = 1;
}

/* One seed for both: they differ in nothing but what they see. */
void run_pilot_job(const struct run *r, const struct run_member *m,
	int mirrored, struct job_doc *out)
{
	const struct run_settings *s = &r->settings;

	*out = begin_job(r, m, 0, mirrored ? RUNG_PILOT_MIRRORED : RUNG_PILOT);
	out->seed = fitness_seed(r, m, RUNG_PILOT);
	out->training = s->training;
	out->scale = run_scale(s, s->rungs - 1);
	out->ranked = 1;
	if (mirrored)
		out->training.augment.flip = out->training.recipe.flip_test = 1;
}

void run_final_job(
	const struct run *r, const struct run_member *m, struct job_doc *out)
{
	*out = begin_job(r, m, 1, 0);
	out->training = run_training_long(r, m);
	out->class_names = r->settings.class_names;
}
