/* plan_text.h -- what a run with a budget is going to do, for a person. */
#ifndef CLI_VIEW_PLAN_TEXT_H
#define CLI_VIEW_PLAN_TEXT_H

#include <jansson.h>
#include <stddef.h>

#define PLAN_TEXT_BYTES 400

/* Writes a sentence or two from a run's document; "" if it has no budget. */
void plan_text(const json_t *run, char out[PLAN_TEXT_BYTES]);

#endif
