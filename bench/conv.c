/* conv.c -- times single convolutions, ours and oneDNN's, and compares what
 * they compute.
 *
 *     bench_conv CLASS [SIDE IN OUT KERNEL IMAGES]
 *
 * One line for each direction of each shape: the method that nn/conv.c chooses,
 * GFLOP/s of ours (a direct sum's multiplications and additions, however many
 * the method needs), of oneDNN, their ratio, GFLOP/s of our other method where
 * there is one, and the largest difference relative to the largest value.
 * Medians of runs taken in turn on one thread.
 *
 * Ours is timed as a step of training does it: weights brought to their order
 * once, images in chunks that fit the cache, the gradient of the weights
 * finished.  Of oneDNN the convolution alone counts, in the layouts it asks
 * for, without bringing weights and gradients there and back. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/rng.h"
#include "nn/conv.h"
#include "peer.h"

#define SKIPPED 77
#define ROUNDS 9

/* What one measurement should take, in operations. */
#define FLOPS 1e8

/* As nn/plan.c. */
#define CHUNK_FLOATS ((size_t)96 * 1024)

struct bench_shape {
	size_t side, in, out, kernel, images;
};

/* What evolution makes of 28x28x1 and 32x32x3: 16, 32 or 64 filters, kernels
 * of 3, 5 and 7, pooling after each; and of what grows from little. */
static const struct bench_shape shapes[] = {
	{28, 1, 16, 3, 64},
	{28, 1, 32, 3, 64},
	{28, 1, 32, 5, 64},
	{28, 1, 64, 7, 64},
	{32, 3, 16, 3, 64},
	{32, 3, 64, 5, 64},
	{28, 16, 16, 3, 64},
	{28, 32, 32, 3, 64},
	{28, 64, 64, 3, 64},
	{14, 16, 16, 3, 64},
	{14, 16, 32, 5, 64},
	{14, 32, 64, 3, 64},
	{14, 64, 64, 5, 64},
	{14, 32, 32, 7, 64},
	{7, 16, 64, 3, 64},
	{7, 32, 32, 5, 64},
	{7, 64, 64, 3, 64},
	{7, 64, 64, 5, 16},
	{7, 64, 64, 7, 64},
	{3, 32, 64, 3, 64},
	{3, 64, 64, 5, 64},
	{3, 64, 64, 7, 64},
	{16, 64, 64, 3, 128},
	{8, 64, 64, 3, 128},
	{28, 4, 8, 3, 64},
	{28, 8, 4, 5, 64},
	{14, 7, 12, 3, 64},
	{28, 16, 32, 1, 64},
	{7, 64, 16, 1, 64},
};

