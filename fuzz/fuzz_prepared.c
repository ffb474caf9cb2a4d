/* fuzz_prepared.c -- a prepared data set's file, which may come from a broker
 * on another machine. */
#include "fuzz.h"

#include "data/dataset.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"set.nds"};
	char path[sizeof memory_folder + 16];
	const struct dataset_info *info;
	struct dataset *d;
	size_t sum = 0;

	if (memory_files == 0)
		memory_folder_make(names, 1);
	memory_folder_fill(data, size);
	snprintf(path, sizeof path, "%s/set.nds", memory_folder);
	d = dataset_open(path, NULL);
	if (!d)
		return 0;
	info = dataset_info(d);
	for (int k = 0; k < info->classes; k++)
		sum += strlen(info->class_names[k]);
	for (int part = 0; part < DATASET_PARTS; part++)
		for (size_t i = 0; i < dataset_count(info, part); i++) {
			const uint8_t *p = dataset_pixels(d, part, i);

			sum += p[dataset_image_bytes(info) - 1];
			must(dataset_label(d, part, i) < info->classes);
		}
	must(sum < SIZE_MAX);
	dataset_close(d);
	return 0;
}
