/* cmd_export.c -- `nevod export`: all genomes of a run as a table. */
#include <stdio.h>
#include <string.h>

#include "base/canonical.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/output.h"
#include "cli/client/broker_client.h"
#include "cli/options/command.h"

#define PAGE 500
#define TABLE_MAX ((size_t)1 << 30)

static const struct option own_options[] = {
	{"csv", OPTION_FLAG, 0, 0, NULL,
		"as CSV, for spreadsheets: the default"},
	{"json", OPTION_FLAG, 0, 0, NULL, "as JSON, an object a line"},
	{"out", OPTION_TEXT, 0, 0, "FILE",
		"write it there, not to the terminal"},
	{NULL, OPTION_FLAG, 0, 0, NULL, NULL},
};

static int add_json(struct buf *out, const json_t *item, struct err *e)
{
	int rc = canonical_add(out, item, e);

	return rc ? rc : buf_puts(out, "\n", e);
}

/* `head` is the first genome of all: its keys are the columns. */
static int add_page(struct buf *out, int json, json_t **head,
	const json_t *items, struct err *e)
{
	const json_t *item;
	size_t i;
	int rc = 0;

	if (!json && !*head && json_array_size(items) > 0) {
		*head = json_incref(json_array_get(items, 0));
		rc = csv_add_head(out, *head, e);
	}
	json_array_foreach((json_t *)items, i, item) {
		if (rc)
			break;
		rc = json ? add_json(out, item, e)
			  : csv_add_row(out, *head, item, e);
	}
	return rc;
}

static int fetch_table(const struct broker_client *b, const char *uuid,
	int json, struct buf *out, struct err *e)
{
	json_t *head = NULL;
	int64_t after = -1;
	int rc, more;

	do {
		json_t *page;

		rc = broker_get(b, &page, e,
			"/v1/runs/%s/genomes?limit=%d&after=%lld", uuid, PAGE,
			(long long)after);
		if (rc)
			break;
		rc = add_page(
			out, json, &head, json_object_get(page, "items"), e);
		more = doc_integer(json_object_get(page, "next"), &after);
		json_decref(page);
	} while (rc == 0 && more);
	json_decref(head);
	return rc;
}

static int export_run(
	const struct options *o, struct broker_client *b, struct err *e)
{
	static const char *const states[] = {
		"finished", "running", "paused", "cancelled", "failed", NULL};
	const char *file = options_text(o, "out", NULL);
	char uuid[UUID_TEXT_BYTES];
	struct buf table;
	int rc = file ? output_check(file, e) : 0;

	if (rc == 0)
		rc = broker_pick_run(
			b, o->n_args ? o->args[0] : NULL, states, uuid, e);
	if (rc)
		return rc;
	buf_init(&table, TABLE_MAX);
	rc = fetch_table(b, uuid, options_flag(o, "json"), &table, e);
	if (rc == 0 && file)
		rc = output_write(file, table.data, table.len, e);
	else if (rc == 0)
		fwrite(table.data, 1, table.len, stdout); /* main checks it */
	buf_release(&table);
	return rc;
}

static int run_export(const struct options *o)
{
	struct broker_client b;
	struct err e;
	int rc = broker_client_open(&b, o, &e);

	if (rc == 0)
		rc = export_run(o, &b, &e);
	return rc ? command_fail(&e) : EXIT_OK;
}

static const struct option_group groups[] = {
	{"Result", .options = own_options},
	{"Broker", .options = options_client},
	{.title = NULL},
};

const struct command command_export = {
	.name = "export",
	.args = "[RUN]",
	.summary = "print all genomes of a run as a table",
	.details = "A row has a genome's fitness, parents, species, costs and "
		   "what became of it.\nWithout RUN it takes the newest run "
		   "that has begun.\n",
	.groups = groups,
	.max_args = 1,
	.run = run_export,
};
