/* export.c -- the metadata of a trained network. */
#include "model/export.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/canonical.h"
#include "model/safetensors.h"

#define NOTES_MAX 5

static const char *const op_name[OP_COUNT] = {
	[OP_INPUT] = "input",
	[OP_CONV] = "conv",
	[OP_BATCHNORM] = "batchnorm",
	[OP_ACTIVATION] = "activation",
	[OP_MAXPOOL] = "maxpool",
	[OP_SHRINK] = "shrink",
	[OP_DENSE] = "dense",
	[OP_DROPOUT] = "dropout",
	[OP_CONCAT] = "concat",
	[OP_SUM] = "sum",
};

static void set_int(json_t *node, const char *key, int value)
{
	json_object_set_new(node, key, json_integer(value));
}

/* What the op needs beyond its inputs and its shape. */
static void set_attributes(json_t *out, const struct spec_node *node)
{
	switch (node->op) {
	case OP_CONV:
		set_int(out, "filters", node->filters);
		set_int(out, "kernel", node->kernel);
		break;
	case OP_DENSE: set_int(out, "units", node->units); break;
	case OP_SHRINK:
		set_int(out, "height", node->height);
		set_int(out, "width", node->width);
		break;
	case OP_ACTIVATION:
		json_object_set_new(out, "activation",
			json_string(activation_name(node->activation)));
		break;
	case OP_DROPOUT:
		json_object_set_new(out, "rate", json_real(node->rate));
		break;
	default: break;
	}
}

static json_t *node_json(const struct spec_node *node)
{
	json_t *out = json_object(), *inputs = json_array();

	json_object_set_new(out, "op", json_string(op_name[node->op]));
	for (int i = 0; i < node->n_inputs; i++)
		json_array_append_new(inputs, json_integer(node->inputs[i]));
	json_object_set_new(out, "inputs", inputs);
	json_object_set_new(out, "shape",
		json_pack("[i, i, i]", node->shape.channels, node->shape.height,
			node->shape.width));
	set_attributes(out, node);
	return out;
}

static json_t *architecture_json(const struct spec *s)
{
	json_t *out = json_array();

	for (int i = 0; i < s->n; i++)
		json_array_append_new(out, node_json(&s->nodes[i]));
	return out;
}

static json_t *numbers_json(const double *x, int n)
{
	json_t *out = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(out, json_real(x[i]));
	return out;
}

static json_t *names_json(const struct dataset_info *d)
{
	json_t *out = json_array();

	for (int i = 0; i < d->classes; i++)
		json_array_append_new(out, json_string(d->class_names[i]));
	return out;
}

/* Takes over `v`.  The text is freed with free(); NULL with `e`. */
static char *text_of(json_t *v, struct err *e)
{
	char *text = canonical_text(v, e);

	json_decref(v);
	return text;
}

int export_write(const struct export *x, struct buf *out, struct err *e)
{
	int channels = x->data->channels, rc = ERR_WORLD;
	char *architecture = text_of(architecture_json(x->spec), e);
	char *names = text_of(names_json(x->data), e);
	char *normalization = text_of(
		json_pack("{s:o, s:o}", "mean",
			numbers_json(x->normalization->mean, channels), "std",
			numbers_json(x->normalization->std, channels)),
		e);
	const struct tensor_note notes[NOTES_MAX] = {
		{"architecture", architecture},
		{"class_names", names},
		{"dataset_hash", x->data->hash},
		{"normalization", normalization},
		{"genome", x->genome_json},
	};

	if (architecture && names && normalization)
		rc = safetensors_write(x->net, notes,
			x->genome_json ? NOTES_MAX : NOTES_MAX - 1, out, e);
	free(architecture);
	free(names);
	free(normalization);
	return rc;
}
