/* test_server.c -- what a server answers, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "http/server.h"
#include "temp_folder.h"
#include "wire.h"

#define SMALL_BODY 64
#define CLOSE "Host: localhost\r\nConnection: close\r\n"
#define JSON "Content-Type: application/json\r\n"

static const struct log quiet = {.service = "test", .level = LOG_ERROR};

/* -- handlers -- */

/* Says how many bytes came, and the last of them. */
static void weigh(void *ctx, const struct http_request *q, struct http_reply *r)
{
	size_t n;
	const char *bytes = http_bytes(q, &n);

	(void)ctx;
	http_reply_json(r, 200,
		json_pack("{s:I,s:i}", "n", (json_int_t)n, "last",
			n ? bytes[n - 1] : -1));
}

/* Says the body, the parameter and the queries back. */
static void echo(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *text = http_query(q, "text");
	struct err e = {0};
	int64_t n = 7;

	(void)ctx;
	if (http_query_int(q, "n", 1, 30, &n, &e)) {
		http_reply_error(r, &e);
		return;
	}
	http_reply_header(r, "X-Kept", "yes");
	http_reply_json(r, 200,
		json_pack("{s:O?,s:s,s:s?,s:I}", "body", http_body(q), "id",
			http_param(q, "id"), "text", text, "n", n));
}

static void numbers(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	(void)ctx;
	(void)q;
	http_reply_json(r, 200,
		json_pack("{s:f,s:f,s:f}", "z", 0.28, "b", 0.1, "a", 1e-7));
}

/* Fails with the code in the path. */
static void fail_with(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	struct err e;

	(void)ctx;
	err_at(&e, -atoi(http_param(q, "id")), "/genome", "filters",
		"it is \"so\"");
	http_reply_error(r, &e);
}

/* Ten digits. */
static void digits(
	void *ctx, const struct http_request *q, struct http_reply *r)
{
	FILE *f = tmpfile();
	int fd;

	(void)ctx;
	assert_non_null(f);
	assert_int_equal(fwrite("0123456789", 1, 10, f), 10);
	assert_int_equal(fflush(f), 0);
	fd = dup(fileno(f));
	fclose(f);
	http_reply_file(q, r, "text/plain", fd, 10);
}

static const struct http_route routes[] = {
	{"GET", "/v1/digits", digits, 0, 0, NULL},
	{"GET", "/v1/work", echo, HTTP_WORK, 0, NULL},
	{"GET", "/healthz", echo, HTTP_OPEN, 0, NULL},
	{"GET", "/numbers", numbers, 0, 0, NULL},
	{"POST", "/create_child", echo, HTTP_LEGACY, 0, NULL},
	{"GET", "/v1/things/{id}", echo, 0, 0, "text n"},
	{"PUT", "/v1/things/{id}", echo, 0, SMALL_BODY, "text n"},
	{"POST", "/v1/large", echo, 0, (size_t)8 << 20, NULL},
	{"PUT", "/v1/bytes", weigh, HTTP_BYTES, 0, NULL},
	{"GET", "/fail/{id}", fail_with, HTTP_LEGACY, 0, NULL},
	{"GET", "/v1/fail/{id}", fail_with, 0, 0, NULL},
};

/* -- a server for one test -- */

static const char tokens[] = "# of this test\nworker w0rk\nread l00k\ns3cret\n";
static struct http_access *access_of_all;

static struct http_server *serve(const char *bind, int with_tokens)
{
	static const char *const names[] = {"gpu.example", NULL};
	const struct http_options o = {.service = "test",
		.bind = bind,
		.access = with_tokens ? access_of_all : NULL,
		.names = names,
		.routes = routes,
		.n_routes = sizeof routes / sizeof *routes,
		.log = &quiet};
	struct err e = {0};
	struct http_server *s = http_server_new(&o, &e);

	if (!s)
		fail_msg("%s", e.text);
	return s;
}

static int open_server(void **state)
{
	*state = serve("127.0.0.1", 0);
	return 0;
}

