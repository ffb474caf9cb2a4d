/* export.h -- a trained network as one file that says all about itself.
 *
 * A safetensors file whose metadata is enough to use it: "architecture" (the
 * nodes as JSON, see architecture.h), "normalization" ({"mean": [...], "std":
 * [...]}, by channel, over pixels scaled to 0..1), "class_names" (a list),
 * "dataset_hash" and "genome" (as the caller gave it).  "pixels" is "float32",
 * of pixels that are floats and normalized as they are, or left out.
 * "flip_test" is "true", or left out: whether the network's answer to an image
 * is the mean of its logits and those of the mirror image.  import.h reads it.
 */
#ifndef MODEL_EXPORT_H
#define MODEL_EXPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "data/dataset.h"
#include "data/split.h"
#include "nn/net.h"
#include "nn/spec.h"

struct export
{
	const struct net *net;
	const struct spec *spec; /* the net's, checked */
	const struct dataset_info *data;
	const struct normalization *normalization;
	const char *genome_json; /* UTF-8; NULL leaves it out */
	int flip_test;
};

/* Appends the file.  Same net, same bytes.  ERR_TOO_BIG as buf_add. */
int export_write(const struct export *x, struct buf *out, struct err *e);

#endif
