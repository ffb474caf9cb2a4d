/* nets.h -- what the tests of nn/ share: building specs, and comparing a net
 * with the reference. */
#ifndef TEST_NETS_H
#define TEST_NETS_H

#include <stddef.h>
#include <stdint.h>

#include "nn/kernels/kernels.h"
#include "nn/net.h"
#include "nn/spec.h"

/* The main of a test program that runs once for each kernel class: runs the
 * tests (an array) on the class that the command line names, or the best there
 * is, and gives the exit status, NETS_SKIPPED where this CPU cannot run it.  At
 * the end it prints the bits of what was compared (buffers.h). */
#define nets_run(argc, argv, tests)                                           \
	(nets_begin(argc, argv)                                               \
			? nets_end(cmocka_run_group_tests(tests, NULL, NULL)) \
			: NETS_SKIPPED)

#define NETS_SKIPPED 77 /* exit status by which meson knows a skipped test */

/* The two ends of nets_run: selects the class, false where this CPU cannot run
 * it; prints the bits and hands on the number of tests that failed. */
int nets_begin(int argc, char **argv);
int nets_end(int failed);

/* The class selected. */
const struct kernels *nets_kernels(void);

/* Each appends a node after node `in` and returns its number. */
int nets_conv(struct spec *s, int in, int filters, int kernel);
int nets_conv_by(struct spec *s, int in, int filters, int kernel, int stride);
int nets_batchnorm(struct spec *s, int in);
int nets_layernorm(struct spec *s, int in);
int nets_activation(struct spec *s, int in, enum activation a);
int nets_maxpool(struct spec *s, int in);
int nets_avgpool(struct spec *s, int in);
int nets_shrink(struct spec *s, int in, int height, int width);
int nets_dense(struct spec *s, int in, int units);
int nets_dropout(struct spec *s, int in, double rate);

/* Joins two nodes as they are, or by spec_merge. */
int nets_join(struct spec *s, enum op join, int a, int b);
int nets_merge(struct spec *s, enum op join, const int *inputs, int n);

/* A checked net, its parameters (statistics too) drawn anew from a seed. */
struct net *nets_new(struct spec *s, int batch, uint64_t seed);

/* Writes images (count,C,H,W) to the net's input. */
void nets_load(
	struct net *n, const struct spec *s, const float *images, size_t count);

/* net_backward and net_forward of images (count,C,H,W). */
double nets_backward(struct net *n, const struct spec *s, const float *images,
	const struct net_step *step, size_t *correct);
void nets_forward(struct net *n, const struct spec *s, const float *images,
	size_t count, float *logits);

/* Puts the gradients that a step has left in the place of the parameters, to be
 * read by name: from zero, one step of sgd uphill. */
void nets_put_gradients(struct net *n);

/* Compares logits, loss, gradients and running statistics of a net for batches
 * of `batch` with the reference, on a step of `count` images; fails the cmocka
 * test where they differ. */
void nets_check(struct spec *s, int batch, size_t count);

#endif
