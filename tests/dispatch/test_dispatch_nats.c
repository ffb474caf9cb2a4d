/* test_dispatch_nats.c -- the contract over NATS JetStream, with both of our
 * ends, and what is the queue's alone: messages that it loses, a broker that
 * follows another, workers whose word is not enough. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"
#include "dispatch/worker_nats.h"
#include "dispatch/worker_push.h"
#include "dispatch_contract.h"

#define WORKERS_MAX 3
#define WAIT_MS 30000
#define LOOK_MS 5
#define LIES (CONTRACT_CRASHES + 1)

static const struct log silent = {.service = "test", .level = LOG_ERROR};

/* -- a server -- */

static struct {
	pid_t pid;
	char dir[64], url[64], port[16];
} server;

/* It says at once when it listens: a file has the port. */
static void start_server(void)
{
	char ports[128];
	FILE *f = NULL;

	server.pid = fork();
	if (server.pid == 0) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(126);
		execlp("nats-server", "nats-server", "-a", "127.0.0.1", "-p",
			server.port, "-js", "-sd", server.dir,
			"--ports_file_dir", server.dir, (char *)NULL);
		_exit(127);
	}
	snprintf(ports, sizeof ports, "%s/nats-server_%d.ports", server.dir,
		(int)server.pid);
	for (int64_t until_ms = clock_mono_ms() + WAIT_MS;
		!f && clock_mono_ms() < until_ms; clock_sleep_ms(LOOK_MS))
		f = fopen(ports, "re");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "{\"nats\":[\"%63[^\"]\"", server.url), 1);
	fclose(f);
	snprintf(server.port, sizeof server.port, "%s",
		strrchr(server.url, ':') + 1);
}

static void stop_server(void)
{
	kill(server.pid, SIGKILL);
	waitpid(server.pid, NULL, 0);
}

static void forget_all(void)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'/*", server.dir);
	assert_int_equal(system(command), 0);
}

static void begin_server(void)
{
	strcpy(server.dir, "/tmp/nevod-test-XXXXXX");
	assert_non_null(mkdtemp(server.dir));
	strcpy(server.port, "-1");
	start_server();
}

static void end_server(void)
{
	stop_server();
	forget_all();
	rmdir(server.dir);
}

/* -- workers -- */

struct fake {
	char id[32];
	struct worker *push;
	struct worker_nats *nats;
	pthread_t slots[CONTRACT_SLOTS];
	atomic_int mode, started;
	int running;
};

static struct fake fakes[WORKERS_MAX];
static int n_fakes;

static json_t *info(void *fake)
{
	const struct fake *f = fake;
	int n, n_free;

	worker_push_count(f->push, &n, &n_free);
	return json_pack("{s:i, s:i, s:[s], s:s, s:s, s:[]}", "slots", n,
		"free", n_free, "kernels", CONTRACT_KERNELS, "cpu", "a fake",
		"version", NEVOD_VERSION, "datasets");
}

static int offer(void *fake, const json_t *job, struct err *e)
{
	struct fake *f = fake;
	char *body = json_dumps(job, JSON_COMPACT | JSON_SORT_KEYS);
	int rc = worker_push_offer(f->push,
		&(struct worker_offer){
			.id = json_string_value(json_object_get(job, "id")),
			.body = body,
			.memory_mb = 1},
		e);

	free(body);
	return rc;
}

/* Blobs are kept nowhere: there is one. */
static int keep(void *fake, const char *sha256, const void *bytes, size_t n,
	struct err *e)
{
	(void)fake;
	(void)sha256;
	if (n == strlen(CONTRACT_WEIGHTS) &&
		memcmp(bytes, CONTRACT_WEIGHTS, n) == 0)
		return 0;
	return err_set(e, ERR_WORLD, "other weights");
}

static int give_blob(
	void *ctx, const char *sha256, struct buf *out, struct err *e)
{
	char hex[SHA256_HEX_BYTES];

	(void)ctx;
	sha256_of(CONTRACT_WEIGHTS, strlen(CONTRACT_WEIGHTS), hex);
	if (strcmp(hex, sha256) == 0)
		return buf_puts(out, CONTRACT_WEIGHTS, e);
	return err_set(e, ERR_NOT_FOUND, "there is no such blob");
}

