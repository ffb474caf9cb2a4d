/* pareto_text.h -- a run's front of accuracy against size, as a table. */
#ifndef CLI_VIEW_PARETO_TEXT_H
#define CLI_VIEW_PARETO_TEXT_H

#include <jansson.h>
#include <stdio.h>

/* Prints what GET /v1/runs/{uuid}/pareto answers, the smallest first. */
void pareto_text(const json_t *front, FILE *out);

#endif
