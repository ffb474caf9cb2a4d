/* fingerprint.h -- which genomes are one network to train. */
#ifndef MODEL_FINGERPRINT_H
#define MODEL_FINGERPRINT_H

#include "base/hash.h"
#include "model/decode.h"

/* A hash of the network, its optimizer, learning rate and batch size: of a
 * decoded genome all that its training from fresh weights depends on.  What a
 * genome does not express, numbers of its genes too, is not in it. */
void model_fingerprint(const struct model *m, char out[SHA256_HEX_BYTES]);

#endif
