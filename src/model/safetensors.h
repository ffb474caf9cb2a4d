/* safetensors.h -- a trained network as a safetensors file: 8 bytes of header
 * length, a JSON header, little-endian float32 tensors.
 * Metadata: genome, normalization, class names, dataset hash, all as strings.
 */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include "base/buf.h"
#include "base/err.h"
#include "nn/net.h"

/* One metadata entry; both are UTF-8. */
struct tensor_note {
	const char *key, *value;
};

/* Appends the file.  Same net, same bytes.  ERR_TOO_BIG as buf_add. */
int safetensors_write(const struct net *n, const struct tensor_note *notes,
	size_t n_notes, struct buf *out, struct err *e);

#endif
