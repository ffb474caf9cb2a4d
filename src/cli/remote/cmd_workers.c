/* cmd_workers.c -- `nevod workers`: who trains for a broker, and what is wrong
 * with them. */
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"
#include "cli/view/report.h"

#define CLASSES_BYTES 64

static const struct option own_options[] = {
	{"json", OPTION_FLAG, 0, 0, NULL, "print the broker's document"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static const struct option_group groups[] = {
	{"Broker", .options = options_client},
	{"Result", .options = own_options},
	{.title = NULL},
};

/* The broker's item as a line shows it. */
struct worker_line {
	const char *url, *state, *version, *error; /* error may be NULL */
	int64_t slots, jobs;
	char classes[CLASSES_BYTES]; /* with commas between */
};

static void join_words(const json_t *list, char out[CLASSES_BYTES])
{
	const json_t *word;
	size_t i, n = 0;

	out[0] = '\0';
	json_array_foreach((json_t *)list, i, word)
		if (n < CLASSES_BYTES)
			n += (size_t)snprintf(out + n, CLASSES_BYTES - n,
				"%s%s", i ? "," : "", json_string_value(word));
}

static int read_line(const json_t *item, struct worker_line *out, struct err *e)
{
	const json_t *kernels;
	int rc;

	*out = (struct worker_line){.error = NULL};
	if ((rc = doc_str(item, "", "url", 1, 512, &out->url, e)) ||
		(rc = doc_str(item, "", "state", 1, 32, &out->state, e)) ||
		(rc = doc_str(item, "", "version", 0, 64, &out->version, e)) ||
		(rc = doc_str_opt(item, "", "error", 0, 512, &out->error, e)) ||
		(rc = doc_int(
			 item, "", "slots", 0, INT64_MAX, &out->slots, e)) ||
		(rc = doc_int(item, "", "jobs", 0, INT64_MAX, &out->jobs, e)) ||
		(rc = doc_list(item, "", "kernels", 0, 64, &kernels, e)))
		return rc;
	join_words(kernels, out->classes);
	return 0;
}

static int print_list(const json_t *page, struct err *e)
{
	const json_t *items = json_object_get(page, "items"), *item;
	struct worker_line w;
	size_t i;

	if (json_array_size(items) == 0) {
		puts("no workers (start one with: nevod evolutioner --broker "
		     "URL)");
		return 0;
	}
	printf("%-32s  %-8s  %5s  %5s  %-9s  %s\n", "worker", "state", "slots",
		"jobs", "version", "kernel classes");
	json_array_foreach((json_t *)items, i, item) {
		int rc = read_line(item, &w, e);

		if (rc)
			return rc;
		printf("%-32s  %-8s  %5lld  %5lld  %-9s  %s\n", w.url, w.state,
			(long long)w.slots, (long long)w.jobs, w.version,
			w.classes);
		if (w.error && *w.error)
			printf("  %s\n", w.error);
	}
	return 0;
}

static int run_workers(const struct options *o)
{
	struct broker_client b;
	json_t *page;
	struct err e;
	int rc = broker_client_open(&b, o, &e);

	if (rc == 0)
		rc = broker_get(&b, &page, &e, "/v1/workers");
	if (rc)
		return command_fail(&e);
	if (options_flag(o, "json")) {
		rc = report_print_json(page, &e);
	} else {
		rc = print_list(page, &e);
		json_decref(page);
	}
	return rc ? command_fail(&e) : EXIT_OK;
}

const struct command command_workers = {
	.name = "workers",
	.args = "",
	.summary = "list the evolutioners of a broker and how they are",
	.groups = groups,
	.run = run_workers,
};
