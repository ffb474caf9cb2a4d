/* fuzz_routes.c -- a request's method and path, as anybody may send them. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "http/router.h"

#define MEMORY ((size_t)1 << 20)
#define PATH_BYTES ((size_t)1 << 18)

/* Every kind of pattern that the services have. */
static const struct http_route routes[] = {
	{"GET", "/", NULL, 0, 0, NULL},
	{"GET", "/v1/runs", NULL, 0, 0, NULL},
	{"POST", "/v1/runs", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}/genomes/{id}.svg", NULL, 0, 0, NULL},
	{"GET", "/v1/runs/{uuid}/genomes/{id}", NULL, 0, 0, NULL},
	{"DELETE", "/v1/jobs/{id}", NULL, 0, 0, NULL},
	{"GET", "/{a}/{b}/{c}/{d}", NULL, 0, 0, NULL},
	{"POST", "/create_child", NULL, HTTP_LEGACY, 0, NULL},
};
#define ROUTES (sizeof routes / sizeof *routes)

static void add_escaped(struct buf *path, const char *value)
{
	for (; *value; value++)
		must(buf_printf(path, NULL, "%%%02x", (unsigned char)*value) ==
			0);
}

/* The path that a match came from, with all of its parameters escaped. */
static void rebuild(const struct route_match *m, struct buf *path)
{
	const char *p = m->route->path;

	for (int i = 0; *p; p++) {
		if (*p != '{') {
			must(buf_add(path, p, 1, NULL) == 0);
			continue;
		}
		add_escaped(path, m->params[i++].value);
		p = strchr(p, '}');
	}
}

static void find_again(const char *method, const struct route_match *m)
{
	struct route_match again;
	struct arena mem;
	struct buf path;

	arena_init(&mem, MEMORY);
	buf_init(&path, PATH_BYTES);
	rebuild(m, &path);
	must(route_find(routes, ROUTES, method, path.data, &mem, &again,
		     NULL) == 0);
	must(again.route == m->route && again.n_params == m->n_params);
	for (int i = 0; i < m->n_params; i++)
		must(strcmp(again.params[i].value, m->params[i].value) == 0);
	buf_release(&path);
	arena_release(&mem);
}

static void find(const char *method, const char *path)
{
	struct route_match m;
	struct arena mem;
	int rc;

	arena_init(&mem, MEMORY);
	rc = route_find(routes, ROUTES, method, path, &mem, &m, NULL);
	must((rc == 0) == (m.route != NULL));
	must(m.n_params >= 0 && m.n_params <= ROUTE_PARAMS_MAX);
	if (rc == 0)
		find_again(method, &m);
	arena_release(&mem);
}

/* The text is a query's value as well, which may have any byte. */
static void decode(const uint8_t *text, size_t n)
{
	for (int plus = 0; plus < 2; plus++) {
		struct arena mem;
		char *out;

		arena_init(&mem, MEMORY);
		out = route_decode(&mem, (const char *)text, n, plus);
		must(!out || strlen(out) <= n);
		arena_release(&mem);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "DELETE"};
	char *path;

	if (size == 0)
		return 0;
	path = strndup((const char *)data + 1, size - 1);
	must(path != NULL);
	find(methods[data[0] % 4], path);
	decode(data + 1, size - 1);
	free(path);
	return 0;
}