static int token_server(void **state)
{
	char path[TEMP_FOLDER_BYTES + 8], folder[TEMP_FOLDER_BYTES];
	FILE *f;

	temp_folder_make(folder);
	snprintf(path, sizeof path, "%s/tokens", folder);
	umask(077);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(tokens, f);
	fclose(f);
	access_of_all = http_access_open(path, NULL);
	assert_non_null(access_of_all);
	temp_folder_remove(folder);
	*state = serve("127.0.0.1", 1);
	return 0;
}

/* Reached from elsewhere, and without a token. */
static int wide_server(void **state)
{
	*state = serve("0.0.0.0", 0);
	return 0;
}

static int stop_server(void **state)
{
	http_server_free(*state, 5000);
	http_access_free(access_of_all);
	access_of_all = NULL;
	return 0;
}

/* The answer to `head` (request line and headers, each ending in CRLF) and
 * `body`, whose length is declared when there is one. */
static char *ask(void **state, const char *head, const char *body)
{
	char text[16384], length[64] = "";

	if (body)
		snprintf(length, sizeof length, "Content-Length: %zu\r\n",
			strlen(body));
	snprintf(text, sizeof text, "%s%s\r\n%s", head, length,
		body ? body : "");
	return wire_ask(http_server_port(*state), text);
}

/* Asks, expects the status and that the answer holds `part` (or NULL). */
static void expect(void **state, const char *head, const char *body, int status,
	const char *part)
{
	char *answer = ask(state, head, body);

	if (wire_status(answer) != status || (part && !strstr(answer, part)))
		fail_msg("wanted %d and %s of %s, got\n%s", status,
			part ? part : "anything", head, answer);
	free(answer);
}

static void expect_without(void **state, const char *head, const char *part)
{
	char *answer = ask(state, head, NULL);

	assert_null(strstr(answer, part));
	free(answer);
}

/* -- routes and errors -- */

static void a_handler_gets_parameters_queries_and_body(void **state)
{
	expect(state,
		"PUT /v1/things/a%2Fb?text=x+%26y&n=3 HTTP/1.1\r\n" CLOSE JSON,
		"{\"k\":[1]}", 200,
		"{\"body\":{\"k\":[1]},\"id\":\"a/b\",\"text\":\"x &y\","
		"\"n\":3}");
	expect(state, "GET /v1/things/7 HTTP/1.1\r\n" CLOSE, NULL, 200,
		"{\"body\":null,\"id\":\"7\",\"text\":null,\"n\":7}");
	expect(state, "GET /v1/things/7 HTTP/1.1\r\n" CLOSE, NULL, 200,
		"X-Kept: yes");
}

