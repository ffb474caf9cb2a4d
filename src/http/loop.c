/* loop.c -- libcurl's multi interface on epoll: the time of a turn grows with
 * what happened, not with how many calls are under way. */
#include "http/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/client_private.h"

#define EVENTS 256
#define WAIT_MOST_MS 1000
#define KEPT_CONNECTIONS 4096L
#define KEPT_HANDLES 1024

struct http_flight {
	struct exchange exchange;
	http_landed *landed;
	void *ctx;
	struct http_flight *next, **at; /* the loop's list */
};

struct http_loop {
	http_turn *turn;
	void *ctx;
	pthread_t thread;
	int started;
	_Atomic int stop; /* set by http_loop_free, seen after a wake */
	int epoll, wake;
	/* The thread's own. */
	CURLM *multi;
	int64_t timer_ms; /* libcurl's, monotonic; -1: none */
	struct http_flight *flights;
	CURL *spare[KEPT_HANDLES];
	int n_spare;
};

/* -- calls -- */

static CURL *take_handle(struct http_loop *l)
{
	CURL *easy = l->n_spare > 0 ? l->spare[--l->n_spare] : curl_easy_init();

	if (!easy)
		abort();
	return easy;
}

static void keep_handle(struct http_loop *l, CURL *easy)
{
	if (l->n_spare < KEPT_HANDLES)
		l->spare[l->n_spare++] = easy;
	else
		curl_easy_cleanup(easy);
}

struct http_flight *http_loop_call(struct http_loop *l,
	const struct http_call *c, http_landed *landed, void *ctx)
{
	struct http_flight *f = xcalloc(1, sizeof *f);

	f->landed = landed;
	f->ctx = ctx;
	f->next = l->flights;
	f->at = &l->flights;
	if (f->next)
		f->next->at = &f->next;
	l->flights = f;
	exchange_begin(&f->exchange, take_handle(l), c);
	curl_easy_setopt(f->exchange.easy, CURLOPT_PRIVATE, f);
	if (curl_multi_add_handle(l->multi, f->exchange.easy))
		abort(); /* out of memory, or ours */
	return f;
}

/* Off the list and off libcurl; what came of it. */
static int end_flight(struct http_loop *l, struct http_flight *f, int code,
	struct http_answer *a, struct err *e)
{
	CURL *easy = f->exchange.easy;
	int rc;

	*f->at = f->next;
	if (f->next)
		f->next->at = f->at;
	curl_multi_remove_handle(l->multi, easy);
	rc = exchange_end(&f->exchange, code, a, e);
	keep_handle(l, easy);
	return rc;
}

void http_loop_drop(struct http_loop *l, struct http_flight *f)
{
	struct http_answer a;
	struct err e;

	end_flight(l, f, EXCHANGE_GIVEN_UP, &a, &e);
	free(f);
}

static void land(struct http_loop *l, struct http_flight *f, int code)
{
	struct http_answer a = {.status = 0};
	struct err e = {0};

	end_flight(l, f, code, &a, &e);
	f->landed(f->ctx, &a, &e);
	http_answer_release(&a);
	free(f);
}

static void land_all(struct http_loop *l)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(l->multi, &left))) {
		struct http_flight *f;
		int code = (int)m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &f);
		land(l, f, code);
	}
}

/* -- sockets and the timer, as libcurl asks for them -- */

static int watch_socket(
	CURL *easy, curl_socket_t s, int what, void *loop, void *known)
{
	struct epoll_event ev = {.data.fd = s};
	struct http_loop *l = loop;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, s, NULL);
		return 0;
	}
	if (what & CURL_POLL_IN)
		ev.events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		ev.events |= EPOLLOUT;
	if (epoll_ctl(l->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, s, &ev))
		return -1;
	curl_multi_assign(l->multi, s, l);
	return 0;
}

static int set_timer(CURLM *multi, long wait_ms, void *loop)
{
	struct http_loop *l = loop;

	(void)multi;
	l->timer_ms = wait_ms < 0 ? -1 : clock_mono_ms() + wait_ms;
	return 0;
}

