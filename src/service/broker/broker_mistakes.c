/* broker_mistakes.c -- the test images that a champion was most wrong about, as
 * a picture. */
#include <stdlib.h>

#include "data/png.h"
#include "data/sample_sheet.h"
#include "run/run.h"
#include "service/broker/broker_history.h"
#include "wire/job_json.h"

static void *picture_of(const struct job_result *r, const struct dataset *d,
	size_t *n, struct err *e)
{
	int64_t images[MISTAKES_MAX];
	struct pixels sheet;
	void *bytes = NULL;

	for (size_t i = 0; i < r->n_mistakes; i++)
		images[i] = r->mistakes[i].image;
	if (sample_sheet_of(d, images, r->n_mistakes, &sheet, e))
		return NULL;
	png_write(&sheet, &bytes, n, e);
	free(sheet.values);
	return bytes;
}

/* What the final training says, with at least one mistake. */
static int read_final(struct broker *b, struct arena *mem, const char *uuid,
	const struct run_member *champion, struct job_result *out,
	struct err *e)
{
	json_t *final;
	int rc = broker_final_result(b, mem, uuid, champion, &final, e);

	if (rc)
		return rc;
	if (json_is_null(final))
		*out = (struct job_result){.n_mistakes = 0};
	else
		rc = result_read(mem, final, out, e);
	json_decref(final);
	if (rc)
		return rc;
	return out->n_mistakes
		       ? 0
		       : err_set(e, ERR_NOT_FOUND,
				 "the run's result lists no image that "
				 "its champion takes for another class");
}

static void *make_picture(struct broker *b, struct arena *mem,
	const struct run *run, const struct store_run *row, size_t *n,
	struct err *e)
{
	struct job_result result;
	struct dataset *d;
	void *bytes;

	if (run->state != RUN_FINISHED) {
		err_set(e, ERR_CONFLICT,
			"the run is %s; its champion is judged at the end",
			row->state);
		return NULL;
	}
	if (read_final(b, mem, row->uuid, run_champion(run), &result, e))
		return NULL;
	d = broker_dataset_open(b, run->settings.dataset_hash, e);
	bytes = d ? picture_of(&result, d, n, e) : NULL;
	dataset_close(d);
	return bytes;
}

void broker_champion_mistakes(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct broker *b = ctx;
	struct store_run row;
	struct arena mem;
	struct run run;
	struct err e;
	void *bytes;
	size_t n;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (broker_run_read(b, q, r, &mem, &row, &run)) {
		bytes = make_picture(b, &mem, &run, &row, &n, &e);
		if (bytes)
			http_reply_bytes(r, 200, "image/png", bytes, n);
		else
			broker_reply_failure(b, r, &e);
		free(bytes);
		run_release(&run);
	}
	arena_release(&mem);
}
