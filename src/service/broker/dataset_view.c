/* dataset_view.c -- shape, classes, counts. */
#include "service/broker/dataset_view.h"

#include <stdlib.h>

#include "base/arena.h"
#include "data/class_names_json.h"

/* How many training images each class has. */
static json_t *class_counts(const struct dataset *d)
{
	const struct dataset_info *info = dataset_info(d);
	int64_t *counts = xcalloc((size_t)info->classes, sizeof *counts);
	json_t *list = json_array();

	for (size_t i = 0; i < info->n_train; i++)
		counts[dataset_label(d, DATASET_TRAIN, i)]++;
	for (int i = 0; i < info->classes; i++)
		json_array_append_new(list, json_integer(counts[i]));
	free(counts);
	return list;
}

json_t *dataset_view(const char *name, const struct dataset *d)
{
	const struct dataset_info *info = dataset_info(d);

	return json_pack("{s:s,s:b,s:s,s:i,s:i,s:i,s:i,s:o,s:o,s:I,s:I,s:n}",
		"name", name, "available", 1, "hash", info->hash,
		"num_channels", info->channels, "px_h", info->height, "px_w",
		info->width, "num_classes", info->classes, "classes",
		class_names_json(info), "counts", class_counts(d), "train",
		(json_int_t)info->n_train, "test", (json_int_t)info->n_test,
		"reason");
}
