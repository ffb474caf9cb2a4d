/* job_id.c -- a job's id: read leniently, then written again and compared, so
 * that one job has one spelling. */
#include "wire/job_id.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

void job_id_write(const struct job_id *id, char out[JOB_ID_MAX])
{
	char generation[24] = "final";

	if (!id->final)
		snprintf(generation, sizeof generation, "%" PRId64,
			id->generation);
	snprintf(out, JOB_ID_MAX, "%s/%s/%" PRId64 "/%d/%d", id->run,
		generation, id->genome, id->rung, id->fold);
}

/* Moves `*at` over a number 0..max that follows a slash.  Leading zeros and
 * the like are caught by writing the id again. */
static int read_part(const char **at, int64_t max, int64_t *out)
{
	char *end;
	long long x;

	if (**at != '/')
		return 0;
	x = strtoll(*at + 1, &end, 10);
	if (x < 0 || x > max)
		return 0;
	*at = end;
	*out = x;
	return 1;
}

static int read_id(const char *text, struct job_id *id)
{
	char run[UUID_TEXT_BYTES] = "";
	const char *at = text + strnlen(text, sizeof run - 1);
	int64_t rung, fold;

	memcpy(run, text, (size_t)(at - text));
	if (!uuid_parse(run, id->run))
		return 0;
	id->final = strncmp(at, "/final/", 7) == 0;
	id->generation = 0;
	if (id->final)
		at += 6;
	else if (!read_part(&at, RNG_SEED_MAX, &id->generation))
		return 0;
	if (!read_part(&at, RNG_SEED_MAX, &id->genome) ||
		!read_part(&at, id->final ? 0 : INT32_MAX, &rung) ||
		!read_part(&at, id->final ? 0 : INT32_MAX, &fold))
		return 0;
	id->rung = (int)rung;
	id->fold = (int)fold;
	return 1;
}

int job_id_read(const char *text, struct job_id *out, struct err *e)
{
	char again[JOB_ID_MAX];
	struct job_id id;

	if (!read_id(text, &id))
		return err_set(e, ERR_INVALID, "not a job's id");
	job_id_write(&id, again);
	if (strcmp(again, text) != 0)
		return err_set(e, ERR_INVALID,
			"a job's id must be written without signs, blanks, "
			"leading zeros and capitals");
	*out = id;
	return 0;
}
