/* train_report.c -- says what was trained, how well, and at what cost. */
#include "cli/view/train_report.h"

#include "base/hash.h"
#include "cli/view/confusion.h"
#include "cli/view/genome_text.h"
#include "cli/view/run_view.h"
#include "data/class_names_json.h"
#include "nn/kernels/kernels.h"

static int is_final(const struct train_report *r)
{
	return r->job->kind == JOB_FINAL;
}

static double accuracy(const struct job_outcome *o)
{
	return (double)o->correct / (double)o->total;
}

/* -- as JSON -- */

/* A final training takes all images, and leaves none to judge on. */
static json_t *settings_json(const struct train_report *r)
{
	json_t *v = fields_write(
		&training_fields, FIELD_SHOW, &r->job->training);

	json_object_del(v, "max_job_mb");
	if (is_final(r)) {
		json_object_del(v, "train_limit");
		json_object_del(v, "validation_fraction");
	}
	return v;
}

static json_t *epochs_json(const struct train_report *r)
{
	json_t *list = json_array();

	for (int i = 0; i < r->outcome->n_epochs; i++) {
		const struct epoch *x = &r->outcome->epochs[i];
		json_t *v = json_pack("{s:f, s:f}", "loss", x->loss,
			"train_accuracy", x->train_accuracy);

		if (!is_final(r))
			json_object_set_new(
				v, "val_accuracy", json_real(x->val_accuracy));
		json_array_append_new(list, v);
	}
	return list;
}

static json_t *rows_json(const struct judgement *j)
{
	const size_t n = (size_t)j->classes;
	json_t *rows = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *row = json_array();

		for (size_t k = 0; k < n; k++)
			json_array_append_new(row,
				json_integer(
					(json_int_t)j->confusion[i * n + k]));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void set_confusion(json_t *v, const struct train_report *r)
{
	const struct dataset_info *d = dataset_info(r->job->data);
	const struct judgement *j = &r->outcome->judged;

	json_object_set_new(v, "classes", class_names_json(d));
	json_object_set_new(
		v, "confusion", j->confusion ? rows_json(j) : json_null());
}

static void set_costs(json_t *v, const struct train_report *r)
{
	const struct job_outcome *o = r->outcome;
	json_t *costs = json_pack("{s:I, s:I, s:I, s:f, s:f, s:f, s:I}",
		"parameters", (json_int_t)o->parameters, "flops",
		(json_int_t)o->flops, "images", (json_int_t)o->images,
		"images_per_s",
		r->wall_s > 0 ? (double)o->images / r->wall_s : 0.0, "wall_s",
		r->wall_s, "cpu_s", o->cpu_s, "peak_bytes",
		(json_int_t)o->peak_bytes);

	json_object_update(v, costs);
	json_decref(costs);
}

static json_t *weights_json(const struct train_report *r)
{
	const struct buf *w = &r->outcome->weights;
	char hash[SHA256_HEX_BYTES];

	if (!r->out)
		return json_null();
	sha256_of(w->data, w->len, hash);
	return json_pack("{s:o, s:s, s:I}", "file", json_string_nocheck(r->out),
		"sha256", hash, "bytes", (json_int_t)w->len);
}

json_t *train_report_json(const struct train_report *r)
{
	const struct job_outcome *o = r->outcome;
	json_t *v = json_pack(
		"{s:s}", "kind", is_final(r) ? "final" : "fitness");

	if (r->net)
		json_object_set_new(v, "net", json_string(r->net));
	else
		json_object_set_new(v, "genome", genome_doc_write(r->genome));
	json_object_set_new(v, "dataset", json_string_nocheck(r->dataset));
	json_object_set_new(v, "dataset_hash",
		json_string(dataset_info(r->job->data)->hash));
	json_object_set_new(v, "settings", settings_json(r));
	json_object_set_new(v, "seed", json_integer((json_int_t)r->job->seed));
	json_object_set_new(v, "kernels", json_string(r->job->kernels->name));
	json_object_set_new(v, is_final(r) ? "test_accuracy" : "val_accuracy",
		json_real(accuracy(o)));
	if (!is_final(r))
		json_object_set_new(v, "val_loss", json_real(o->judged.loss));
	json_object_set_new(v, "correct", json_integer((json_int_t)o->correct));
	json_object_set_new(v, "total", json_integer((json_int_t)o->total));
	json_object_set_new(v, "epochs", epochs_json(r));
	set_confusion(v, r);
	set_costs(v, r);
	json_object_set_new(v, "weights", weights_json(r));
	return v;
}

/* -- for a person -- */

static void print_costs(const struct train_report *r, FILE *out)
{
	const struct job_outcome *o = r->outcome;
	char wall[DURATION_BYTES], cpu[DURATION_BYTES];
	char flops[COUNT_BYTES];

	run_view_duration(r->wall_s, wall);
	run_view_duration(o->cpu_s, cpu);
	run_view_count((double)o->flops, flops);
	fprintf(out, "  %-12s %lld\n", "parameters", (long long)o->parameters);
	fprintf(out, "  %-12s %lld, %.0f a second\n", "images",
		(long long)o->images,
		r->wall_s > 0 ? (double)o->images / r->wall_s : 0.0);
	fprintf(out, "  %-12s %sFLOP\n", "work", flops);
	fprintf(out, "  %-12s %s (%s of CPU)\n", "time", wall, cpu);
	fprintf(out, "  %-12s %lld MiB\n", "peak memory",
		(long long)(o->peak_bytes >> 20));
}

void train_report_print(const struct train_report *r, FILE *out)
{
	const struct job_outcome *o = r->outcome;

	fprintf(out, "Trained %s on %s: %d epoch%s, seed %lld, %s\n\n",
		r->net ? r->net : "the genome", r->dataset, o->n_epochs,
		o->n_epochs == 1 ? "" : "s", (long long)r->job->seed,
		r->job->kernels->name);
	if (!r->net) {
		genome_text(r->genome->graph, &r->genome->data, out);
		fputc('\n', out);
	}
	fprintf(out, "  %-12s %.2f %% (%zu of %zu)\n",
		is_final(r) ? "test" : "validation", 100 * accuracy(o),
		o->correct, o->total);
	if (!is_final(r))
		fprintf(out, "  %-12s %.4f\n", "loss", o->judged.loss);
	print_costs(r, out);
	fputc('\n', out);
	if (r->outcome->judged.confusion)
		confusion_print(r->outcome->judged.confusion,
			dataset_info(r->job->data), out);
	if (r->out)
		fprintf(out, "\nWeights: %s\n", r->out);
	else
		fputs("\nThe weights were not kept: there was no --out.\n",
			out);
}
