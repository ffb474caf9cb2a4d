/* fuzz_npy.c -- a data set's folder of two NPY files. */
#include "fuzz.h"

#include "data/format_npy.h"
#include "format_sink.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"train-images.npy", "train-labels.npy"};

	if (memory_files == 0)
		memory_folder_make(names, 2);
	memory_folder_fill(data, size);
	read_format(&format_npy, &(struct dataset_place){memory_folder, 1});
	return 0;
}
