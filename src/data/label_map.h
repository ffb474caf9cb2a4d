/* label_map.h -- labels as the files have them, and the classes that they are.
 *
 * Classes are numbered from 0 without gaps, in the order of the labels: labels
 * that begin at 1, or leave some out, are mapped. */
#ifndef DATA_LABEL_MAP_H
#define DATA_LABEL_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct label_seen {
	int64_t label;
	size_t n; /* how often, among those that were counted */
};

struct label_map {
	struct label_seen *seen; /* all different ones, sorted */
	size_t n, room;
	int classes;  /* once settled */
	int as_named; /* labels are their classes, some of which are empty */
};

/* An empty map is a struct of zeros. */
void label_map_release(struct label_map *m);

/* Looks at labels, and counts them if `counted`.  ERR_INVALID once there are
 * more different ones than a data set can have classes. */
int label_map_see(struct label_map *m, const int64_t *labels, size_t n,
	int counted, struct err *e);

/* All have been seen: numbers the classes.  `names` is how many names a person
 * has given, 0 for none: where that is one more than the largest label, labels
 * keep their numbers, since classes without images are meant.  ERR_INVALID when
 * the names fit neither way. */
int label_map_settle(struct label_map *m, size_t names, struct err *e);

/* True if classes have other numbers than their labels. */
int label_map_is_mapped(const struct label_map *m);

/* How that is said. */
#define LABEL_MAP_TEXT_BYTES 160
void label_map_text(const struct label_map *m, char out[LABEL_MAP_TEXT_BYTES]);

/* The class of a label that has been seen; -1 of one that has not: the files
 * have changed meanwhile. */
int label_map_class(const struct label_map *m, int64_t label);

/* The label of a class. */
int64_t label_map_label(const struct label_map *m, int class);

/* How many labels of each class have been counted; to be freed. */
size_t *label_map_counts(const struct label_map *m);

#endif