static void a_file_is_answered_whole_or_by_the_range_that_is_asked_for(
	void **state)
{
	static const struct {
		const char *range;
		int status;
		const char *header, *body;
	} cases[] = {
		{"bytes=0-3", 206, "Content-Range: bytes 0-3/10", "0123"},
		{"bytes=4-", 206, "Content-Range: bytes 4-9/10", "456789"},
		{"bytes=8-99", 206, "Content-Range: bytes 8-9/10", "89"},
		{"bytes=-3", 206, "Content-Range: bytes 7-9/10", "789"},
		{"bytes=-99", 206, "Content-Range: bytes 0-9/10", "0123456789"},
		{"bytes=9-9", 206, "Content-Length: 1\r\n", "9"},
		{"bytes=10-", 416, "Content-Range: bytes */10", NULL},
		{"bytes=-0", 416, "Content-Range: bytes */10", NULL},
		{"bytes=3-2", 200, "Accept-Ranges: bytes", "0123456789"},
		{"bytes=0-1,4-5", 200, "Content-Length: 10", "0123456789"},
		{"bytes=x-", 200, "Content-Length: 10", "0123456789"},
		{"bytes=", 200, "Content-Length: 10", "0123456789"},
		{"bytes=99999999999999999999-", 200, "Content-Length: 10",
			"0123456789"},
		{"lines=0-1", 200, "Content-Length: 10", "0123456789"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char head[200], *answer;

		snprintf(head, sizeof head,
			"GET /v1/digits HTTP/1.1\r\nRange: %s\r\n" CLOSE,
			cases[i].range);
		answer = ask(state, head, NULL);
		assert_int_equal(wire_status(answer), cases[i].status);
		assert_non_null(strstr(answer, cases[i].header));
		if (cases[i].body)
			assert_string_equal(wire_body(answer), cases[i].body);
		free(answer);
	}
}

static void numbers_are_as_short_as_they_can_be_and_in_order(void **state)
{
	expect(state, "GET /numbers HTTP/1.1\r\n" CLOSE, NULL, 200,
		"{\"z\":0.28,\"b\":0.1,\"a\":1e-7}");
}

static void json_is_neither_stored_nor_sniffed(void **state)
{
	expect(state, "GET /numbers HTTP/1.1\r\n" CLOSE, NULL, 200,
		"Cache-Control: no-store");
	expect(state, "GET /numbers HTTP/1.1\r\n" CLOSE, NULL, 200,
		"X-Content-Type-Options: nosniff");
	expect(state, "GET /numbers HTTP/1.1\r\n" CLOSE, NULL, 200,
		"Content-Type: application/json\r\n");
}

static void head_is_get_without_the_body(void **state)
{
	char *answer = ask(state, "HEAD /numbers HTTP/1.1\r\n" CLOSE, NULL);

	assert_int_equal(wire_status(answer), 200);
	assert_non_null(strstr(answer, "Content-Length: 27"));
	assert_string_equal(wire_body(answer), "");
	free(answer);
}

static void a_legacy_path_also_answers_under_api(void **state)
{
	expect(state, "POST /api/create_child HTTP/1.1\r\n" CLOSE JSON,
		"{\"a\":1}", 200, "{\"a\":1}");
	expect(state, "GET /api/numbers HTTP/1.1\r\n" CLOSE, NULL, 404,
		"{\"error\":\"");
}

static void an_unknown_path_is_a_404(void **state)
{
	expect(state, "GET /nothing HTTP/1.1\r\n" CLOSE, NULL, 404,
		"{\"error\":\"");
	expect(state, "GET /v1/nothing HTTP/1.1\r\n" CLOSE, NULL, 404,
		"application/problem+json");
	expect(state, "GET /v1/things/%00 HTTP/1.1\r\n" CLOSE, NULL, 400,
		"percent escape");
	expect(state, "GET /v1/%ff%22%0a HTTP/1.1\r\n" CLOSE, NULL, 404, NULL);
}

static void another_method_is_a_405_with_allow(void **state)
{
	expect(state, "DELETE /v1/things/1 HTTP/1.1\r\n" CLOSE, NULL, 405,
		"Allow: GET, HEAD, PUT\r\n");
	expect(state, "GET /create_child HTTP/1.1\r\n" CLOSE, NULL, 405,
		"Allow: POST\r\n");
}

static void each_code_has_its_status(void **state)
{
	static const int want[][2] = {{ERR_INVALID, 400}, {ERR_RANGE, 422},
		{ERR_NOT_FOUND, 404}, {ERR_CONFLICT, 409}, {ERR_TOO_BIG, 413},
		{ERR_BUSY, 503}, {ERR_WORLD, 503}, {ERR_GENOME, 422},
		{ERR_DENIED, 403}, {-99, 500}};

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		char head[128];

		snprintf(head, sizeof head, "GET /fail/%d HTTP/1.1\r\n" CLOSE,
			-want[i][0]);
		expect(state, head, NULL, want[i][1],
			"{\"error\":\"it is \\\"so\\\"\","
			"\"message\":\"it is \\\"so\\\"\"}");
	}
}

static void under_v1_errors_are_problem_documents(void **state)
{
	expect(state, "GET /v1/fail/1 HTTP/1.1\r\n" CLOSE, NULL, 400,
		"{\"type\":\"about:blank\",\"title\":\"Bad Request\","
		"\"status\":400,\"detail\":\"it is \\\"so\\\"\","
		"\"error\":\"it is \\\"so\\\"\","
		"\"pointer\":\"/genome/filters\"}");
	expect(state, "GET /v1/fail/8 HTTP/1.1\r\n" CLOSE, NULL, 422,
		"\"error\":\"it is \\\"so\\\"\"}");
	expect(state, "GET /v1/fail/6 HTTP/1.1\r\n" CLOSE, NULL, 503,
		"Retry-After: ");
}