/* One convolution, its gradients and its buffers. */
struct ours {
	struct conv forward, backward;
	size_t images, chunk, channels_out;
	float *x, *y, *bias, *weights, *turned;
	float *dx, *dy, *dbias, *dweights;
	float *packed, *sum, *scratch;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* -- ours -- */

static float *take(size_t n)
{
	float *p = aligned_alloc(64, (n * sizeof *p + 127) / 64 * 64);

	if (!p) {
		fprintf(stderr, "no memory for %zu floats\n", n);
		exit(1);
	}
	memset(p, 0, n * sizeof *p);
	return p;
}

/* Pixels of -1 to 1, zero beyond the channels. */
static float *draw(struct rng *r, size_t pixels, size_t channels, size_t stride)
{
	float *p = take(pixels * stride);

	for (size_t i = 0; i < pixels * stride; i++)
		if (i % stride < channels)
			p[i] = (float)(2 * rng_unit(r) - 1);
	return p;
}

static struct direct_shape direct(
	const struct kernels *k, const struct bench_shape *b)
{
	const size_t stride = kernels_stride(k, (int)b->in);

	/* Images of few channels are not padded: nn/plan.c. */
	return (struct direct_shape){.kernel = b->kernel,
		.stride = 1,
		.before = (b->kernel - 1) / 2,
		.spread = 1,
		.height = b->side,
		.width = b->side,
		.out_height = b->side,
		.out_width = b->side,
		.in = b->in,
		.in_stride = b->in < 4 ? b->in : stride,
		.out = kernels_stride(k, (int)b->out)};
}

static struct direct_shape turned_shape(
	const struct kernels *k, const struct bench_shape *b)
{
	struct direct_shape s = direct(k, b);

	s.before = b->kernel - 1 - s.before;
	s.in = b->out;
	s.in_stride = s.out;
	s.out = kernels_stride(k, (int)b->in);
	return s;
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Weights (kernel,kernel,out,in), the last tap first. */
static void turn_over(const struct ours *o)
{
	const struct direct_shape *f = &o->forward.shape;
	const struct direct_shape *b = &o->backward.shape;
	const size_t taps = f->kernel * f->kernel;

	for (size_t t = 0; t < taps; t++)
		for (size_t i = 0; i < f->in; i++)
			for (size_t k = 0; k < b->in; k++)
				o->turned[(t * b->in + k) * b->out + i] =
					o->weights[((taps - 1 - t) * f->in +
							   i) *
							   f->out +
						   k];
}

/* Buffers large enough for both methods. */
static void take_buffers(struct ours *o, struct rng *r)
{
	const struct direct_shape *f = &o->forward.shape;
	const size_t pixels = o->images * f->height * f->width;
	const size_t taps = f->kernel * f->kernel;
	const size_t packed = larger(taps, 36) *
			      larger(f->in, o->backward.shape.out) *
			      larger(f->out, o->backward.shape.in);

	o->x = draw(r, pixels, f->in, f->in_stride);
	o->dy = draw(r, pixels, o->channels_out, f->out);
	o->weights = draw(r, taps * f->in, o->channels_out, f->out);
	o->bias = draw(r, 1, o->channels_out, f->out);
	o->y = take(pixels * f->out);
	o->dx = take(pixels * o->backward.shape.out);
	o->turned = take(taps * o->channels_out * o->backward.shape.out);
	o->dweights = take(taps * f->in * f->out);
	o->dbias = take(f->out);
	o->packed = take(packed);
	o->sum = take(packed);
	turn_over(o);
}

static void ours_init(struct ours *o, const struct kernels *k,
	const struct bench_shape *b, struct rng *r)
{
	const struct direct_shape forward = direct(k, b);
	const struct direct_shape backward = turned_shape(k, b);
	const size_t image = b->side * b->side * 2 *
			     (forward.in_stride + forward.out);

	memset(o, 0, sizeof *o);
	conv_init(&o->forward, k, &forward);
	conv_init(&o->backward, k, &backward);
	o->images = b->images;
	o->channels_out = b->out;
	o->chunk = larger(1, CHUNK_FLOATS / image);
	take_buffers(o, r);
}

static void ours_release(struct ours *o)
{
	float *const all[] = {o->x, o->y, o->bias, o->weights, o->turned, o->dx,
		o->dy, o->dbias, o->dweights, o->packed, o->sum};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		free(all[i]);
}

static void in_chunks(struct ours *o, enum peer_op op)
{
	const struct direct_shape *f = &o->forward.shape;
	const size_t pixels = f->height * f->width;
	float *sum = conv_sums_in_place(&o->forward) ? o->dweights : o->sum;

	for (size_t i = 0, n; i < o->images; i += n) {
		const float *x = o->x + i * pixels * f->in_stride;
		const size_t at = i * pixels * f->out;

		n = o->images - i < o->chunk ? o->images - i : o->chunk;
		if (op == PEER_FORWARD)
			conv_forward(&o->forward, n, x, o->packed, o->bias,
				o->y + at, o->scratch);
		else if (op == PEER_WEIGHTS)
			conv_gradients(&o->forward, n, x, o->dy + at, sum,
				o->dbias, o->scratch);
		else
			conv_forward(&o->backward, n, o->dy + at, o->packed,
				NULL,
				o->dx + i * pixels * o->backward.shape.out,
				o->scratch);
	}
}

/* One direction of a step. */
static void ours_run(struct ours *o, enum peer_op op)
{
	const struct conv *f = &o->forward;
	float *sum = conv_sums_in_place(f) ? o->dweights : o->sum;

	if (op == PEER_FORWARD)
		conv_pack(f, o->weights, o->packed);
	else if (op == PEER_INPUT)
		conv_pack(&o->backward, o->turned, o->packed);
	else {
		memset(sum, 0, conv_sum_floats(f) * sizeof *sum);
		memset(o->dbias, 0, f->shape.out * sizeof *o->dbias);
	}
	in_chunks(o, op);
	if (op == PEER_WEIGHTS)
		conv_weight_gradient(f, sum, o->dweights);
}

static struct conv *conv_of(struct ours *o, enum peer_op op)
{
	return op == PEER_INPUT ? &o->backward : &o->forward;
}

static void set_method(struct ours *o, enum peer_op op, enum conv_method m)
{
	conv_of(o, op)->method = m;
	free(o->scratch);
	o->scratch = take(conv_scratch_floats(conv_of(o, op)));
}

/* -- measuring -- */

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *times)
{
	qsort(times, ROUNDS, sizeof *times, ascending);
	return times[ROUNDS / 2];
}

static double time_ours(
	struct ours *o, enum peer_op op, enum conv_method m, int repeats)
{
	double start;

