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
	ACT_GELU,      /* x Phi(x): Hendrycks & Gimpel, 2016; not their tanh */
	ACT_SILU,      /* x sigmoid(x): Elfwing et al., 2018 */
	ACT_COUNT
};

/* The name of activation `a`: "relu", ...; NULL beyond the
 * last. */
const char *activation_name(int a);

/* True if it never falls.  The largest of its values is then the value of the
 * largest number, and its slope can be told from the value alone. */
int activation_is_monotonic(enum activation a);

#endif
