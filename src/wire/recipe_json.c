/* recipe_json.c -- reads and writes the recipe's members. */
#include "wire/recipe_json.h"

#include <string.h>

#include "base/doc.h"

static const char *const schedule_names[SCHEDULE_COUNT] = {
	[SCHEDULE_CONSTANT] = "constant",
	[SCHEDULE_COSINE] = "cosine",
	[SCHEDULE_ONE_CYCLE] = "one-cycle",
};

static int read_schedule(
	const json_t *v, const char *at, enum schedule *out, struct err *e)
{
	const char *name = schedule_names[*out];
	int rc = doc_str_opt(v, at, "schedule", 0, 64, &name, e);

	if (rc)
		return rc;
	for (int i = 0; i < SCHEDULE_COUNT; i++)
		if (strcmp(name, schedule_names[i]) == 0) {
			*out = (enum schedule)i;
			return 0;
		}
	return err_at(e, ERR_RANGE, at, "schedule",
		"\"schedule\" must be \"constant\", \"cosine\" or "
		"\"one-cycle\"");
}

static int read_decay(
	const json_t *v, const char *at, struct recipe *r, struct err *e)
{
	double decay = -1;
	int rc = doc_real_opt(
		v, at, "weight_decay", 0, RECIPE_DECAY_MAX, &decay, e);

	if (rc == 0 && decay >= 0) {
		r->own_decay = 1;
		r->weight_decay = decay;
	}
	return rc;
}

static int read_augment(
	const json_t *v, const char *at, struct augment *a, struct err *e)
{
	static const char *const keys[] = {"crop", "flip", "erase", NULL};
	const json_t *o = NULL;
	int64_t crop = 0;
	char place[32];
	int rc = doc_obj_opt(v, at, "augment", &o, e);

	if (rc || !o)
		return rc;
	snprintf(place, sizeof place, "%s/augment", at);
	rc = doc_only(o, place, keys, e);
	if (rc == 0)
		rc = doc_int_opt(
			o, place, "crop", 0, AUGMENT_CROP_MAX, &crop, e);
	if (rc == 0)
		rc = doc_bool_opt(o, place, "flip", &a->flip, e);
	if (rc == 0)
		rc = doc_real_opt(o, place, "erase", 0, 1, &a->erase, e);
	a->crop = (int)crop;
	return rc;
}

int recipe_read(const json_t *v, const char *at, struct recipe *r,
	struct augment *a, struct err *e)
{
	struct recipe recipe = {.schedule = SCHEDULE_CONSTANT};
	struct augment augment = {.crop = 0};
	int rc = read_schedule(v, at, &recipe.schedule, e);

	if (rc == 0)
		rc = read_decay(v, at, &recipe, e);
	if (rc == 0)
		rc = doc_real_opt(v, at, "label_smoothing", 0,
			RECIPE_SMOOTHING_MAX, &recipe.label_smoothing, e);
	if (rc == 0)
		rc = doc_real_opt(v, at, "clip_norm", 0, RECIPE_CLIP_MAX,
			&recipe.clip_norm, e);
	if (rc == 0)
		rc = read_augment(v, at, &augment, e);
	if (rc)
		return rc;
	*r = recipe;
	*a = augment;
	return 0;
}

void recipe_write(json_t *v, const struct recipe *r, const struct augment *a)
{
	json_object_set_new(
		v, "schedule", json_string(schedule_names[r->schedule]));
	json_object_set_new(v, "weight_decay",
		r->own_decay ? json_real(r->weight_decay) : json_null());
	json_object_set_new(
		v, "label_smoothing", json_real(r->label_smoothing));
	json_object_set_new(v, "clip_norm", json_real(r->clip_norm));
	json_object_set_new(v, "augment",
		json_pack("{s:i, s:b, s:f}", "crop", a->crop, "flip", a->flip,
			"erase", a->erase));
}

static json_t *plain(void)
{
	json_t *v = json_object();

	recipe_write(v, &(struct recipe){.schedule = SCHEDULE_CONSTANT},
		&(struct augment){.crop = 0});
	return v;
}

void recipe_fill(json_t *v)
{
	json_t *defaults = plain();

	json_object_update_missing(v, defaults);
	json_decref(defaults);
}