static void add_weights(struct worker_outcome *o, json_t *result)
{
	const size_t n = strlen(CONTRACT_WEIGHTS);
	char hex[SHA256_HEX_BYTES];

	sha256_of(CONTRACT_WEIGHTS, n, hex);
	json_object_set_new(result, "weights",
		json_pack("{s:s, s:i}", "sha256", hex, "bytes", (int)n));
	o->weights = memcpy(xcalloc(1, n), CONTRACT_WEIGHTS, n);
	o->n_weights = n;
}

static void finish(struct fake *f, struct worker_job *j, int mode)
{
	struct worker_outcome o = {.status = {.state = WORKER_DONE}};
	const int crashed = mode == CONTRACT_CRASHES;

	if (mode == CONTRACT_FAILS) {
		o.status.state = WORKER_FAILED;
		o.status.whose = "world";
		strcpy(o.status.code, "luck");
		strcpy(o.status.reason, "out of luck");
	} else {
		o.status.result = json_pack("{s:s, s:f, s:o}", "id", j->id,
			"fitness", mode == LIES ? 0.9 : 0.1, "failure",
			crashed ? json_pack("{s:s}", "whose", "crash")
				: json_null());
		if (strstr(j->id, "/final/"))
			add_weights(&o, o.status.result);
	}
	if (crashed) {
		o.status.state = WORKER_FAILED;
		o.status.whose = "crash";
	}
	worker_deliver(f->push, j, &o);
}

static void *slot_main(void *fake)
{
	struct fake *f = fake;
	struct worker_job *j;

	while ((j = worker_take(f->push))) {
		f->started++;
		while (f->mode == CONTRACT_HANGS && worker_wanted(f->push, j)) {
			worker_progress(f->push, j, 7, 9);
			clock_sleep_ms(LOOK_MS);
		}
		if (worker_wanted(f->push, j)) {
			finish(f, j, f->mode);
		} else {
			struct worker_outcome o = {
				.status = {.state = WORKER_CANCELLED}};

			worker_deliver(f->push, j, &o);
		}
	}
	return NULL;
}

static void job_ended(void *fake)
{
	const struct fake *f = fake;

	worker_nats_job_ended(f->nats);
}

static void start_fake(struct fake *f)
{
	static int starts;
	struct err e = {0};

	snprintf(f->id, sizeof f->id, "fake-%d", ++starts);
	f->push = worker_push_new(
		&(struct worker_push_options){.slots = CONTRACT_SLOTS,
			.memory_mb = 100,
			.forget_ms = WORKER_PUSH_FORGET_MS,
			.keep_ms = WORKER_PUSH_KEEP_MS,
			.ended = job_ended,
			.ctx = f});
	f->nats = worker_nats_new(
		&(struct worker_nats_options){.at = {.url = server.url},
			.id = f->id,
			.host = "here",
			.clerk = {.worker = f->push, .offer = offer, .ctx = f},
			.info = info,
			.keep = keep,
			.ctx = f,
			.log = &silent},
		&e);
	assert_non_null(f->nats);
	for (int i = 0; i < CONTRACT_SLOTS; i++)
		pthread_create(&f->slots[i], NULL, slot_main, f);
	f->running = 1;
}

static void stop_fake(struct fake *f)
{
	if (!f->running)
		return;
	worker_nats_stop(f->nats);
	worker_stop(f->push);
	for (int i = 0; i < CONTRACT_SLOTS; i++)
		pthread_join(f->slots[i], NULL);
	worker_nats_free(f->nats);
	worker_free(f->push);
	f->push = NULL;
	f->running = 0;
}

/* -- the place -- */

static void behave(int worker, enum contract_worker how)
{
	fakes[worker].mode = (int)how;
}

