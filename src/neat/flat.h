/* flat.h -- a genome in the flat form of the REST contract: a chain of
 * convolutions, then hidden dense layers, and the training hyper-parameters.
 *
 * Every list has exactly the length its layer count asks for, except that
 * `activations` serves both kinds of layer round-robin and keeps its own
 * length. */
#ifndef NEAT_FLAT_H
#define NEAT_FLAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/activation.h"
#include "base/err.h"
#include "base/field.h"
#include "base/optimizer_kind.h"

#define FLAT_LAYERS_MAX 16
#define CONV_FILTERS_MAX 512
#define CONV_KERNEL_MAX 11
#define DENSE_UNITS_MAX 4096
#define LAYER_DROPOUT_MAX 0.9
#define LEARNING_RATE_MAX 1.0
#define BATCH_SIZE_MAX 4096
#define DATA_CHANNELS_MAX 64
#define DATA_SIDE_MAX 1024
#define DATA_CLASSES_MIN 2
#define DATA_CLASSES_MAX 1000

/* The shape of the data, which evolution never changes. */
struct data_shape {
	int channels, height, width, classes;
};

/* Its fields, for the rows of a struct that has it as `member`. */
#define DATA_SHAPE_ROW(key_, at_, flags_, lo_, hi_)                  \
	{                                                            \
		.key = (key_), .type = FIELD_INT, .flags = (flags_), \
		.at = (at_), .lo = (lo_), .hi = (hi_)                \
	}
#define DATA_SHAPE_ROWS(struct_, member, flags_)                           \
	DATA_SHAPE_ROW("num_channels", offsetof(struct_, member.channels), \
		flags_, 1, DATA_CHANNELS_MAX),                             \
		DATA_SHAPE_ROW("px_h", offsetof(struct_, member.height),   \
			flags_, 1, DATA_SIDE_MAX),                         \
		DATA_SHAPE_ROW("px_w", offsetof(struct_, member.width),    \
			flags_, 1, DATA_SIDE_MAX),                         \
		DATA_SHAPE_ROW("num_classes",                              \
			offsetof(struct_, member.classes), flags_,         \
			DATA_CLASSES_MIN, DATA_CLASSES_MAX)

struct flat {
	struct data_shape data;
	int n_conv;  /* 1..FLAT_LAYERS_MAX */
	int n_dense; /* hidden ones; the output layer is not counted */
	int filters[FLAT_LAYERS_MAX], kernels[FLAT_LAYERS_MAX]; /* n_conv */
	int nodes[FLAT_LAYERS_MAX];                             /* n_dense */
	int n_activations; /* 1..FLAT_LAYERS_MAX */
	enum activation activations[FLAT_LAYERS_MAX];
	double dropout; /* 0..LAYER_DROPOUT_MAX, after each hidden layer */
	double learning_rate; /* 0..LEARNING_RATE_MAX; 0 learns nothing */
	int batch_size;       /* 1..BATCH_SIZE_MAX */
	enum optimizer_kind optimizer;
};

/* True if the bounds above hold; asserted by tests after every operation. */
int flat_valid(const struct flat *g);

/* The same for the shape of the data alone. */
int data_shape_valid(const struct data_shape *d);

/* True if both are the same shape of data. */
int data_shape_equal(const struct data_shape *a, const struct data_shape *b);

/* Gives `activations` an entry for each dense layer where these say all, else
 * for each layer of the longer kind: the same network, in the form that
 * chain_to_flat gives back and that random and bred genomes have.  At least one
 * layer of each kind. */
void flat_normalize(struct flat *g);

/* True if every field that counts is equal, bit for bit. */
int flat_equal(const struct flat *a, const struct flat *b);

#endif
