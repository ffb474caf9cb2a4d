/* cmd_report.c -- `nevod report`: a run on one page that needs no other file.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/canonical.h"
#include "base/clock.h"
#include "base/output.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "service/pages/pages.h"

#define PAGE "/home/report.html"
#define PLACE "id=\"run-data\">"
#define REPORT_MAX ((size_t)256 << 20)
#define PICTURE_MAX ((size_t)64 << 20)
#define GENERATIONS_PAGE 500

static const struct option own_options[] = {
	{"out", OPTION_TEXT, 0, 0, "FILE", "write the page there"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

/* -- what the page shows -- */

/* All pages of the run's generations as one list. */
static int fetch_generations(const struct broker_client *b, const char *uuid,
	json_t *list, struct err *e)
{
	json_int_t after = -1;
	const json_t *next;
	json_t *page;
	int rc, more;

	do {
		rc = broker_get(b, &page, e,
			"/v1/runs/%s/generations?limit=%d&after=%lld", uuid,
			GENERATIONS_PAGE, (long long)after);
		if (rc)
			return rc;
		json_array_extend(list, json_object_get(page, "items"));
		next = json_object_get(page, "next");
		more = json_is_integer(next);
		after = json_integer_value(next);
		json_decref(page);
	} while (more);
	return 0;
}

static const json_t *mistakes_of(const json_t *champion)
{
	return json_object_get(json_object_get(champion, "final"), "mistakes");
}

/* Bytes of a PNG as an image's address. */
static json_t *data_url(const char *bytes, size_t n)
{
	static const char head[] = "data:image/png;base64,";
	char *text = xcalloc(1, sizeof head + 4 * ((n + 2) / 3));
	json_t *v;

	strcpy(text, head);
	EVP_EncodeBlock((unsigned char *)text + strlen(head),
		(const unsigned char *)bytes, (int)n);
	v = json_string(text);
	free(text);
	return v;
}

/* The picture of what the champion got wrong; a null where there is none, as of
 * a broker without the data set. */
static int fetch_mistakes(const struct broker_client *b, const char *uuid,
	json_t *doc, struct err *e)
{
	struct http_answer answer;
	char path[128];
	int rc;

	json_object_set_new(doc, "mistakes", json_null());
	if (!json_array_size(mistakes_of(json_object_get(doc, "champion"))))
		return 0;
	snprintf(path, sizeof path, "/v1/runs/%s/champion/mistakes.png", uuid);
	rc = broker_get_bytes(b, path, &answer, e);
	if (rc)
		return rc;
	if (answer.status == 200 && answer.n <= PICTURE_MAX)
		json_object_set_new(
			doc, "mistakes", data_url(answer.body, answer.n));
	http_answer_release(&answer);
	return 0;
}

/* The champion and its layers; nulls while nothing is scored. */
static int fetch_champion(const struct broker_client *b, const char *uuid,
	json_t *doc, struct err *e)
{
	json_t *champion, *layers;
	int rc;

	json_object_set_new(doc, "champion", json_null());
	json_object_set_new(doc, "layers", json_null());
	if (json_is_null(
		    json_object_get(json_object_get(doc, "run"), "champion")))
		return 0;
	rc = broker_get(b, &champion, e, "/v1/runs/%s/champion", uuid);
	if (rc)
		return rc;
	json_object_set_new(doc, "champion", champion);
	rc = broker_get(b, &layers, e, "/v1/runs/%s/genomes/%lld/layers", uuid,
		(long long)json_integer_value(json_object_get(champion, "id")));
	if (rc == 0)
		json_object_set_new(doc, "layers", layers);
	return rc;
}