static void begin_place(int n, enum contract_worker first)
{
	begin_server();
	memset(fakes, 0, sizeof fakes);
	n_fakes = n;
	behave(0, first);
	for (int i = 0; i < n; i++)
		start_fake(&fakes[i]);
}

static void end_place(void)
{
	for (int i = 0; i < n_fakes; i++)
		stop_fake(&fakes[i]);
	end_server();
}

static void kill_worker(int i)
{
	stop_fake(&fakes[i]);
}

static void revive(int i)
{
	start_fake(&fakes[i]);
}

static int same(const json_t *a, const json_t *b)
{
	return json_equal(a, b);
}

static struct dispatch *open_place(struct err *e)
{
	return dispatch_open(&(struct dispatch_options){.url = server.url,
				     .ack_wait_ms = 1000,
				     .blob = give_blob,
				     .same = same,
				     .log = &silent},
		e);
}

static int started(void)
{
	int n = 0;

	for (int i = 0; i < n_fakes; i++)
		n += fakes[i].started;
	return n;
}

/* What they have started and know no more. */
static int ended(void)
{
	int n = started();

	for (int i = 0; i < n_fakes; i++) {
		json_t *ids = fakes[i].push ? worker_push_ids(fakes[i].push)
					    : NULL;

		n -= (int)json_array_size(ids);
		json_decref(ids);
	}
	return n;
}

/* -- the queue's own -- */

static struct dispatch *begin(int n, enum contract_worker first)
{
	struct dispatch *d;

	begin_place(n, first);
	d = open_place(NULL);
	assert_non_null(d);
	return d;
}

static void end(struct dispatch *d)
{
	dispatch_free(d);
	end_place();
}

static void submit(struct dispatch *d, const char *id, int witnessed)
{
	char body[200];

	snprintf(body, sizeof body, "{\"id\":\"%s\"}", id);
	dispatch_submit(d, &(struct dispatch_job){.id = id,
				   .body = body,
				   .kernels = CONTRACT_KERNELS,
				   .witnessed = witnessed});
}

static struct dispatch_result take(struct dispatch *d)
{
	struct dispatch_result r;

	assert_int_equal(dispatch_take(d, WAIT_MS, &r), 1);
	return r;
}

static void await_started(int n)
{
	const int64_t until_ms = clock_mono_ms() + WAIT_MS;

	while (started() < n && clock_mono_ms() < until_ms)
		clock_sleep_ms(LOOK_MS);
	assert_true(started() >= n);
}

static void await_workers(struct dispatch *d, size_t n)
{
	const int64_t until_ms = clock_mono_ms() + WAIT_MS;
	struct dispatch_worker *w;
	struct arena mem;
	size_t found;

	do {
		clock_sleep_ms(LOOK_MS);
		arena_init(&mem, 1 << 20);
		found = dispatch_workers(d, &mem, &w);
		arena_release(&mem);
	} while (found < n && clock_mono_ms() < until_ms);
	assert_int_equal(found, n);
}

static void what_the_queue_loses_is_published_again(void **state)
{
	struct dispatch *d = begin(1, CONTRACT_HANGS);
	struct dispatch_result r;
	char id[DISPATCH_ID_MAX];

	(void)state;
	for (int i = 0; i < 6; i++) {
		snprintf(id, sizeof id, "run/0/%d/0/0", i);
		submit(d, id, 0);
	}
	await_started(CONTRACT_SLOTS);
	stop_server();
	forget_all();
	start_server();
	behave(0, CONTRACT_GOOD);
	for (int i = 0; i < 6; i++) {
		r = take(d);
		dispatch_done(d, r.id);
		dispatch_result_release(&r);
	}
	assert_int_equal(started(), 6);
	end(d);
}

static void a_broker_that_follows_another_finds_what_runs(void **state)
{
	struct dispatch *d = begin(1, CONTRACT_HANGS), *next;
	struct dispatch_result r;
	struct dispatch_load l;

	(void)state;
	submit(d, "run/0/0/0/0", 0);
	await_started(1);
	next = open_place(NULL);
	submit(next, "run/0/0/0/0", 0);
	do
		dispatch_load(next, "run/", &l);
	while (l.running < 1);
	behave(0, CONTRACT_GOOD);
	r = take(next);
	dispatch_result_release(&r);
	assert_int_equal(started(), 1);
	do
		dispatch_load(d, "run/", &l);
	while (strcmp(l.fault, "another broker has taken the queue over") != 0);
	dispatch_free(next);
	end(d);
}

