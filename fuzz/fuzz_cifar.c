/* fuzz_cifar.c -- a data set's folder of CIFAR's records. */
#include "fuzz.h"

#include "data/format_cifar.h"
#include "format_sink.h"
#include "memory_folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"data_batch_1.bin", "test_batch.bin", "batches.meta.txt"};

	if (memory_files == 0)
		memory_folder_make(names, 3);
	memory_folder_fill(data, size);
	read_format(&format_cifar, &(struct dataset_place){memory_folder, 1});
	return 0;
}
