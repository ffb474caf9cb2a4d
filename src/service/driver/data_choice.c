/* data_choice.c -- an order for the data set, and what comes of it. */
#include "service/driver/data_choice.h"

#include <string.h>

#include "data/class_names_json.h"
#include "data/split.h"
#include "run/run.h"

#define MB 1000000

struct reading_on {
	const struct data_place *place;
	const struct data_watch *watch;
};

/* -- while it is made ready -- */

static void log_reading(void *ctx, const char *sentence)
{
	const struct reading_on *r = ctx;

	log_info(r->place->log, "data-read", log_note(sentence));
}

static int look(const struct reading_on *r, const char *unit, uint64_t done,
	uint64_t all)
{
	const struct data_progress p = {
		.done = (int64_t)done, .all = (int64_t)all, .unit = unit};

	return r->watch->look(r->watch->ctx, &p);
}

static int look_at_images(void *ctx, size_t done, size_t all)
{
	return look(ctx, "images", done, all);
}

static int look_at_bytes(void *ctx, uint64_t done, uint64_t all)
{
	return look(ctx, "MB", done / MB, all / MB);
}

/* -- what it is -- */

static int check_fit(
	const struct dataset *d, const struct run_settings *s, struct err *e)
{
	const struct dataset_info *info = dataset_info(d);

	if (augment_check(&s->training.augment, info->height, info->width, e)) {
		strcpy(e->where, "/augment");
		return e->code;
	}
	if (split_fitness_images(d, s->training.validation_fraction, 0) == 0)
		return err_at(e, ERR_RANGE, "", "validation_fraction",
			"with \"validation_fraction\" %g of %zu images "
			"nothing is left to train or to validate on",
			s->training.validation_fraction, info->n_train);
	if (s->folds && split_check_folds(d, s->folds, e)) {
		strcpy(e->where, "/folds");
		return e->code;
	}
	if (class_names_fit(info, e)) {
		strcpy(e->where, "/dataset");
		return e->code;
	}
	return 0;
}

static void describe(const struct dataset *d, struct run_settings *s)
{
	const struct dataset_info *info = dataset_info(d);
	const double share = s->training.validation_fraction;

	memcpy(s->dataset_hash, info->hash, sizeof s->dataset_hash);
	s->data = (struct data_shape){.channels = info->channels,
		.height = info->height,
		.width = info->width,
		.classes = info->classes};
	if (s->has_budget || s->has_budget_s) {
		s->train_images = (int64_t)split_fitness_images(d, share, 0);
		s->validation_images = (int64_t)split_validation_images(
			d, share);
	}
}

static int enter(const struct dataset *d, struct run_settings *s, struct err *e)
{
	struct run_settings with = *s;
	int rc = check_fit(d, s, e);

	if (rc)
		return rc;
	describe(d, &with);
	rc = run_budget_plan(&with, e);
	if (rc)
		return rc;
	with.class_names = class_names_json(dataset_info(d));
	*s = with;
	return 0;
}

/* What is wrong is a value in the body, not the URL or the JSON. */
static int blame(struct err *e)
{
	const int in_body = e->code == ERR_NOT_FOUND ||
			    e->code == ERR_INVALID || e->code == ERR_DENIED;

	if (in_body && !*e->where) /* else a reading that does not fit */
		strcpy(e->where, "/dataset");
	if (in_body)
		e->code = ERR_RANGE;
	return e->code;
}

struct dataset *data_ready(const struct data_place *place,
	const struct data_watch *watch, const char *name,
	const struct reading *how, struct err *e)
{
	struct reading_on r = {place, watch};
	const struct dataset_order order = {.name = name,
		.how = how,
		.say = log_reading,
		.progress = look_at_images,
		.fetched = look_at_bytes,
		.ctx = &r,
		.policy = place->policy};

	return dataset_load(&order, place->dir, e);
}

int data_choose(const struct data_place *place, const struct data_watch *watch,
	struct run_settings *s, struct err *e)
{
	struct err why = {0};
	struct dataset *d = data_ready(
		place, watch, s->dataset, &s->reading, &why);
	int rc = d ? enter(d, s, &why) : blame(&why);

	dataset_close(d);
	if (rc && e)
		*e = why;
	return rc;
}
