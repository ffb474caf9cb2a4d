/* safetensors_load.c -- the tensors of a file against those of a network: all
 * are looked at before the first is copied. */
#include "model/safetensors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define SHAPE_TEXT_BYTES 64

static const struct safetensor *find(
	const struct safetensors *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->tensors[i].name, name) == 0)
			return &f->tensors[i];
	return NULL;
}

/* "32x1x3x3" */
static void shape_text(int ndims, const int *dims, char out[SHAPE_TEXT_BYTES])
{
	int len = 0;

	for (int i = 0; i < ndims; i++)
		len += snprintf(out + len, SHAPE_TEXT_BYTES - (size_t)len,
			"%s%d", i ? "x" : "", dims[i]);
}

static int check_shape(const struct safetensor *is,
	const struct net_tensor *want, struct err *e)
{
	char got[SHAPE_TEXT_BYTES], wanted[SHAPE_TEXT_BYTES];

	if (is->ndims == want->ndims &&
		memcmp(is->dims, want->dims,
			(size_t)is->ndims * sizeof *is->dims) == 0)
		return 0;
	shape_text(is->ndims, is->dims, got);
	shape_text(want->ndims, want->dims, wanted);
	return err_set(e, ERR_INVALID,
		"the tensor \"%s\" is %s, which the network needs as %s",
		want->name, got, wanted);
}

static int check_finite(
	const struct safetensors *f, const struct safetensor *t, struct err *e)
{
	const char *p = f->data + t->start;

	for (size_t i = 0; i < t->count; i++) {
		float x;

		memcpy(&x, p + i * sizeof x, sizeof x);
		if (!isfinite(x))
			return err_set(e, ERR_INVALID,
				"number %zu of the tensor \"%.48s\" is not "
				"finite",
				i, t->name);
	}
	return 0;
}

static int check_tensor(const struct safetensors *f,
	const struct net_tensor *want, struct err *e)
{
	const struct safetensor *t = find(f, want->name);
	int rc;

	if (!t)
		return err_set(e, ERR_INVALID, "the tensor \"%s\" is missing",
			want->name);
	rc = check_shape(t, want, e);
	return rc ? rc : check_finite(f, t, e);
}

/* Names one of the file's tensors that the net does not have. */
static int refuse_surplus(
	const struct safetensors *f, const struct net *n, struct err *e)
{
	const char *name = "";
	struct net_tensor t;

	for (size_t i = 0, k; i < f->n; i++) {
		name = f->tensors[i].name;
		for (k = 0; k < net_tensor_count(n); k++) {
			net_tensor(n, k, &t);
			if (strcmp(t.name, name) == 0)
				break;
		}
		if (k == net_tensor_count(n))
			break;
	}
	return err_set(e, ERR_INVALID,
		"the tensor \"%.48s\" belongs to no node of the network", name);
}

static void copy_tensor(const struct safetensors *f, struct net *n, size_t i)
{
	const struct safetensor *t;
	struct net_tensor want;
	float *values;

	net_tensor(n, i, &want);
	t = find(f, want.name);
	values = xcalloc(t->count, sizeof *values);
	memcpy(values, f->data + t->start, t->count * sizeof *values);
	net_tensor_write(n, i, values);
	free(values);
}

int safetensors_load(const struct safetensors *f, struct net *n, struct err *e)
{
	const size_t count = net_tensor_count(n);
	struct net_tensor want;

	for (size_t i = 0; i < count; i++) {
		int rc;

		net_tensor(n, i, &want);
		rc = check_tensor(f, &want, e);
		if (rc)
			return rc;
	}
	/* Names differ within a file and within a net. */
	if (f->n > count)
		return refuse_surplus(f, n, e);
	for (size_t i = 0; i < count; i++)
		copy_tensor(f, n, i);
	return 0;
}