	set_method(o, op, m);
	start = now();
	for (int i = 0; i < repeats; i++)
		ours_run(o, op);
	return (now() - start) / repeats;
}

static double time_peer(struct peer *p, enum peer_op op, int repeats)
{
	const double start = now();

	for (int i = 0; i < repeats; i++)
		peer_run(p, op);
	return (now() - start) / repeats;
}

/* The largest difference, relative to the largest value. */
static double deviation(const float *a, const float *b, size_t n)
{
	double off = 0, most = 0;

	for (size_t i = 0; i < n; i++) {
		off = fmax(off, fabs((double)a[i] - (double)b[i]));
		most = fmax(most, fabs((double)b[i]));
	}
	return off / most;
}

static double compare(struct ours *o, struct peer *p, enum peer_op op)
{
	const struct direct_shape *f = &o->forward.shape;
	const size_t pixels = o->images * f->height * f->width;
	const float *mine = op == PEER_FORWARD   ? o->y
			    : op == PEER_WEIGHTS ? o->dweights
						 : o->dx;
	const size_t n = op == PEER_FORWARD ? pixels * f->out
			 : op == PEER_WEIGHTS
				 ? f->kernel * f->kernel * f->in * f->out
				 : pixels * o->backward.shape.out;
	float *theirs = take(n);
	double off;

	peer_run(p, op);
	peer_read(p, op, theirs);
	off = deviation(mine, theirs, n);
	free(theirs);
	return off;
}

static int has_other(const struct conv *c)
{
	const struct kernels *k = c->kernels;

	return k->winograd && (c->shape.kernel == 3 || c->shape.kernel == 5) &&
	       c->shape.in_stride % k->lanes == 0;
}

struct times {
	double ours[ROUNDS], peer[ROUNDS], other[ROUNDS];
};

static void bench_op(struct ours *o, struct peer *p,
	const struct bench_shape *b, enum peer_op op)
{
	static const char *const names[] = {"forward", "weights", "input"};
	static const char *const methods[] = {"direct", "winograd"};
	const enum conv_method mine = conv_of(o, op)->method;
	const double flops = 2.0 * (double)(b->side * b->side * b->images) *
			     (double)(b->kernel * b->kernel * b->in * b->out);
	const int repeats = (int)fmax(1, FLOPS / flops);
	struct times t = {{0}, {0}, {0}};
	double ours, peer, other;

	for (int i = 0; i < ROUNDS; i++) {
		if (has_other(conv_of(o, op)))
			t.other[i] = time_ours(o, op,
				mine == CONV_DIRECT ? CONV_WINOGRAD
						    : CONV_DIRECT,
				repeats);
		t.ours[i] = time_ours(o, op, mine, repeats);
		t.peer[i] = time_peer(p, op, repeats);
	}
	ours = flops * 1e-9 / median(t.ours);
	peer = flops * 1e-9 / median(t.peer);
	other = median(t.other);
	printf("%3zu of %2zux%zux%zu k%zu to %zu\t%-8s%-9s%7.1f%7.1f%6.2f",
		b->images, b->side, b->side, b->in, b->kernel, b->out,
		names[op], methods[mine], ours, peer, ours / peer);
	if (other > 0)
		printf("%7.1f", flops * 1e-9 / other);
	else
		printf("%7s", "-");
	printf("  %.1e\n", compare(o, p, op));
	fflush(stdout);
}

static void bench(const struct kernels *k, const struct bench_shape *b)
{
	struct ours o;
	struct peer *p;
	struct rng r;

	rng_stream(&r, 1, 0, 0);
	ours_init(&o, k, b, &r);
	p = peer_new(&o.forward.shape, b->images, b->out);
	peer_load(p, o.x, o.weights, o.bias, o.dy);
	for (int op = 0; op < PEER_OPS; op++)
		/* Nobody asks for the gradient of the images. */
		if (op != PEER_INPUT || b->in >= 4)
			bench_op(&o, p, b, (enum peer_op)op);
	peer_free(p);
	ours_release(&o);
	free(o.scratch);
}

int main(int argc, char **argv)
{
	struct err e = {0};
	const struct kernels *k = argc > 1 ? kernels_find(argv[1], &e)
					   : kernels_best();

	if (!k) {
		fprintf(stderr, "%s\n", e.text);
		return e.code == ERR_WORLD ? SKIPPED : 1;
	}
	peer_limit(k->name);
	printf("%s\t\t\tmethod    ours   oneDNN ratio other  deviation\n",
		k->name);
	if (argc == 7) {
		size_t n[5];

		for (int i = 0; i < 5; i++)
			n[i] = strtoul(argv[i + 2], NULL, 10);
		bench(k, &(struct bench_shape){n[0], n[1], n[2], n[3], n[4]});
		return 0;
	}
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		bench(k, &shapes[i]);
	return 0;
}
