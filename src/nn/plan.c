/* plan.c -- one look at the nodes for each question. */
#include "nn/plan.h"

#include <string.h>

#include "nn/op.h"

/* What the tensors of one chunk should take: half of a common second-level
 * cache, the rest being for weights and working memory. */
#define CHUNK_FLOATS ((size_t)96 * 1024)

size_t plan_image(const struct plan *p, const struct spec *s, int i)
{
	return shape_pixels(s->nodes[i].shape) * p->nodes[i].pixel;
}

static const struct op_verbs *verbs(const struct spec *s, int i)
{
	return op_verbs(s->nodes[i].op);
}

static struct op_needs needs(const struct spec *s, int i)
{
	return op_needs(&s->nodes[i]);
}

static int reads(const struct spec_node *node, int i)
{
	for (int k = 0; k < node->n_inputs; k++)
		if (node->inputs[k] == i)
			return 1;
	return 0;
}

/* The number of inputs that node i feeds, and one of the nodes. */
static int uses(const struct spec *s, int i, int *by)
{
	int n = 0;

	for (int k = i + 1; k < s->n; k++)
		for (int j = 0; j < s->nodes[k].n_inputs; j++)
			if (s->nodes[k].inputs[j] == i) {
				*by = k;
				n++;
			}
	return n;
}

/* Whole vectors, but for images that are only read a number at a time. */
static void set_pixels(struct plan *p, const struct spec *s, size_t lanes)
{
	int unpadded = 1;

	for (int i = 1; i < s->n; i++)
		if (reads(&s->nodes[i], 0) && !verbs(s, i)->reads_unpadded)
			unpadded = 0;
	for (int i = 0; i < s->n; i++) {
		const size_t channels = (size_t)s->nodes[i].shape.channels;

		p->nodes[i].pixel = (channels + lanes - 1) / lanes * lanes;
		if (i == 0 && unpadded)
			p->nodes[i].pixel = channels;
	}
}

/* -- stages -- */

static int is_map(struct shape s)
{
	return s.height > 1 || s.width > 1;
}

/* Takes the batch at once, after maps that did not. */
static int starts_whole(const struct spec *s, int i)
{
	return verbs(s, i)->whole_batch &&
	       is_map(s->nodes[s->nodes[i].inputs[0]].shape);
}

/* What has taken the batch at once shares its stage with what follows. */
static int shrinks(const struct spec *s, int i)
{
	const struct spec_node *node = &s->nodes[i];

	return !verbs(s, i)->whole_batch &&
	       shape_pixels(node->shape) <
		       shape_pixels(s->nodes[node->inputs[0]].shape);
}

static void set_stages(struct plan *p, const struct spec *s)
{
	struct plan_stage *stage = p->stages;

	stage->first = 1;
	for (int i = 1; i < s->n; i++) {
		if (i > stage->first &&
			(shrinks(s, i - 1) || starts_whole(s, i)))
			(++stage)->first = i;
		p->nodes[i].front = (int)(stage - p->stages);
		stage->last = i;
		if (verbs(s, i)->measure)
			*++stage = (struct plan_stage){.first = i, .last = i};
		p->nodes[i].back = (int)(stage - p->stages);
	}
	p->n_stages = (int)(stage - p->stages) + 1;
}

static size_t chunk_of(const struct plan *p, const struct spec *s,
	const struct plan_stage *stage, size_t batch)
{
	size_t floats = 0, n;

	for (int i = stage->first; i <= stage->last; i++) {
		if (verbs(s, i)->whole_batch)
			return batch;
		if (!p->nodes[i].in_place)
			floats += plan_image(p, s, i) *
				  (p->nodes[i].trains ? 2 : 1);
	}
	n = floats ? CHUNK_FLOATS / floats : batch;
	return n < 1 ? 1 : n < batch ? n : batch;
}

/* -- gradients and places -- */

static void set_trains(struct plan *p, const struct spec *s)
{
	for (int i = 1; i < s->n; i++) {
		const struct spec_node *node = &s->nodes[i];
		int trains = verbs(s, i)->gradients != NULL || i == s->n - 1;

		for (int k = 0; k < node->n_inputs; k++)
			trains |= p->nodes[node->inputs[k]].trains;
		p->nodes[i].trains = trains;
	}
}

/* Backward, the last node that reads a tensor writes its gradient, and the
 * others add to it.  A node that the output does not depend on is passed over.
 */
static void set_adds(struct plan *p, const struct spec *s)
{
	char written[SPEC_NODES_MAX] = {0};

	written[s->n - 1] = 1;
	for (int i = s->n - 1; i > 0; i--) {
		const struct spec_node *node = &s->nodes[i];

		if (!written[i])
			p->nodes[i].trains = 0;
		for (int k = 0; k < node->n_inputs && written[i]; k++) {
			if (written[node->inputs[k]])
				p->nodes[i].adds |= UINT32_C(1) << k;
			written[node->inputs[k]] = 1;
		}
	}
}

