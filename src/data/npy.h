/* npy.h -- NumPy's file of one array.
 * numpy.org/neps/nep-0001-npy-format.html, versions 1 to 3. */
#ifndef DATA_NPY_H
#define DATA_NPY_H

#include "base/err.h"
#include "data/array.h"
#include "data/dataset_info.h"
#include "data/stream.h"

/* True for the first NPY_LOOK_BYTES of such a file. */
#define NPY_LOOK_BYTES 6
int npy_is(const void *bytes);

/* Reads the header; the stream is taken over, on failure it is closed.
 * ERR_INVALID for another kind of file, for elements that are no plain numbers,
 * and for an array of more dimensions than array.h has or in Fortran's order;
 * ERR_WORLD. */
int npy_open(struct stream *in, struct array **out, struct err *e);

/* What the array of a part is called, its images or its labels: the i-th of
 * the spellings in use, without an ending; NULL beyond the last. */
const char *npy_name(enum dataset_part part, int labels, int i);

#endif
