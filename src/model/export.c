/* export.c -- the metadata of a trained network. */
#include "model/export.h"

#include <stdlib.h>

#include <jansson.h>

#include "base/canonical.h"
#include "data/class_names_json.h"
#include "model/architecture.h"
#include "model/safetensors.h"

#define NOTES_MAX 7

static json_t *numbers_json(const double *x, int n)
{
	json_t *out = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(out, json_real(x[i]));
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
	char *architecture = text_of(architecture_write(x->spec), e);
	char *names = text_of(class_names_json(x->data), e);
	char *normalization = text_of(
		json_pack("{s:o, s:o}", "mean",
			numbers_json(x->normalization->mean, channels), "std",
			numbers_json(x->normalization->std, channels)),
		e);
	struct tensor_note notes[NOTES_MAX] = {
		{"architecture", architecture},
		{"class_names", names},
		{"dataset_hash", x->data->hash},
		{"normalization", normalization},
	};
	size_t n = 4;

	if (x->genome_json)
		notes[n++] = (struct tensor_note){"genome", x->genome_json};
	if (x->data->dtype != DATASET_UINT8)
		notes[n++] = (struct tensor_note){
			"pixels", dataset_dtype_name(x->data->dtype)};
	if (x->flip_test)
		notes[n++] = (struct tensor_note){"flip_test", "true"};
	if (architecture && names && normalization)
		rc = safetensors_write(x->net, notes, n, out, e);
	free(architecture);
	free(names);
	free(normalization);
	return rc;
}
