/* evolve_end.c -- what is left of an evolution: the champion, where it is kept,
 * and how to go on. */
#include "cli/remote/evolve.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/options/interrupt.h"
#include "cli/options/places.h"
#include "cli/view/report.h"
#include "service/service.h"

#define AGAIN_BYTES (PLACE_QUOTED_BYTES + 256)
#define OTHERS_PAUSE_MS 1000
#define OTHERS_FETCH_MS 3000 /* what their run came to */

/* The command that starts the same services again, to be pasted. */
static void up_again(const struct evolve *v, char out[AGAIN_BYTES])
{
	static const int usual[UP_SERVICES] = {[UP_GENOME] = GENOME_PORT,
		[UP_EVOLUTIONER] = EVOLUTIONER_PORT,
		[UP_BROKER] = BROKER_PORT};
	char quoted[PLACE_QUOTED_BYTES];
	size_t n;

	place_quote(v->plan.data_dir, quoted);
	n = (size_t)snprintf(
		out, AGAIN_BYTES, "nevod up --data-dir %s", quoted);
	for (int s = 0; s < UP_SERVICES && n < AGAIN_BYTES - 64; s++)
		if (v->plan.ports[s] != usual[s])
			n += (size_t)snprintf(out + n, AGAIN_BYTES - n,
				" --%s-port %d", up_service_name(s),
				v->plan.ports[s]);
}

/* " --broker URL" where the broker is not where commands look by themselves. */
static void broker_flag(const struct evolve *v, char out[BROKER_URL_BYTES + 16])
{
	int usual = v->ours && v->plan.ports[UP_BROKER] == BROKER_PORT;

	snprintf(out, BROKER_URL_BYTES + 16, "%s%s", usual ? "" : " --broker ",
		usual ? "" : v->broker.url);
}

/* What a person may have removed meanwhile. */
static int is_kept(const struct evolve *v)
{
	char path[PATH_MAX];

	return !v->ours || (snprintf(path, sizeof path, "%s/nevod.db",
				    v->plan.data_dir) < (int)sizeof path &&
				   access(path, F_OK) == 0);
}

static void print_hints(const struct evolve *v, const char *file)
{
	char again[AGAIN_BYTES], broker[BROKER_URL_BYTES + 16];

	up_again(v, again);
	broker_flag(v, broker);
	if (file)
		printf("\nWeights: %s\n", file);
	if (!is_kept(v)) {
		printf("\nThe run is not kept: %s was removed.\n",
			v->plan.data_dir);
		return;
	}
	if (v->ours)
		printf("\nKept in %s.  To look at it again:\n  %s\n",
			v->plan.data_dir, again);
	else
		printf("\nKept by the broker; its API: %s/docs\n",
			v->broker.url);
	if (!file)
		printf("  nevod champion %s --out champion.safetensors%s\n",
			v->uuid, broker);
}

int evolve_deliver(struct evolve *v, struct err *e)
{
	const char *file = options_text(v->options, "out", NULL);
	char path[128];
	struct report r;
	int finished, rc = report_fetch(&v->broker, v->uuid, &r, e);

	if (rc)
		return rc;
	finished = strcmp(r.view.state, "finished") == 0;
	snprintf(path, sizeof(path), "/v1/runs/%s/champion.safetensors",
		v->uuid);
	if (file && finished)
		rc = broker_download(&v->broker, path, file, e);
	if (options_flag(v->options, "json")) {
		struct err printing;

		if (report_print_json(report_json(&r), &printing) && rc == 0)
			rc = err_set(e, ERR_CONFLICT, "%s", printing.text);
	} else {
		report_print(&r, stdout);
		print_hints(v, file && finished && rc == 0 ? file : NULL);
	}
	if (rc == 0 && !finished)
		rc = err_set(e, ERR_CONFLICT, "the run %s%s%s",
			strcmp(r.view.state, "failed") == 0 ? "failed"
							    : "was cancelled",
			*r.view.error ? ": " : "", r.view.error);
	report_release(&r);
	return rc;
}

void evolve_say_interrupted(struct evolve *v)
{
	char again[AGAIN_BYTES], broker[BROKER_URL_BYTES + 16];

	up_again(v, again);
	broker_flag(v, broker);
	if (!*v->uuid)
		progress_say(&v->progress, "stopped before the run began");
	else if (!is_kept(v))
		progress_say(&v->progress,
			"stopped; run %s is not kept: %s was removed", v->uuid,
			v->plan.data_dir);
	else if (v->ours)
		progress_say(&v->progress,
			"stopped; run %s is kept.  Continue it with:\n"
			"  %s\n"
			"  nevod watch %s%s",
			v->uuid, again, v->uuid, broker);
	else
		progress_say(&v->progress,
			"run %s goes on at %s.  To see or to end it:\n"
			"  nevod watch %s --broker %s\n"
			"  nevod cancel %s --broker %s",
			v->uuid, v->broker.url, v->uuid, v->broker.url, v->uuid,
			v->broker.url);
}

/* Runs that others have under way on our services: how many, -1 if the broker
 * does not say. */
static int count_others(const struct evolve *v)
{
	static const char *const states[] = {"created", "running"};
	int n = 0;

	for (size_t i = 0; i < 2; i++) {
		json_t *page;

		if (broker_get(&v->broker, &page, NULL, "/v1/runs?state=%s",
			    states[i]))
			return -1;
		n += (int)json_array_size(json_object_get(page, "items"));
		json_decref(page);
	}
	return n;
}

void evolve_await_others(struct evolve *v)
{
	int told = 0, n;

	while (!interrupted(NULL) && !own_up_ended(&v->up, NULL)) {
		n = count_others(v);
		if (n == 0 && told > 0)
			clock_sleep_ms(OTHERS_FETCH_MS);
		if (n == 0)
			return;
		if (n > 0 && n != told)
			progress_say(&v->progress,
				"done; the services go on for %d run%s of "
				"others (Ctrl-C stops them, and keeps the "
				"run%s)",
				n, n == 1 ? "" : "s", n == 1 ? "" : "s");
		told = n > 0 ? n : told;
		clock_sleep_ms(OTHERS_PAUSE_MS);
	}
}
