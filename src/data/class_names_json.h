/* class_names_json.h -- the names of a set's classes in documents: a list. */
#ifndef DATA_CLASS_NAMES_JSON_H
#define DATA_CLASS_NAMES_JSON_H

#include <jansson.h>

#include "base/err.h"
#include "base/field.h"
#include "data/class_names.h"
#include "data/dataset_info.h"

/* Of all names in a run's documents: what 65,535 numbers take. */
#define CLASS_NAMES_TEXT_MAX ((size_t)512 << 10)

/* A list of the set's names, a new reference. */
json_t *class_names_json(const struct dataset_info *d);

/* Reads such a list from outside.  ERR_RANGE for a number of names that no set
 * has, ERR_INVALID for what is no name. */
int class_names_take(
	const json_t *list, struct class_names *out, struct err *e);

/* A member that is such a list, of CLASS_NAMES_TEXT_MAX bytes: a `json_t *`,
 * which is read as it stands in the document and lives as long; NULL where
 * there is none. */
extern const struct field_codec class_names_codec;

/* ERR_RANGE with a sentence unless the set's names fit in a document. */
int class_names_fit(const struct dataset_info *d, struct err *e);

#endif