static void a_query_number_is_checked(void **state)
{
	expect(state, "GET /v1/things/1?n=30 HTTP/1.1\r\n" CLOSE, NULL, 200,
		"\"n\":30");
	expect(state, "GET /v1/things/1?n=31 HTTP/1.1\r\n" CLOSE, NULL, 422,
		"from 1 to 30");
	expect(state,
		"GET /v1/things/1?n=99999999999999999999 HTTP/1.1\r\n" CLOSE,
		NULL, 422, "from 1 to 30");
	expect(state, "GET /v1/things/1?n=1x HTTP/1.1\r\n" CLOSE, NULL, 400,
		"integer");
	expect(state, "GET /v1/things/1?n= HTTP/1.1\r\n" CLOSE, NULL, 400,
		"integer");
	expect(state, "GET /v1/things/1?n=%201 HTTP/1.1\r\n" CLOSE, NULL, 400,
		"integer");
	expect(state, "GET /v1/things/1?text=1&&n=2&n=9 HTTP/1.1\r\n" CLOSE,
		NULL, 200, "\"n\":2");
}

static void an_unknown_query_parameter_is_refused_under_v1(void **state)
{
	expect(state, "GET /v1/things/1?m=1 HTTP/1.1\r\n" CLOSE, NULL, 400,
		"there is no query parameter \\\"m\\\" here; "
		"known: text n\"");
	expect(state, "GET /v1/things/1?n=1&N HTTP/1.1\r\n" CLOSE, NULL, 400,
		"application/problem+json");
	expect(state, "GET /v1/things/1?text%20n=1 HTTP/1.1\r\n" CLOSE, NULL,
		400, "known: text n");
	expect(state, "GET /v1/things/1?%zz=1 HTTP/1.1\r\n" CLOSE, NULL, 400,
		"known: text n");
	expect(state, "GET /v1/fail/3?a=b HTTP/1.1\r\n" CLOSE, NULL, 400,
		"this path takes none");
	expect(state, "GET /v1/things/1?t%65xt=x&%6e=3&& HTTP/1.1\r\n" CLOSE,
		NULL, 200, "\"text\":\"x\",\"n\":3");
	expect(state, "POST /create_child?m=1 HTTP/1.1\r\n" CLOSE, NULL, 200,
		NULL);
}

/* -- bodies -- */

static void a_body_must_be_json(void **state)
{
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: text/plain\r\n",
		"{}", 415, "application/json");
	expect(state, "POST /create_child HTTP/1.1\r\n" CLOSE, "{}", 415,
		"application/json");
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: application/jsonp\r\n",
		"{}", 415, NULL);
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: APPLICATION/JSON; charset=utf-8\r\n",
		"{}", 200, "\"body\":{}");
}

static void any_type_with_the_suffix_json_is_json(void **state)
{
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: application/vnd.api+json\r\n",
		"{}", 200, "\"body\":{}");
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: application/Problem+JSON ; charset=utf-8\r\n",
		"{}", 200, "\"body\":{}");
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: application/notjson\r\n",
		"{}", 415, NULL);
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: text/x+json\r\n",
		"{}", 415, NULL);
}

static void malformed_json_is_a_400(void **state)
{
	static const char *const bad[] = {"{", "[]", "1", "null", "{\"a\":1}x",
		"{\"a\":1,\"a\":2}", "{\"a\":NaN}", "\xff"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		expect(state, "POST /create_child HTTP/1.1\r\n" CLOSE JSON,
			bad[i], 400, "{\"error\":\"");
}

static void an_empty_body_is_an_empty_object_whatever_its_type(void **state)
{
	expect(state, "POST /create_child HTTP/1.1\r\n" CLOSE, NULL, 200,
		"\"body\":{}");
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Content-Type: text/plain\r\n",
		"", 200, "\"body\":{}");
	expect(state,
		"POST /create_child HTTP/1.1\r\n" CLOSE
		"Transfer-Encoding: chunked\r\n\r\n0\r\n",
		NULL, 200, "\"body\":{}");
}