static void a_witnessed_job_is_run_by_two(void **state)
{
	struct dispatch *d = begin(2, CONTRACT_GOOD);
	struct dispatch_result r;

	(void)state;
	await_workers(d, 2);
	submit(d, "run/0/0/0/0", 1);
	r = take(d);
	assert_int_equal(fakes[0].started, 1);
	assert_int_equal(fakes[1].started, 1);
	assert_string_equal(r.liar, "");
	dispatch_result_release(&r);
	end(d);
}

static void a_third_decides_and_the_liar_gets_no_more(void **state)
{
	struct dispatch *d = begin(3, LIES);
	struct dispatch_worker *w;
	struct dispatch_result r;
	struct arena mem;
	size_t n, aside = 0;
	int lies;

	(void)state;
	await_workers(d, 3);
	for (int i = 0; fakes[0].started == 0; i++) {
		char id[DISPATCH_ID_MAX];

		snprintf(id, sizeof id, "run/0/%d/0/0", i);
		submit(d, id, 1);
		r = take(d);
		assert_true(json_real_value(json_object_get(
				    r.document, "fitness")) < 0.5);
		dispatch_done(d, r.id);
		dispatch_result_release(&r);
	}
	lies = fakes[0].started;
	arena_init(&mem, 1 << 20);
	n = dispatch_workers(d, &mem, &w);
	for (size_t i = 0; i < n; i++)
		aside += w[i].aside && strcmp(w[i].id, fakes[0].id) == 0;
	arena_release(&mem);
	assert_int_equal(aside, 1);
	submit(d, "run/1/0/0/0", 1);
	r = take(d);
	dispatch_result_release(&r);
	assert_int_equal(fakes[0].started, lies);
	end(d);
}

static void a_worker_that_comes_by_http_is_told_so(void **state)
{
	struct dispatch *d = begin(0, CONTRACT_GOOD);
	struct err e = {0};

	(void)state;
	assert_int_equal(dispatch_join(d,
				 &(struct dispatch_member){.id = "a",
					 .url = "http://127.0.0.1:1"},
				 &e),
		ERR_INVALID);
	assert_non_null(strstr(e.text, "--queue URL"));
	end(d);
}

static void an_impossible_url_is_refused(void **state)
{
	static const char *const urls[] = {
		"nats://", "nats://a,http://b", "tls://,nats://a"};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		e = (struct err){0};
		assert_null(
			dispatch_open(&(struct dispatch_options){.url = urls[i],
					      .log = &silent},
				&e));
		assert_int_equal(e.code, ERR_INVALID);
	}
}

int main(void)
{
	const struct dispatch_place nats = {
		.name = "nats",
		.begin = begin_place,
		.end = end_place,
		.open = open_place,
		.close = dispatch_free,
		.behave = behave,
		.kill = kill_worker,
		.revive = revive,
		.started = started,
		.ended = ended,
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_queue_loses_is_published_again),
		cmocka_unit_test(a_broker_that_follows_another_finds_what_runs),
		cmocka_unit_test(a_witnessed_job_is_run_by_two),
		cmocka_unit_test(a_third_decides_and_the_liar_gets_no_more),
		cmocka_unit_test(a_worker_that_comes_by_http_is_told_so),
		cmocka_unit_test(an_impossible_url_is_refused),
	};

	signal(SIGPIPE, SIG_IGN);
	if (system("nats-server --version >/dev/null 2>&1") != 0)
		return 77; /* skipped: none is installed */
	cmocka_set_test_filter(getenv("NEVOD_TEST_ONLY"));
	return dispatch_contract(&nats) +
	       cmocka_run_group_tests_name("nats alone", tests, NULL, NULL);
}
