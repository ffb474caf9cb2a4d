/* fuzz_safetensors.c -- a model's file: header, notes, network, tensors. */
#include "fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "model/export.h"
#include "model/import.h"
#include "nn/kernels/kernels.h"

#define LENGTH_BYTES 8
#define FILE_MAX ((size_t)64 << 20)

/* Little memory, so that what is accepted is quickly built. */
static struct import *import(const void *bytes, size_t n)
{
	const struct import_options how = {kernels_best(), 1, (int64_t)4 << 20};

	return import_read(bytes, n, &how, NULL);
}

static void export(const struct import *m, struct buf *out)
{
	const struct export x = {.net = m->net,
		.spec = &m->spec,
		.data = &m->data,
		.normalization = &m->normalization,
		.genome_json = m->genome_json,
		.flip_test = m->flip_test};

	buf_init(out, FILE_MAX);
	must(export_write(&x, out, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct import *m = import(data, size), *again;
	struct buf once, twice;

	if (!m)
		return 0;
	export(m, &once);
	again = import(once.data, once.len);
	must(again != NULL);
	export(again, &twice);
	must(once.len == twice.len &&
		memcmp(once.data, twice.data, once.len) == 0);
	buf_release(&once);
	buf_release(&twice);
	import_free(again);
	import_free(m);
	return 0;
}

/* Changes the header in its place and mends its length, which a change of the
 * whole would nearly always leave wrong; the tensors stay, once in four times
 * apart. */
size_t LLVMFuzzerCustomMutator(
	uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	uint64_t length = 0;
	uint8_t *tail;
	size_t rest;

	if (size >= LENGTH_BYTES)
		memcpy(&length, data, LENGTH_BYTES);
	if (seed % 4 == 0 || length == 0 || length > size - LENGTH_BYTES)
		return LLVMFuzzerMutate(data, size, max_size);
	rest = size - LENGTH_BYTES - (size_t)length;
	tail = xcalloc(rest + 1, 1);
	memcpy(tail, data + LENGTH_BYTES + length, rest);
	length = LLVMFuzzerMutate(data + LENGTH_BYTES, (size_t)length,
		max_size - rest - LENGTH_BYTES);
	memcpy(data, &length, LENGTH_BYTES);
	memcpy(data + LENGTH_BYTES + length, tail, rest);
	free(tail);
	return LENGTH_BYTES + (size_t)length + rest;
}