/* An op that can may work in place of its input when nobody else needs that
 * and its maker does not look at it again. */
static void set_in_place(struct plan *p, const struct spec *s)
{
	for (int i = 1; i < s->n; i++) {
		const int in = s->nodes[i].inputs[0];
		int by;

		p->nodes[i].in_place = needs(s, i).in_place && in > 0 &&
				       uses(s, in, &by) == 1 &&
				       !needs(s, in).keeps_output;
	}
}

/* True if all that read node i do so in the stage that makes it. */
static int stays_in_stage(const struct plan *p, const struct spec *s, int i)
{
	const struct plan_node *node = &p->nodes[i];

	for (int k = i + 1; k < s->n; k++)
		if (reads(&s->nodes[k], i) &&
			(p->nodes[k].front != node->back ||
				p->nodes[k].back != node->back))
			return 0;
	return i < s->n - 1;
}

/* True if nobody looks at node i's output again on the way back. */
static int is_used_up(const struct spec *s, int i)
{
	for (int k = i + 1; k < s->n; k++)
		if (reads(&s->nodes[k], i) && needs(s, k).keeps_input)
			return 0;
	return !needs(s, i).keeps_output;
}

/* What lies in one place is local if both would be. */
static void set_local_values(struct plan *p, const struct spec *s)
{
	for (int i = 1; i < s->n; i++)
		p->nodes[i].value_local = stays_in_stage(p, s, i) &&
					  is_used_up(s, i);
	for (int i = s->n - 1; i > 0; i--)
		if (p->nodes[i].in_place && !p->nodes[i].value_local)
			p->nodes[s->nodes[i].inputs[0]].value_local = 0;
	for (int i = 1; i < s->n; i++)
		if (p->nodes[i].in_place)
			p->nodes[i].value_local =
				p->nodes[s->nodes[i].inputs[0]].value_local;
}

static void set_local_gradients(struct plan *p, const struct spec *s)
{
	for (int i = 1; i < s->n; i++) {
		struct plan_node *node = &p->nodes[i];

		node->gradient_local = node->front == node->back &&
				       i < s->n - 1;
		for (int k = i + 1; k < s->n; k++)
			if (reads(&s->nodes[k], i) &&
				p->nodes[k].front != node->back)
				node->gradient_local = 0;
	}
}

static void set_shared_gradients(struct plan *p, const struct spec *s)
{
	for (int i = 1; i < s->n; i++) {
		const struct plan_node *in = &p->nodes[s->nodes[i].inputs[0]];

		p->nodes[i].shares_gradient =
			p->nodes[i].in_place && in->trains &&
			in->gradient_local == p->nodes[i].gradient_local;
	}
}

/* Takes the next floats of a pool, in whole lines of the cache. */
static size_t take(size_t *used, size_t floats)
{
	const size_t at = *used;

	*used += (floats + 15) / 16 * 16;
	return at;
}

/* A stage's local values lie side by side while it goes forward, its local
 * gradients while it goes backward; all stages use the same pool. */
static void set_pool(struct plan *p, const struct spec *s)
{
	size_t values[2 * SPEC_NODES_MAX] = {0};
	size_t gradients[2 * SPEC_NODES_MAX] = {0};

	for (int i = 1; i < s->n; i++) {
		struct plan_node *node = &p->nodes[i];
		const size_t floats = p->stages[node->back].chunk *
				      plan_image(p, s, i);

		if (node->value_local && !node->in_place)
			node->value_at = take(&values[node->back], floats);
		if (node->gradient_local && node->trains &&
			!node->shares_gradient)
			node->gradient_at = take(
				&gradients[node->back], floats);
	}
	for (int i = 0; i < p->n_stages; i++) {
		p->pool = values[i] > p->pool ? values[i] : p->pool;
		p->pool = gradients[i] > p->pool ? gradients[i] : p->pool;
	}
}

/* Room for the largest of the gradients that are added, for a chunk. */
static size_t spill_of(const struct plan *p, const struct spec *s)
{
	size_t most = 0;

	for (int i = 1; i < s->n; i++)
		for (int k = 0; k < s->nodes[i].n_inputs; k++) {
			size_t floats;

			if (!(p->nodes[i].adds >> k & 1))
				continue;
			floats = plan_image(p, s, s->nodes[i].inputs[k]) *
				 p->stages[p->nodes[i].front].chunk;
			most = floats > most ? floats : most;
		}
	return most;
}

void plan_make(struct plan *p, const struct spec *s, size_t batch, size_t lanes)
{
	memset(p, 0, sizeof *p);
	set_pixels(p, s, lanes);
	set_stages(p, s);
	set_trains(p, s);
	set_adds(p, s);
	set_in_place(p, s);
	set_local_values(p, s);
	set_local_gradients(p, s);
	set_shared_gradients(p, s);
	for (int i = 0; i < p->n_stages; i++)
		p->stages[i].chunk = chunk_of(p, s, &p->stages[i], batch);
	set_pool(p, s);
	p->spill = spill_of(p, s);
}
