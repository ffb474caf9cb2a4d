/* broker_metrics.c -- GET /metrics of the broker: runs, jobs, workers, the
 * store. */
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "run/run.h"
#include "service/broker/broker.h"
#include "service/broker/standing.h"

#define ACTIVE_MAX 64
#define LABEL_BYTES 64

/* -- runs -- */

static void write_runs(struct broker *b, struct metrics *m)
{
	char label[LABEL_BYTES];
	int64_t n;

	metrics_family(m, "nevod_runs", "Runs in the store, by state.");
	for (int s = 0; s < RUN_STATES; s++) {
		const char *name = run_state_name((enum run_state)s);

		if (store_run_count(b->store, name, &n, NULL))
			continue;
		snprintf(label, sizeof label, "state=\"%s\"", name);
		metrics_sample(m, label, (double)n);
	}
}

static int is_in_trouble(struct broker *b, const struct store_run *row)
{
	struct standing now;
	struct run run;
	int yes;

	if (broker_run_glance(row, &run, NULL))
		return 1; /* it cannot even be read */
	standing_look(b, row->uuid, run.state, run.settings.kernels, &now);
	yes = now.trouble.code != 0;
	run_release(&run);
	return yes;
}

static void write_troubles(struct broker *b, struct metrics *m)
{
	struct store_run *rows;
	struct arena mem;
	size_t n = 0;
	int troubled = 0;

	arena_init(&mem, BROKER_ARENA_MAX);
	if (store_runs(b->store, &mem, "running", 1, INT64_MAX, ACTIVE_MAX,
		    &rows, &n, NULL))
		n = 0;
	for (size_t i = 0; i < n; i++)
		troubled += is_in_trouble(b, &rows[i]);
	arena_release(&mem);
	metrics_one(m, "nevod_runs_in_trouble",
		"Running runs that something keeps from getting on.", troubled);
}

/* -- what is trained -- */

static void write_jobs(struct broker *b, struct metrics *m)
{
	struct dispatch_load load;

	dispatch_load(b->dispatch, "", &load);
	metrics_family(m, "nevod_jobs", "Open jobs, by what they wait for.");
	metrics_sample(m, "state=\"queued\"", (double)load.queued);
	metrics_sample(m, "state=\"running\"", (double)load.running);
	metrics_sample(m, "state=\"unconfirmed\"", (double)load.unconfirmed);
	metrics_one(m, "nevod_jobs_failing",
		"Open jobs that failed at least twice for reasons of the "
		"world and have trained nothing since.",
		(double)load.failing);
	metrics_one(m, "nevod_job_attempts_max",
		"Most attempts of any open job.", (double)load.attempts);
	metrics_one(m, "nevod_training_images_per_second",
		"Images a second of all running jobs.", load.images_per_s);
}

static void write_results(struct broker *b, struct metrics *m)
{
	const struct driver_counts *c = &b->counts;

	metrics_family(m, "nevod_results_total",
		"Results of jobs that were committed.");
	metrics_sample(m, "outcome=\"scored\"", (double)c->scored);
	metrics_sample(m, "outcome=\"failed\"", (double)c->failed);
	metrics_one(m, "nevod_training_images_total",
		"Images that committed results were trained on.",
		(double)c->images);
	metrics_one(m, "nevod_training_cpu_seconds_total",
		"CPU time that committed results took.",
		(double)c->cpu_ms * 1e-3);
}

static void write_queue(struct broker *b, struct metrics *m)
{
	struct dispatch_queue q;

	dispatch_depth(b->dispatch, &q);
	if (!q.there)
		return;
	metrics_family(m, "nevod_queue_jobs",
		"Jobs in the queue, by whether a worker has taken them.");
	metrics_sample(m, "state=\"waiting\"", (double)q.waiting);
	metrics_sample(m, "state=\"delivered\"", (double)q.delivered);
	metrics_one(m, "nevod_queue_redelivered_jobs",
		"Jobs in the queue that were delivered more than once.",
		(double)q.redelivered);
	metrics_one(m, "nevod_queue_oldest_seconds",
		"Age of the oldest job in the queue.", q.oldest_s);
}

/* -- who trains -- */

static const char *const states[] = {
	"ready", "draining", "aside", "lost", "unknown", NULL};

static void write_workers(struct broker *b, struct metrics *m)
{
	struct dispatch_worker *w;
	struct arena mem;
	double slots = 0, free = 0, refusals = 0;
	char label[LABEL_BYTES];
	size_t n;

	arena_init(&mem, BROKER_ARENA_MAX);
	n = dispatch_workers(b->dispatch, &mem, &w);
	metrics_family(m, "nevod_workers", "Evolutioners, by state.");
	for (int s = 0; states[s]; s++) {
		int count = 0;

		for (size_t i = 0; i < n; i++)
			count += strcmp(broker_worker_state(&w[i]),
					 states[s]) == 0;
		snprintf(label, sizeof label, "state=\"%s\"", states[s]);
		metrics_sample(m, label, count);
	}
	for (size_t i = 0; i < n; i++) {
		slots += w[i].lost ? 0 : (double)w[i].slots;
		free += w[i].lost ? 0 : (double)w[i].free;
		refusals += (double)w[i].refusals;
	}
	arena_release(&mem);
	metrics_family(m, "nevod_slots",
		"Jobs that evolutioners take at a time, as they last said.");
	metrics_sample(m, "state=\"free\"", free);
	metrics_sample(m, "state=\"busy\"", slots - free);
	metrics_one(m, "nevod_worker_refusals",
		"Jobs that evolutioners have failed or refused in a row.",
		refusals);
}

/* -- what is kept -- */

static void write_store(struct broker *b, struct metrics *m)
{
	struct store_counts c;
	struct statvfs disk;

	store_count(b->store, &c);
	metrics_family(m, "nevod_store_commits_total",
		"Transactions, by what came of them.");
	metrics_sample(m, "outcome=\"committed\"", (double)c.commits);
	metrics_sample(m, "outcome=\"failed\"", (double)c.failures);
	metrics_one(m, "nevod_store_commit_seconds_total",
		"Time that commits took.", c.seconds);
	if (statvfs(b->data_dir, &disk) == 0)
		metrics_one(m, "nevod_data_free_bytes",
			"Room on the disk of the data folder.",
			(double)disk.f_bavail * (double)disk.f_frsize);
}

void broker_metrics(void *broker, struct metrics *m)
{
	struct broker *b = broker;

	metrics_one(m, "nevod_ready", "1 where /readyz says ready.",
		readiness_check(&b->readiness, NULL) == 0);
	write_runs(b, m);
	write_troubles(b, m);
	metrics_one(m, "nevod_leads",
		"1 where this broker leads the store, 0 where it stands by.",
		b->leads);
	if (b->leads) {
		write_jobs(b, m);
		write_queue(b, m);
		write_results(b, m);
		write_workers(b, m);
	}
	write_store(b, m);
}
