/* report.h -- what a run came to: for a person, or as one JSON document. */
#ifndef CLI_VIEW_REPORT_H
#define CLI_VIEW_REPORT_H

#include <jansson.h>
#include <stdio.h>

#include "cli/client/broker_client.h"
#include "cli/view/run_view.h"

struct report {
	struct run_view view;
	json_t *run;       /* the broker's documents, owned */
	json_t *history;   /* [{"generation","best","mean"}], complete ones */
	json_t *champion;  /* NULL before the first score */
	json_t *scoring;   /* the result that scored it; NULL likewise */
	json_t *rungs;     /* its results at each rung; NULL likewise */
	json_t *inherited; /* ids: whose weights it started from */
};

/* Asks the broker for everything.  Errors as broker_get; the caller ends with
 * report_release. */
int report_fetch(const struct broker_client *b, const char *uuid,
	struct report *r, struct err *e);

/* Frees what was fetched. */
void report_release(struct report *r);

/* {"uuid","state","stop_reason","generations","evaluations","failures",
 *  "cached","history":[...],"champion":{"id","genome","fitness","metric",
 *  "val_accuracy","test_accuracy","parameters"}|null,"wall_s","cpu_s","digest"};
 * a new reference. */
json_t *report_json(const struct report *r);

/* Prints the run and its champion. */
void report_print(const struct report *r, FILE *out);

/* Prints the document on a line or more of standard output; ERR_WORLD when that
 * cannot be written.  Takes the reference over. */
int report_print_json(json_t *v, struct err *e);

#endif
