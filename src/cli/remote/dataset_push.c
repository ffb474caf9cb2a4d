/* dataset_push.c -- asks where to go on, and goes on from there. */
#include "cli/remote/dataset_push.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/doc.h"
#include "cli/options/interrupt.h"
#include "data/class_names_json.h"
#include "data/dataset_manifest.h"

#define PART_BYTES ((size_t)4 << 20)
#define PATH_BYTES 128
#define TRIES 8 /* without a byte arriving, one after another */
#define PAUSE_MS 1000

struct sender {
	const struct dataset_push *push;
	const struct manifest *manifest;
	struct pieces pieces;
	size_t here; /* bytes that the broker has */
	int complete;
	char *part;
};

/* What it says of how far it is. */
static int take_progress(struct sender *s, const json_t *v, struct err *e)
{
	const json_t *complete = json_object_get(v, "complete");
	int64_t n;
	int rc = doc_int(
		v, "", "received", 0, (int64_t)s->manifest->bytes, &n, e);

	if (rc)
		return rc;
	s->here = (size_t)n;
	s->complete = json_is_true(complete);
	return 0;
}

static int announce(struct sender *s, struct err *e)
{
	const struct broker_body body = {.json = manifest_json(s->manifest)};
	char path[PATH_BYTES];
	json_t *answer;
	int rc;

	snprintf(path, sizeof path, "/v1/datasets/%s/manifest",
		s->manifest->hash);
	rc = broker_put(s->push->broker, path, &body, &answer, e);
	json_decref((json_t *)body.json);
	if (rc)
		return rc;
	rc = take_progress(s, answer, e);
	json_decref(answer);
	return rc;
}

static void show(const struct sender *s)
{
	char line[PROGRESS_LINE_BYTES];

	snprintf(line, sizeof line, "sending the data set  %.1f of %.1f MB",
		(double)s->here / 1e6, (double)s->manifest->bytes / 1e6);
	progress_draw(s->push->progress, line, clock_mono_ms());
}

/* The next part, which ends with its shard. */
static int send_part(struct sender *s, struct err *e)
{
	const size_t shard = s->manifest->shards[0].bytes;
	const size_t all = s->manifest->bytes, at = s->here;
	size_t end = (at / shard + 1) * shard, n;
	struct broker_body body;
	char path[PATH_BYTES];
	json_t *answer;
	int rc;

	end = end < all ? end : all;
	n = end - at < PART_BYTES ? end - at : PART_BYTES;
	rc = pieces_read(&s->pieces, at, s->part, n, e);
	if (rc)
		return rc;
	body = (struct broker_body){.bytes = s->part, .n = n};
	snprintf(path, sizeof path, "/v1/datasets/%s/bytes?at=%zu",
		s->manifest->hash, at);
	rc = broker_put(s->push->broker, path, &body, &answer, e);
	if (rc)
		return rc;
	rc = take_progress(s, answer, e);
	json_decref(answer);
	show(s);
	return rc;
}

/* What may be otherwise in a moment: no answer, or more or less is there than
 * we thought. */
static int may_help(int rc)
{
	return rc == ERR_WORLD || rc == ERR_BUSY || rc == ERR_CONFLICT;
}

static int send_rest(struct sender *s, struct err *e)
{
	int rc = 0;

	while (rc == 0 && !s->complete && s->here < s->manifest->bytes)
		rc = send_part(s, e);
	return rc;
}

static int send_all(struct sender *s, struct err *e)
{
	int rc, tries = 0;

	do {
		const size_t had = s->here;

		rc = announce(s, e);
		if (rc == 0)
			rc = send_rest(s, e);
		tries = s->here > had ? 1 : tries + 1;
		if (!may_help(rc) || tries >= TRIES)
			break;
		clock_sleep_ms(PAUSE_MS);
	} while (!interrupted(NULL));
	return rc;
}

static int name_it(struct sender *s, json_t **out, struct err *e)
{
	const struct dataset_info *d = dataset_info(s->push->data);
	const struct broker_body body = {
		.json = json_pack("{s:s, s:o}", "name", s->push->name,
			"class_names", class_names_json(d)),
		.slow = 1};
	char path[PATH_BYTES];
	int rc;

	progress_draw(s->push->progress, "the broker checks the data set",
		clock_mono_ms());
	snprintf(path, sizeof path, "/v1/datasets/%s", s->manifest->hash);
	rc = broker_put(s->push->broker, path, &body, out, e);
	json_decref((json_t *)body.json);
	return rc;
}

int dataset_push(const struct dataset_push *p, json_t **out, struct err *e)
{
	struct sender s = {.push = p};
	struct manifest m;
	int rc = manifest_load(dataset_info(p->data)->hash, p->path, &m, e);

	if (rc)
		return rc;
	s.manifest = &m;
	manifest_pieces(&m, p->path, &s.pieces);
	s.part = xcalloc(1, PART_BYTES);
	rc = send_all(&s, e);
	if (rc == 0)
		rc = name_it(&s, out, e);
	progress_clear(p->progress);
	free(s.part);
	manifest_release(&m);
	return rc;
}
