/* confusion_json.h -- a confusion matrix in a result: a list for each label. */
#ifndef WIRE_CONFUSION_JSON_H
#define WIRE_CONFUSION_JSON_H

#include "base/field.h"

/* Of the members `confusion` and `classes` of struct job_result; the counts
 * live in the reader's arena. */
extern const struct field_codec confusion_codec;

#endif
