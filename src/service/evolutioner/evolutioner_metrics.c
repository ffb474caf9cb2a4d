/* evolutioner_metrics.c -- GET /metrics of the evolutioner: its slots. */
#include "service/evolutioner/evolutioner_service.h"

void evolutioner_metrics(void *evolutioner, struct metrics *m)
{
	struct evolutioner *v = evolutioner;
	int slots, n_free;

	worker_push_count(v->worker, &slots, &n_free);
	metrics_one(m, "nevod_ready", "1 where /readyz says ready.",
		readiness_check(&v->readiness, NULL) == 0);
	metrics_family(m, "nevod_slots", "Jobs that are taken at a time.");
	metrics_sample(m, "state=\"free\"", n_free);
	metrics_sample(m, "state=\"busy\"", slots - n_free);
	metrics_one(m, "nevod_jobs_ended_total", "Jobs that have ended.",
		(double)worker_push_ends(v->worker));
	metrics_one(m, "nevod_legacy_waiting",
		"Requests to /create_cnn_model that wait for a slot.",
		v->waiting);
}
