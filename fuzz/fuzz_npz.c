/* fuzz_npz.c -- a data set in one NPZ file. */
#include "fuzz.h"

#include "data/format_npz.h"
#include "format_sink.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"set.npz"};
	char path[sizeof memory_folder + 16];

	if (memory_files == 0)
		memory_folder_make(names, 1);
	memory_folder_fill(data, size);
	snprintf(path, sizeof path, "%s/set.npz", memory_folder);
	read_format(&format_npz, &(struct dataset_place){path, 0});
	return 0;
}
