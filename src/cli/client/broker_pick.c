/* broker_pick.c -- which run a person means. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/doc.h"
#include "cli/client/broker_client.h"

#define PAGE 100
#define PREFIX_MIN 4

/* -- the newest in a state -- */

/* The newest run on this page that has one of the states. */
static int pick_from(const json_t *page, const char *const *states,
	char uuid[UUID_TEXT_BYTES])
{
	size_t i;
	json_t *run;

	json_array_foreach(json_object_get(page, "items"), i, run) {
		const char *state = json_string_value(
			json_object_get(run, "state"));
		const char *id = json_string_value(
			json_object_get(run, "uuid"));

		for (size_t k = 0; state && id && states[k]; k++)
			if (strcmp(state, states[k]) == 0)
				return uuid_parse(id, uuid);
	}
	return 0;
}

static int no_such_run(
	const struct broker_client *b, const char *const *states, struct err *e)
{
	char list[64] = "";
	size_t used = 0;

	for (size_t i = 0; states[i] && used < sizeof(list); i++)
		used += (size_t)snprintf(list + used, sizeof(list) - used,
			"%s%s", i ? " or " : "", states[i]);
	return err_set(e, ERR_NOT_FOUND,
		"none of the newest %d runs of the broker at %s is %s", PAGE,
		b->url, list);
}

static int pick_newest(const struct broker_client *b, const char *const *states,
	char uuid[UUID_TEXT_BYTES], struct err *e)
{
	json_t *page;
	int found, rc = broker_get(b, &page, e, "/v1/runs?limit=%d", PAGE);

	if (rc)
		return rc;
	found = pick_from(page, states, uuid);
	json_decref(page);
	return found ? 0 : no_such_run(b, states, e);
}

/* -- by what it is called -- */

/* The better way of being meant counts alone. */
enum way { BY_NOTHING, BY_PREFIX, BY_NAME, BY_NUMBER };

struct search {
	const char *given;
	enum way best;
	int found; /* runs that are meant so */
	char uuid[UUID_TEXT_BYTES];
};

static int has_number(const json_t *run, const char *given)
{
	char text[24];
	int64_t number;

	if (!doc_integer(json_object_get(run, "number"), &number))
		return 0;
	snprintf(text, sizeof text, "%lld", (long long)number);
	return strcmp(text, given) == 0;
}

static enum way way_of(const json_t *run, const char *uuid, const char *given)
{
	const char *name = json_string_value(json_object_get(run, "name"));
	const size_t n = strlen(given);

	if (has_number(run, given))
		return BY_NUMBER;
	if (name && *name && strcmp(name, given) == 0)
		return BY_NAME;
	return n >= PREFIX_MIN && strncasecmp(uuid, given, n) == 0 ? BY_PREFIX
								   : BY_NOTHING;
}

static void look_at(struct search *s, const json_t *run)
{
	const char *text = json_string_value(json_object_get(run, "uuid"));
	char uuid[UUID_TEXT_BYTES];
	enum way way;

	if (!text || !uuid_parse(text, uuid))
		return;
	way = way_of(run, uuid, s->given);
	if (way == BY_NOTHING || way < s->best)
		return;
	if (way > s->best)
		s->found = 0;
	s->best = way;
	s->found++;
	memcpy(s->uuid, uuid, sizeof uuid);
}

/* Through all runs, archived ones too; a number is one run's alone. */
static int search(
	const struct broker_client *b, struct search *s, struct err *e)
{
	int64_t after = -1;
	int more = 1;

	while (more && s->best != BY_NUMBER) {
		json_t *page, *run;
		size_t i;
		int rc = broker_get(b, &page, e,
			"/v1/runs?limit=%d&archived=true&after=%lld", PAGE,
			(long long)after);

		if (rc)
			return rc;
		json_array_foreach(json_object_get(page, "items"), i, run)
			look_at(s, run);
		more = doc_integer(json_object_get(page, "next"), &after);
		json_decref(page);
	}
	return 0;
}

static int pick_called(const struct broker_client *b, const char *given,
	char uuid[UUID_TEXT_BYTES], struct err *e)
{
	struct search s = {.given = given};
	int rc = search(b, &s, e);

	if (rc)
		return rc;
	if (s.found == 0)
		return err_set(e, ERR_NOT_FOUND,
			"no run has the number, the name or a uuid that begins "
			"with '%.60s' (nevod status lists them)",
			given);
	if (s.found > 1)
		return err_set(e, ERR_INVALID,
			"'%.60s' means %d runs: give the number of one (nevod "
			"status lists them)",
			given, s.found);
	memcpy(uuid, s.uuid, UUID_TEXT_BYTES);
	return 0;
}

int broker_pick_run(const struct broker_client *b, const char *given,
	const char *const *states, char uuid[UUID_TEXT_BYTES], struct err *e)
{
	if (given && uuid_parse(given, uuid))
		return 0;
	return given ? pick_called(b, given, uuid, e)
		     : pick_newest(b, states, uuid, e);
}
