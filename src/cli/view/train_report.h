/* train_report.h -- what `nevod train` came to: for a person, or as one JSON
 * document. */
#ifndef CLI_VIEW_TRAIN_REPORT_H
#define CLI_VIEW_TRAIN_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "model/job.h"
#include "wire/genome_json.h"

struct train_report {
	const char *dataset; /* as asked for */
	const char *net;     /* the benchmark net's name, or NULL: the genome */
	const struct job *job;
	const struct genome_doc *genome;   /* without `net` */
	const struct job_outcome *outcome; /* with a confusion */
	double wall_s;
	const char *out; /* the file of the weights, or NULL */
};

/* {"kind":"fitness"|"final", "net" or "genome", "dataset", "dataset_hash",
 *  "settings":{"epochs", "train_limit", "validation_fraction", the recipe's},
 *  "seed", "kernels", "val_accuracy" and "val_loss", or "test_accuracy",
 *  "correct", "total",
 *  "epochs":[{"loss","train_accuracy","val_accuracy"}], "classes":[names],
 *  "confusion":[[by answer] by label], "parameters", "flops", "images",
 *  "images_per_s", "wall_s", "cpu_s", "peak_bytes",
 *  "weights":{"file","sha256","bytes"}|null}; a new reference.  A final
 * training has no validation and its epochs no val_accuracy. */
json_t *train_report_json(const struct train_report *r);

/* Prints what was trained, its accuracy and cost, its confusion matrix, and
 * where its weights are. */
void train_report_print(const struct train_report *r, FILE *out);

#endif
