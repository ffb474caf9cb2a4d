/* report.c -- collects a run's documents and prints them. */
#include "cli/view/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/field.h"
#include "base/rng.h"
#include "cli/view/confusion.h"
#include "cli/view/genome_text.h"
#include "model/judgement.h"
#include "wire/genome_json.h"
#include "wire/job_json.h"

#define PAGE 1000
#define PAGES_MAX 200 /* of generations: more than a run can have */
#define GENOME_BYTES_MAX ((size_t)1 << 20)
#define SETTINGS_COLUMNS 66
#define LABEL_BYTES 32

/* -- fetching -- */

/* Appends the complete generations of a page to the history. */
static void take_page(json_t *history, const json_t *page)
{
	size_t i;
	json_t *g;

	json_array_foreach(json_object_get(page, "items"), i, g) {
		json_t *best = json_object_get(g, "best");
		json_t *mean = json_object_get(g, "mean");
		int64_t number;

		if (json_is_number(best) && json_is_number(mean) &&
			doc_integer(json_object_get(g, "generation"), &number))
			json_array_append_new(history,
				json_pack("{s:I, s:O, s:O}", "generation",
					(json_int_t)number, "best", best,
					"mean", mean));
	}
}

static int fetch_history(const struct broker_client *b, const char *uuid,
	json_t *history, struct err *e)
{
	int64_t after = -1, next;

	for (int i = 0; i < PAGES_MAX; i++) {
		json_t *page;
		int more;
		int rc = broker_get(b, &page, e,
			"/v1/runs/%s/generations?after=%lld&limit=%d", uuid,
			(long long)after, PAGE);

		if (rc)
			return rc;
		take_page(history, page);
		more = doc_integer(json_object_get(page, "next"), &next);
		json_decref(page);
		if (!more || next <= after)
			break;
		after = next;
	}
	return 0;
}

/* The champion, and what came of scoring it. */
static int fetch_champion(const struct broker_client *b, const char *uuid,
	struct report *r, struct err *e)
{
	json_t *genome;
	int64_t id;
	int rc = broker_get(b, &r->champion, e, "/v1/runs/%s/champion", uuid);

	if (rc == ERR_NOT_FOUND) /* nothing is scored yet */
		return 0;
	if (rc == 0)
		rc = doc_int(r->champion, "", "id", 0, RNG_SEED_MAX, &id, e);
	if (rc == 0)
		rc = broker_get(b, &genome, e, "/v1/runs/%s/genomes/%lld", uuid,
			(long long)id);
	if (rc)
		return rc;
	r->scoring = json_incref(json_object_get(genome, "result"));
	r->rungs = json_incref(json_object_get(genome, "rungs"));
	r->inherited = json_incref(json_object_get(genome, "inherited_from"));
	json_decref(genome);
	return 0;
}

int report_fetch(const struct broker_client *b, const char *uuid,
	struct report *r, struct err *e)
{
	int rc;

	memset(r, 0, sizeof(*r));
	r->history = json_array();
	rc = broker_get(b, &r->run, e, "/v1/runs/%s", uuid);
	if (rc == 0)
		rc = run_view_read(r->run, &r->view, e);
	if (rc == 0)
		rc = fetch_history(b, uuid, r->history, e);
	if (rc == 0)
		rc = fetch_champion(b, uuid, r, e);
	if (rc)
		report_release(r);
	return rc;
}

void report_release(struct report *r)
{
	json_decref(r->run);
	json_decref(r->history);
	json_decref(r->champion);
	json_decref(r->scoring);
	json_decref(r->rungs);
	json_decref(r->inherited);
	memset(r, 0, sizeof(*r));
}

/* -- as JSON -- */

static void copy(json_t *to, const json_t *from, const char *name)
{
	json_t *v = json_object_get(from, name);

	json_object_set_new(to, name, v ? json_incref(v) : json_null());
}

json_t *report_json(const struct report *r)
{
	static const char *const before[] = {"uuid", "state", "stop_reason"};
	static const char *const counts[] = {
		"evaluations", "failures", "cached"};
	static const char *const of_champion[] = {"id", "genome", "fitness",
		"metric", "val_accuracy", "test_accuracy", "parameters"};
	static const char *const after[] = {"wall_s", "cpu_s", "digest"};
	json_t *v = json_object(), *champion = NULL;

	for (size_t i = 0; i < 3; i++)
		copy(v, r->run, before[i]);
	json_object_set_new(v, "generations",
		json_integer((json_int_t)json_array_size(r->history)));
	for (size_t i = 0; i < 3; i++)
		copy(v, r->run, counts[i]);
	json_object_set(v, "history", r->history);
	if (r->champion) {
		champion = json_object();
		for (size_t i = 0; i < 7; i++)
			copy(champion, r->champion, of_champion[i]);
	}
	json_object_set_new(v, "champion", champion ? champion : json_null());
	for (size_t i = 0; i < 3; i++)
		copy(v, r->run, after[i]);
	return v;
}