static void a_body_at_its_limit_passes_and_one_byte_more_is_a_413(void **state)
{
	char body[SMALL_BODY + 2];

	snprintf(body, sizeof body, "{\"k\":\"%0*d\"}", SMALL_BODY - 8, 0);
	assert_int_equal(strlen(body), SMALL_BODY);
	expect(state, "PUT /v1/things/1 HTTP/1.1\r\n" CLOSE JSON, body, 200,
		"0000");
	snprintf(body, sizeof body, "{\"k\":\"%0*d\"}", SMALL_BODY - 7, 0);
	expect(state, "PUT /v1/things/1 HTTP/1.1\r\n" CLOSE JSON, body, 413,
		"limit of 64 bytes");
}

static void a_chunked_body_is_held_to_the_limit_too(void **state)
{
	expect(state,
		"PUT /v1/things/1 HTTP/1.1\r\n" CLOSE JSON
		"Transfer-Encoding: chunked\r\n\r\n"
		"7\r\n{\"k\":1}\r\n0\r\n",
		NULL, 200, "{\"k\":1}");
	expect(state,
		"PUT /v1/things/1 HTTP/1.1\r\n" CLOSE JSON
		"Transfer-Encoding: chunked\r\n\r\n"
		"28\r\n{\"k\":\"0000000000000000000000000000000000\r\n"
		"28\r\n0000000000000000000000000000000000000000\r\n0\r\n",
		NULL, 413, "limit of 64 bytes");
}

static size_t peak_bytes(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	size_t kb = 0;

	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmHWM: %zu", &kb) == 1)
			break;
	if (f)
		fclose(f);
	return kb * 1024;
}

/* Sends 20 MB, declared or in chunks of unknown number, and reads the answer.
 */
static void send_20_mb(void **state, int chunked)
{
	static char piece[1 << 16];
	int fd = wire_open(http_server_port(*state));
	char *answer;

	memset(piece, ' ', sizeof piece);
	wire_say(fd, "POST /create_child HTTP/1.1\r\n" CLOSE JSON);
	wire_say(fd, chunked ? "Transfer-Encoding: chunked\r\n\r\n"
			     : "Content-Length: 20971520\r\n\r\n");
	for (int i = 0; i < 320; i++) {
		if (chunked)
			wire_say(fd, "10000\r\n");
		wire_send(fd, piece, sizeof piece);
		if (chunked)
			wire_say(fd, "\r\n");
	}
	if (chunked)
		wire_say(fd, "0\r\n\r\n");
	answer = wire_read_all(fd);
	assert_int_equal(wire_status(answer), 413);
	assert_non_null(strstr(answer, "limit of 1048576 bytes"));
	free(answer);
	close(fd);
}

static void a_refused_body_is_not_kept_in_memory(void **state)
{
	size_t before = peak_bytes();

	send_20_mb(state, 0);
	send_20_mb(state, 1);
	print_message("peak grew by %zu kB\n", (peak_bytes() - before) / 1024);
	assert_true(peak_bytes() - before < (size_t)8 << 20);
}

static void a_route_may_take_more_than_the_default(void **state)
{
	size_t n = (size_t)3 << 20;
	char *text = xcalloc(n + 256, 1), *answer;
	size_t at = (size_t)snprintf(text, 256,
		"POST /v1/large HTTP/1.1\r\n" CLOSE JSON
		"Content-Length: %zu\r\n\r\n{\"k\":\"",
		n);

	memset(text + at, 'x', n - 8);
	strcpy(text + at + n - 8, "\"}");
	answer = wire_ask(http_server_port(*state), text);
	assert_int_equal(wire_status(answer), 200);
	assert_true(strlen(answer) > n);
	free(answer);
	free(text);
}

static void a_route_of_bytes_takes_them_as_they_are(void **state)
{
	expect(state,
		"PUT /v1/bytes HTTP/1.1\r\n" CLOSE
		"Content-Type: application/octet-stream\r\n",
		"{\"\x01", 200, "\"n\":3,\"last\":1");
	expect(state, "PUT /v1/bytes HTTP/1.1\r\n" CLOSE JSON, "{}", 415,
		"application/octet-stream");
	expect(state, "PUT /v1/bytes HTTP/1.1\r\n" CLOSE, "", 200, "\"n\":0");
}