/* -- the thread -- */

static int wait_ms(const struct http_loop *l, int64_t due_ms)
{
	const int64_t now_ms = clock_mono_ms();

	if (l->timer_ms >= 0 && l->timer_ms < due_ms)
		due_ms = l->timer_ms;
	if (due_ms <= now_ms)
		return 0;
	return due_ms - now_ms > WAIT_MOST_MS ? WAIT_MOST_MS
					      : (int)(due_ms - now_ms);
}

static void act(struct http_loop *l, const struct epoll_event *ev)
{
	int bits = 0, running;
	uint64_t n;

	if (ev->data.fd == l->wake) {
		if (read(l->wake, &n, sizeof n) < 0 && errno != EAGAIN)
			abort();
		return;
	}
	if (ev->events & EPOLLIN)
		bits |= CURL_CSELECT_IN;
	if (ev->events & EPOLLOUT)
		bits |= CURL_CSELECT_OUT;
	if (ev->events & (EPOLLERR | EPOLLHUP))
		bits |= CURL_CSELECT_ERR;
	curl_multi_socket_action(l->multi, ev->data.fd, bits, &running);
}

static void *loop_main(void *loop)
{
	struct http_loop *l = loop;
	struct epoll_event events[EVENTS];
	int running;

	while (!l->stop) {
		int64_t due_ms = l->turn(l->ctx);
		int n = epoll_wait(
			l->epoll, events, EVENTS, wait_ms(l, due_ms));

		for (int i = 0; i < n; i++)
			act(l, &events[i]);
		if (l->timer_ms >= 0 && l->timer_ms <= clock_mono_ms()) {
			l->timer_ms = -1;
			curl_multi_socket_action(
				l->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		land_all(l);
	}
	return NULL;
}

static int open_loop(struct http_loop *l)
{
	struct epoll_event ev = {.events = EPOLLIN};

	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ev.data.fd = l->wake;
	if (l->epoll < 0 || l->wake < 0 ||
		epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->wake, &ev))
		return -1;
	l->multi = curl_multi_init();
	if (!l->multi)
		abort();
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(l->multi, CURLMOPT_SOCKETDATA, l);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(l->multi, CURLMOPT_TIMERDATA, l);
	curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
	l->timer_ms = -1;
	return 0;
}

static void close_loop(struct http_loop *l)
{
	while (l->flights)
		http_loop_drop(l, l->flights);
	while (l->n_spare > 0)
		curl_easy_cleanup(l->spare[--l->n_spare]);
	if (l->multi)
		curl_multi_cleanup(l->multi);
	if (l->wake >= 0)
		close(l->wake);
	if (l->epoll >= 0)
		close(l->epoll);
	free(l);
}

struct http_loop *http_loop_new(http_turn *turn, void *ctx, struct err *e)
{
	struct http_loop *l = xcalloc(1, sizeof *l);

	l->turn = turn;
	l->ctx = ctx;
	l->epoll = l->wake = -1;
	if (open_loop(l)) {
		err_set(e, ERR_WORLD, "no descriptors for a loop: %s",
			strerror(errno));
		close_loop(l);
		return NULL;
	}
	return l;
}

int http_loop_start(struct http_loop *l, struct err *e)
{
	if (pthread_create(&l->thread, NULL, loop_main, l))
		return err_set(e, ERR_WORLD, "cannot start a thread");
	l->started = 1;
	return 0;
}

void http_loop_wake(struct http_loop *l)
{
	const uint64_t one = 1;

	/* A counter that is full wakes it too. */
	if (write(l->wake, &one, sizeof one) < 0 && errno != EAGAIN)
		abort();
}

void http_loop_free(struct http_loop *l)
{
	if (!l)
		return;
	l->stop = 1;
	http_loop_wake(l);
	if (l->started)
		pthread_join(l->thread, NULL);
	close_loop(l);
}