/* As web/src/views/Report.svelte reads it. */
static json_t *fetch(
	const struct broker_client *b, const char *uuid, struct err *e)
{
	json_t *doc = json_object(), *run, *generations = json_array();
	char now[CLOCK_TEXT_BYTES];
	int rc;

	clock_format(clock_wall_ms(), now);
	json_object_set_new(doc, "made", json_string(now));
	json_object_set_new(doc, "generations", generations);
	rc = broker_get(b, &run, e, "/v1/runs/%s", uuid);
	if (rc == 0) {
		json_object_set_new(doc, "run", run);
		rc = fetch_generations(b, uuid, generations, e);
	}
	if (rc == 0)
		rc = fetch_champion(b, uuid, doc, e);
	if (rc == 0)
		rc = fetch_mistakes(b, uuid, doc, e);
	if (rc == 0)
		return doc;
	json_decref(doc);
	return NULL;
}

/* -- the page -- */

/* No text of the data may end the element that it is in. */
static int add_data(struct buf *out, const json_t *doc, struct err *e)
{
	char *text = canonical_text_as_added(doc, e);
	int rc = text ? 0 : e->code;

	for (const char *c = text; rc == 0 && *c;) {
		const size_t n = strcspn(c, "<");

		rc = buf_add(out, c, n, e);
		c += n;
		if (rc == 0 && *c) {
			rc = buf_puts(out, "\\u003c", e);
			c++;
		}
	}
	free(text);
	return rc;
}

/* The page with the data in the place of its null. */
static int fill_page(const struct asset *a, const json_t *doc, struct buf *out,
	struct err *e)
{
	size_t n;
	char *page = asset_plain(a, &n), *place = NULL;
	const char *rest;
	int rc;

	page = realloc(page, n + 1);
	if (!page)
		abort();
	page[n] = '\0';
	place = strstr(page, PLACE);
	if (!place)
		abort(); /* the build's own page */
	place += strlen(PLACE);
	rest = strstr(place, "</script>");
	rc = buf_add(out, page, (size_t)(place - page), e);
	if (rc == 0)
		rc = add_data(out, doc, e);
	if (rc == 0)
		rc = buf_puts(out, rest, e);
	free(page);
	return rc;
}

static int write_report(const struct broker_client *b, const char *uuid,
	const char *file, struct err *e)
{
	const struct asset *a = asset_find(assets, n_assets, PAGE);
	struct buf page;
	json_t *doc;
	int rc;

	if (!a)
		return err_set(e, ERR_WORLD,
			"this nevod was built without node and has no reports");
	doc = fetch(b, uuid, e);
	if (!doc)
		return e->code;
	buf_init(&page, REPORT_MAX);
	rc = fill_page(a, doc, &page, e);
	if (rc == 0)
		rc = output_write(file, page.data, page.len, e);
	buf_release(&page);
	json_decref(doc);
	return rc;
}

static int report(
	const struct options *o, struct broker_client *b, struct err *e)
{
	static const char *const states[] = {"finished", NULL};
	const char *file = options_text(o, "out", "report.html");
	char uuid[UUID_TEXT_BYTES];
	int rc = output_check(file, e);

	if (rc == 0)
		rc = broker_pick_run(
			b, o->n_args ? o->args[0] : NULL, states, uuid, e);
	if (rc == 0)
		rc = write_report(b, uuid, file, e);
	if (rc == 0)
		printf("Report of run %s: %s\n", uuid, file);
	return rc;
}

static int run_report(const struct options *o)
{
	struct broker_client b;
	struct err e;
	int rc = broker_client_open(&b, o, &e);

	if (rc == 0)
		rc = report(o, &b, &e);
	return rc ? command_fail(&e) : EXIT_OK;
}

static const struct option_group groups[] = {
	{"Result", .options = own_options},
	{"Broker", .options = options_client},
	{.title = NULL},
};

const struct command command_report = {
	.name = "report",
	.args = "[RUN]",
	.summary = "write a run's curves, species, champion and settings as a "
		   "page",
	.details = "The page needs no other file and no network: to be kept, "
		   "mailed, printed.  Without\nRUN it is of the newest "
		   "finished run; without --out it is report.html.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_report,
};