/* -- access -- */

static void a_token_is_asked_for_except_on_open_routes(void **state)
{
	static const char *const wrong[] = {"", "Authorization: s3cret\r\n",
		"Authorization: Bearer\r\n", "Authorization: Bearer \r\n",
		"Authorization: Bearer s3cre\r\n",
		"Authorization: Bearer s3cret2\r\n",
		"Authorization: Bearer S3cret\r\n",
		"Authorization: Basic s3cret\r\n"};
	char head[256];

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		snprintf(head, sizeof head,
			"GET /numbers HTTP/1.1\r\n" CLOSE "%s", wrong[i]);
		expect(state, head, NULL, 401, "WWW-Authenticate: Bearer");
	}
	expect(state, "POST /create_child HTTP/1.1\r\n" CLOSE JSON, "{}", 401,
		NULL);
	expect(state,
		"GET /numbers HTTP/1.1\r\n" CLOSE
		"Authorization: bearer s3cret\r\n",
		NULL, 200, NULL);
	expect(state, "GET /healthz HTTP/1.1\r\n" CLOSE, NULL, 200, NULL);
}

static void a_foreign_name_of_this_machine_is_refused(void **state)
{
	static const char *const hosts[] = {"evil.example", "localhost.evil",
		"127.0.0.1.evil:80", "[::1]evil", "", "localhos"};
	static const char *const ours[] = {"localhost:1", "LOCALHOST",
		"127.0.0.1", "127.0.0.1:5001", "[::1]:5001", "[::1]"};
	char head[256];

	for (size_t i = 0; i < 6; i++) {
		snprintf(head, sizeof head,
			"GET /numbers HTTP/1.1\r\nHost: %s\r\n"
			"Connection: close\r\n",
			hosts[i]);
		expect(state, head, NULL, 403, "{\"error\":");
		snprintf(head, sizeof head,
			"GET /numbers HTTP/1.1\r\nHost: %s\r\n"
			"Connection: close\r\n",
			ours[i]);
		expect(state, head, NULL, 200, NULL);
	}
}

static void a_token_makes_any_name_good(void **state)
{
	expect(state,
		"GET /numbers HTTP/1.1\r\nHost: gpu7.example\r\n"
		"Connection: close\r\nAuthorization: Bearer s3cret\r\n",
		NULL, 200, NULL);
}

static void expect_for(
	void **state, const char *request, const char *token, int status)
{
	char head[256];

	snprintf(head, sizeof head,
		"%s HTTP/1.1\r\n" CLOSE "Authorization: Bearer %s\r\n%s",
		request, token, strncmp(request, "POST", 4) == 0 ? JSON : "");
	expect(state, head, strncmp(request, "POST", 4) == 0 ? "{}" : NULL,
		status, status == 403 ? "role" : NULL);
}

static void a_body_of_very_many_values_is_refused_before_it_is_read(
	void **state)
{
	static const char head[] = "POST /v1/large HTTP/1.1\r\n" CLOSE JSON
				   "Content-Length: ";
	const size_t n = (size_t)4 << 20, room = n + 256;
	char *text = malloc(room), *answer;
	size_t at = (size_t)snprintf(
		text, room, "%s%zu\r\n\r\n{\"x\":[{}", head, n);
	const size_t end = at - strlen("{\"x\":[{}") + n - 2;

	while (at + 3 <= end)
		at += (size_t)snprintf(text + at, room - at, ",{}");
	while (at < end)
		text[at++] = ' ';
	snprintf(text + at, room - at, "]}");
	answer = wire_ask(http_server_port(*state), text);
	assert_int_equal(wire_status(answer), 413);
	assert_non_null(strstr(answer, "too many values"));
	free(answer);
	free(text);
}