int report_print_json(json_t *v, struct err *e)
{
	int failed = json_dumpf(v, stdout, JSON_INDENT(2)) ||
		     putchar('\n') == EOF || fflush(stdout);

	json_decref(v);
	if (failed)
		return err_set(e, ERR_WORLD,
			"cannot write to standard output: %s", strerror(errno));
	return 0;
}

/* -- for a person -- */

static void print_accuracy(
	const struct report *r, const char *name, const char *label, FILE *out)
{
	json_t *v = json_object_get(r->champion, name);

	if (json_is_number(v))
		fprintf(out, "  %-12s %.2f %%\n", label,
			100 * json_number_value(v));
}

static double number(const json_t *of, const char *name)
{
	return json_number_value(json_object_get(of, name));
}

/* The time that a result took, or whose training it was. */
static void say_time(const json_t *result, char out[LABEL_BYTES])
{
	const json_t *from = json_object_get(result, "cached_from");
	char cpu[DURATION_BYTES];

	run_view_duration(number(result, "cpu_s"), cpu);
	if (from)
		snprintf(out, LABEL_BYTES, "by genome %lld",
			(long long)json_integer_value(from));
	else
		snprintf(out, LABEL_BYTES, "%.20s of CPU", cpu);
}

/* What one scoring of the champion took. */
static void print_costs(const json_t *scoring, FILE *out)
{
	char flops[COUNT_BYTES], took[LABEL_BYTES];

	run_view_count(number(scoring, "flops"), flops);
	say_time(scoring, took);
	fprintf(out, "  %-12s %.0f images, %sFLOP, %s, %.0f MiB\n",
		"to score it", number(scoring, "images"), flops, took,
		number(scoring, "peak_bytes") / (1 << 20));
}

/* The rung that the result's job names. */
static void name_rung(const json_t *result, char out[LABEL_BYTES])
{
	static const char *const above[] = {
		[RUNG_FINALIST] = "as finalist",
		[RUNG_MIRRORED] = "mirrored",
		[RUNG_PILOT] = "as pilot",
		[RUNG_PILOT_MIRRORED] = "mirror pilot",
	};
	const char *text = json_string_value(json_object_get(result, "id"));
	struct job_id id = {.rung = 0};

	if (!text || job_id_read(text, &id, NULL))
		id.rung = 0;
	if (id.rung <= RUNG_PILOT_MIRRORED && above[id.rung])
		snprintf(out, LABEL_BYTES, "%s", above[id.rung]);
	else
		snprintf(out, LABEL_BYTES, "rung %d", id.rung + 1);
}

/* 0 of a failure, which has judged no image. */
static double share_right(const json_t *result)
{
	const double total = number(result, "total");

	return total > 0 ? number(result, "correct") / total : 0;
}

/* What each rung gave and took, the lowest first. */
static void print_rungs(const json_t *rungs, FILE *out)
{
	size_t i;
	json_t *v;

	json_array_foreach((json_t *)rungs, i, v) {
		char took[LABEL_BYTES], label[LABEL_BYTES];

		say_time(v, took);
		name_rung(v, label);
		fprintf(out, "  %-12s %.0f images, %s: loss %.4f, %.2f %%\n",
			label, number(v, "images"), took, number(v, "loss"),
			100 * share_right(v));
	}
}

/* Whose weights its first training started from. */
static void print_inherited(const json_t *ids, FILE *out)
{
	size_t i;
	json_t *id;

	json_array_foreach((json_t *)ids, i, id) {
		if (i == 0)
			fprintf(out, "  %-12s from those of genome%s",
				"weights", json_array_size(ids) > 1 ? "s" : "");
		fprintf(out, "%s %lld", i ? " and" : "",
			(long long)json_integer_value(id));
	}
	if (json_array_size(ids) > 0)
		fputc('\n', out);
}

static void print_genome(const json_t *v, FILE *out)
{
	struct genome_doc g;
	struct arena mem;

	arena_init(&mem, GENOME_BYTES_MAX);
	if (genome_doc_read(v, "/genome", &mem, &g, NULL) == 0)
		genome_text(g.graph, &g.data, out);
	arena_release(&mem);
}

/* -- how the final training was judged -- */

static int read_counts(const json_t *rows, int classes, uint64_t *counts)
{
	size_t n = (size_t)classes;
	int64_t v;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			if (!doc_integer(
				    json_array_get(json_array_get(rows, i), k),
				    &v) ||
				v < 0)
				return -1;
			counts[i * n + k] = (uint64_t)v;
		}
	return 0;
}

/* Numbers where there are no names. */
static void name_classes(
	const json_t *names, int classes, char (*out)[DATASET_NAME_BYTES])
{
	for (int i = 0; i < classes; i++) {
		const char *name = json_string_value(
			json_array_get(names, (size_t)i));

		if (name && field_printable(name))
			snprintf(out[i], DATASET_NAME_BYTES, "%.63s", name);
		else
			snprintf(out[i], DATASET_NAME_BYTES, "%d", i);
	}
}

