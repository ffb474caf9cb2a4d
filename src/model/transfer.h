/* transfer.h -- the numbers of one network's node for a node of another, of
 * another size perhaps: what both have, from the first channels on and around
 * the middle of kernels and maps. */
#ifndef MODEL_TRANSFER_H
#define MODEL_TRANSFER_H

#include "nn/net.h"
#include "nn/spec.h"

/* From one network to another, which has been drawn: what arrives is
 * keep * theirs + (1 - keep) * drawn. */
struct transfer {
	struct net *to;
	const struct spec *spec; /* of `to` */
	const struct net *from;  /* NULL: only identities */
	const struct spec *theirs;
	double keep;
};

/* Channels that come into a convolution or a dense layer. */
int transfer_channels(const struct spec *s, int node);

/* The first numbers of a vector of `node`, from the one of the same name of
 * their node `from`. */
void transfer_vector(
	const struct transfer *t, int node, int from, const char *suffix);

/* The weights and the bias of a convolution or a dense layer; source[i] is
 * their channel for channel i that comes in, or -1 for none. */
void transfer_weights(
	const struct transfer *t, int node, int from, const int *source);

/* Every channel that comes in goes out as it is, as far as there are outputs
 * for them; the other outputs stay as they were drawn. */
void transfer_identity(const struct transfer *t, int node);

#endif
