/* fuzz_query.c -- what stands behind the question mark, as anybody may send
 * it. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "http/local.h"

/* Answers with what it finds, which is in bounds or told. */
static void find(void *ctx, const struct http_request *q, struct http_reply *r)
{
	const char *state = http_query(q, "state");
	int64_t limit = 1;
	struct err e = {0};

	(void)ctx;
	must(!http_query(q, "unknown"));
	if (http_query_int(q, "limit", 1, 30, &limit, &e)) {
		must(e.text[0] != '\0');
		http_reply_error(r, &e);
		return;
	}
	must(limit >= 1 && limit <= 30);
	http_reply_bytes(r, 200, "text/plain", state ? state : "",
		state ? strlen(state) : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct http_route routes[] = {
		{"GET", "/v1/list", find, 0, 0, "limit state"},
	};
	const struct http_options o = {
		.service = "fuzz", .routes = routes, .n_routes = 1};
	char *query = strndup((const char *)data, size), *target = NULL;
	struct http_local a;

	must(query && asprintf(&target, "/v1/list?%s", query) > 0);
	http_local_ask(&o, "GET", target, NULL, &a);
	must(a.status == 200 || a.status == 400 || a.status == 422);
	must(a.status == 200 || (a.json && json_object_get(a.json, "error")));
	http_local_release(&a);
	free(target);
	free(query);
	return 0;
}
