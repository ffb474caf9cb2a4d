/* pages.c -- a service's part of the table: all of Swagger UI, and the home
 * page and the OpenAPI document that are its own. */
#include "service/pages/pages.h"

#include <assert.h>
#include <stdio.h>

struct docs pages_docs(const char *service)
{
	struct docs d = {
		.service = service, .assets = assets, .n_assets = n_assets};
	char path[64];

	snprintf(path, sizeof path, "/openapi/%s.json", service);
	d.openapi = asset_find(assets, n_assets, path);
	assert(d.openapi);
	snprintf(path, sizeof path, "/home/%s.html", service);
	d.home = asset_find(assets, n_assets, path);
	assert(d.home);
	return d;
}
