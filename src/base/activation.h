/* activation.h -- the functions that a layer may end in, by number and name.
 *
 * Genomes carry the number, documents the name, and networks the function:
 * one list for all of them.  New ones go to its end, so that the numbers of the
 * others stay. */
#ifndef BASE_ACTIVATION_H
#define BASE_ACTIVATION_H

enum activation {
	ACT_RELU,
	ACT_SIGMOID,
	ACT_TANH,
	ACT_LEAKYRELU, /* slope 0.01 below zero */
	ACT_SELU,      /* Klambauer et al., 2017 */
	ACT_COUNT
};

/* The name of activation `a`, 0..ACT_COUNT - 1: "relu", ... */
const char *activation_name(int a);

#endif