static void a_role_does_what_is_its_own(void **state)
{
	expect_for(state, "GET /numbers", "l00k", 200);
	expect_for(state, "GET /numbers", "w0rk", 403);
	expect_for(state, "GET /v1/work", "w0rk", 200);
	expect_for(state, "GET /v1/work", "l00k", 403);
	expect_for(state, "GET /v1/work", "s3cret", 200);
	expect_for(state, "POST /create_child", "l00k", 403);
	expect_for(state, "POST /create_child", "w0rk", 403);
	expect_for(state, "POST /create_child", "s3cret", 200);
	expect_for(state, "GET /numbers", "l00", 401);
	expect_for(state, "GET /numbers", "l00kk", 401);
}

static void an_allowed_name_and_any_address_are_known(void **state)
{
	static const struct {
		const char *host;
		int status;
	} hosts[] = {{"gpu.example", 200}, {"GPU.example:5001", 200},
		{"10.1.2.3", 200}, {"[fe80::1]:1", 200}, {"localhost", 200},
		{"evil.example", 403}, {"10.1.2.3.evil", 403}};
	char head[256];

	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		snprintf(head, sizeof head,
			"GET /numbers HTTP/1.1\r\nHost: %s\r\n"
			"Connection: close\r\n",
			hosts[i].host);
		expect(state, head, NULL, hosts[i].status, NULL);
	}
}

static void a_page_of_another_origin_is_refused(void **state)
{
	expect(state,
		"GET /numbers HTTP/1.1\r\n" CLOSE
		"Origin: http://localhost\r\n",
		NULL, 200, NULL);
	expect(state,
		"GET /numbers HTTP/1.1\r\n" CLOSE
		"Origin: http://evil.example\r\n",
		NULL, 403, "origin");
	expect(state,
		"GET /numbers HTTP/1.1\r\n" CLOSE
		"Origin: http://localhost:81\r\n",
		NULL, 403, "origin");
	expect(state, "GET /numbers HTTP/1.1\r\n" CLOSE "Origin: null\r\n",
		NULL, 403, "origin");
	expect_without(state,
		"GET /numbers HTTP/1.1\r\n" CLOSE
		"Origin: http://localhost\r\n",
		"Access-Control-Allow-Origin");
}

#define ON(setup, test) \
	cmocka_unit_test_setup_teardown(test, setup, stop_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(open_server,
			a_body_of_very_many_values_is_refused_before_it_is_read),
		ON(open_server, a_handler_gets_parameters_queries_and_body),
		ON(open_server,
			a_file_is_answered_whole_or_by_the_range_that_is_asked_for),
		ON(open_server,
			numbers_are_as_short_as_they_can_be_and_in_order),
		ON(open_server, json_is_neither_stored_nor_sniffed),
		ON(open_server, head_is_get_without_the_body),
		ON(open_server, a_legacy_path_also_answers_under_api),
		ON(open_server, an_unknown_path_is_a_404),
		ON(open_server, another_method_is_a_405_with_allow),
		ON(open_server, each_code_has_its_status),
		ON(open_server, under_v1_errors_are_problem_documents),
		ON(open_server, a_query_number_is_checked),
		ON(open_server, an_unknown_query_parameter_is_refused_under_v1),
		ON(open_server, a_body_must_be_json),
		ON(open_server, any_type_with_the_suffix_json_is_json),
		ON(open_server, malformed_json_is_a_400),
		ON(open_server,
			an_empty_body_is_an_empty_object_whatever_its_type),
		ON(open_server,
			a_body_at_its_limit_passes_and_one_byte_more_is_a_413),
		ON(open_server, a_chunked_body_is_held_to_the_limit_too),
		ON(open_server, a_refused_body_is_not_kept_in_memory),
		ON(open_server, a_route_may_take_more_than_the_default),
		ON(open_server, a_route_of_bytes_takes_them_as_they_are),
		ON(token_server, a_token_is_asked_for_except_on_open_routes),
		ON(open_server, a_foreign_name_of_this_machine_is_refused),
		ON(token_server, a_token_makes_any_name_good),
		ON(token_server, a_role_does_what_is_its_own),
		ON(wide_server, an_allowed_name_and_any_address_are_known),
		ON(open_server, a_page_of_another_origin_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