static void print_judgement(const struct report *r, FILE *out)
{
	const json_t *final = json_object_get(r->champion, "final");
	const json_t *rows = json_object_get(final, "confusion");
	const json_t *auroc = json_object_get(final, "auroc");
	const size_t n = json_array_size(rows);
	char(*names)[DATASET_NAME_BYTES];
	struct dataset_info d = {.classes = (int)n};
	uint64_t *counts;

	if (n < 2 || n > JUDGEMENT_CONFUSION_MAX)
		return;
	names = xcalloc(n, sizeof *names);
	counts = xcalloc(n * n, sizeof *counts);
	name_classes(json_object_get(r->champion, "classes"), d.classes, names);
	d.class_names = (const char(*)[DATASET_NAME_BYTES])names;
	if (read_counts(rows, d.classes, counts) == 0) {
		fputs("\nOn the test set:\n\n", out);
		confusion_figures_print(counts, &d, out);
	}
	if (json_is_number(auroc))
		fprintf(out, "  area under the ROC curve %.4f\n",
			json_number_value(auroc));
	free(counts);
	free(names);
}

/* Fitness by another metric than accuracy. */
static void print_metric(const struct report *r, FILE *out)
{
	const char *metric = json_string_value(
		json_object_get(r->champion, "metric"));

	if (metric && strcmp(metric, "accuracy") != 0)
		fprintf(out, "  %-12s %.4f (%s)\n", "validation",
			number(r->champion, "fitness"), metric);
}

static void print_champion(const struct report *r, FILE *out)
{
	const json_t *parameters = json_object_get(r->champion, "parameters");

	fprintf(out, "\nChampion: genome %.0f, born in generation %.0f\n\n",
		number(r->champion, "id"), number(r->champion, "born"));
	print_genome(json_object_get(r->champion, "genome"), out);
	fputc('\n', out);
	print_accuracy(r, "val_accuracy", "validation", out);
	print_metric(r, out);
	print_accuracy(r, "test_accuracy", "test", out);
	if (json_is_number(parameters))
		fprintf(out, "  %-12s %.0f\n", "parameters",
			json_number_value(parameters));
	print_inherited(r->inherited, out);
	print_rungs(r->rungs, out);
	if (json_is_object(r->scoring))
		print_costs(r->scoring, out);
	print_judgement(r, out);
}

/* One setting as "key value"; returns its columns, 0 to leave it out. */
static int setting_text(
	const char *key, const json_t *v, char *out, size_t size)
{
	if (json_is_integer(v))
		return snprintf(out, size, "%s %lld", key,
			(long long)json_integer_value(v));
	if (json_is_real(v))
		return snprintf(out, size, "%s %g", key, json_real_value(v));
	if (json_is_true(v))
		return snprintf(out, size, "%s", key);
	/* Names of kernels and algorithms; a hash is no news to a person. */
	if (json_is_string(v) && json_string_length(v) > 0 &&
		json_string_length(v) < 32)
		return snprintf(out, size, "%s %s", key, json_string_value(v));
	return 0;
}

/* Prints the settings of an object, and of those within, one after the other
 * in lines of SETTINGS_COLUMNS; `column` is where the last one ended. */
static void print_members(const json_t *settings, int *column, FILE *out)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)settings, key, v) {
		char text[128];
		int n = setting_text(key, v, text, sizeof(text));

		/* NEAT's constants would bury the rest; --json has them. */
		if (json_is_object(v) && strcmp(key, "neat") != 0)
			print_members(v, column, out);
		if (n == 0)
			continue;
		if (*column && *column + 2 + n > SETTINGS_COLUMNS) {
			fprintf(out, ",\n  %-12s ", "");
			*column = 0;
		}
		fprintf(out, "%s%s", *column ? ", " : "", text);
		*column += n + (*column ? 2 : 0);
	}
}

static void print_settings(const json_t *settings, FILE *out)
{
	int column = 0;

	fprintf(out, "  %-12s ", "settings");
	print_members(settings, &column, out);
	fputc('\n', out);
}

static void print_run(const struct report *r, FILE *out)
{
	const struct run_view *v = &r->view;
	char wall[DURATION_BYTES], cpu[DURATION_BYTES];

	run_view_duration(v->wall_s, wall);
	run_view_duration(v->cpu_s, cpu);
	fprintf(out, "Run %s: %s", v->uuid, v->state);
	if (*v->stop_reason)
		fprintf(out, " (%s)", v->stop_reason);
	fputc('\n', out);
	if (*v->error)
		fprintf(out, "  %-12s %s\n", "reason", v->error);
	fprintf(out, "  %-12s %lld complete, %lld evaluations, %lld failures",
		"generations", (long long)json_array_size(r->history),
		(long long)v->evaluations, (long long)v->failures);
	if (v->cached > 0)
		fprintf(out, ", %lld cached", (long long)v->cached);
	fputc('\n', out);
	fprintf(out, "  %-12s %s (%s of CPU)\n", "time", wall, cpu);
	print_settings(json_object_get(r->run, "settings"), out);
	if (*v->digest)
		fprintf(out, "  %-12s %s\n", "digest", v->digest);
}

void report_print(const struct report *r, FILE *out)
{
	print_run(r, out);
	if (r->champion)
		print_champion(r, out);
	else
		fprintf(out, "\nNo champion: no network was scored.\n");
}
