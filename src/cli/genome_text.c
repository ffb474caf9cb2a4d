/* genome_text.c -- draws a flat genome, a layer a line. */
#include "cli/genome_text.h"

/* The activations serve the convolutions round-robin, and from the start again
 * the hidden dense layers. */
static const char *activation(const struct flat *g, int layer)
{
	return flat_activation_name(g->activations[layer % g->n_activations]);
}

void genome_text(const struct flat *g, FILE *out)
{
	fprintf(out, "    input      %d x %d x %d\n", g->data.channels,
		g->data.height, g->data.width);
	for (int i = 0; i < g->n_conv; i++)
		fprintf(out, "    conv       %d filters of %d x %d, %s\n",
			g->filters[i], g->kernels[i], g->kernels[i],
			activation(g, i));
	for (int i = 0; i < g->n_dense; i++)
		fprintf(out, "    dense      %d nodes, %s, dropout %.2f\n",
			g->nodes[i], activation(g, i), g->dropout);
	fprintf(out, "    output     %d classes\n", g->data.classes);
	fprintf(out, "    training   %s, learning rate %g, batches of %d\n",
		flat_optimizer_name(g->optimizer), g->learning_rate,
		g->batch_size);
}
