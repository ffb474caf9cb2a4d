/* fuzz_tar.c -- a data set in one tar file, plain or gzipped. */
#include "fuzz.h"

#include "data/format_tar.h"
#include "format_sink.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"set.tar"};
	char path[sizeof memory_folder + 16];

	if (memory_files == 0)
		memory_folder_make(names, 1);
	memory_folder_fill(data, size);
	snprintf(path, sizeof path, "%s/set.tar", memory_folder);
	read_format(&format_tar, &(struct dataset_place){path, 0});
	return 0;
}
