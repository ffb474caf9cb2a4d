/* fuzz_idx.c -- a data set's folder of four IDX files, plain or gzipped. */
#include "fuzz.h"

#include "data/format_idx.h"
#include "format_sink.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"train-images-idx3-ubyte",
		"train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
		"t10k-labels-idx1-ubyte"};

	if (memory_files == 0)
		memory_folder_make(names, 4);
	memory_folder_fill(data, size);
	read_format(&format_idx, &(struct dataset_place){memory_folder, 1});
	return 0;
}
