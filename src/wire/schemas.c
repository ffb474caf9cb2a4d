/* schemas.c -- which table is the schema of which name. */
#include "wire/schemas.h"

#include "base/field_schema.h"
#include "wire/flat_json.h"
#include "wire/generation_json.h"
#include "wire/job_json.h"
#include "wire/layer_json.h"
#include "wire/legacy_json.h"
#include "wire/population_json.h"
#include "wire/question_json.h"
#include "wire/settings.h"

static const struct {
	const char *name;
	const struct fields *fields;
	enum field_origin origin;
} documents[] = {
	{"RunSettings", &settings_fields, FIELD_REQUEST},
	{"RunSettingsFull", &settings_fields, FIELD_STORED},
	{"Genome", &flat_fields, FIELD_REQUEST},
	{"Job", &job_fields, FIELD_STORED},
	{"Result", &result_fields, FIELD_STORED},
	{"NeatState", &state_fields, FIELD_STORED},
	{"NextGenerationRequest", &generation_request_fields, FIELD_REQUEST},
	{"NextGenerationAnswer", &generation_answer_fields, FIELD_STORED},
	{"CrossoverRequest", &crossover_fields, FIELD_REQUEST},
	{"MutateRequest", &mutate_fields, FIELD_REQUEST},
	{"DistanceRequest", &distance_fields, FIELD_REQUEST},
	{"ValidateRequest", &candidate_fields, FIELD_REQUEST},
	{"GenomePopulationRequest", &legacy_initial_fields, FIELD_REQUEST},
	{"GenomeChildRequest", &legacy_child_fields, FIELD_REQUEST},
	{"TrainRequest", &legacy_training_fields, FIELD_REQUEST},
};

json_t *wire_schemas(void)
{
	json_t *all = json_object();

	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
		json_object_set_new(all, documents[i].name,
			fields_schema(
				documents[i].fields, documents[i].origin));
	json_object_set_new(all, "LayerGenome", layer_json_schema());
	return all;
}
