/* member_info.c -- see member_info.h. */
#include "dispatch/member_info.h"

#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/version.h"

#define SLOTS_MAX 4096

/* Joins the list of kernel classes with blanks. */
static int read_kernels(
	const json_t *info, char *out, size_t max, struct err *e)
{
	const json_t *list;
	size_t n = 0;

	if (doc_list(info, "", "kernels", 1, DISPATCH_KERNELS_MAX, &list, e))
		return e->code;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *name = json_string_value(json_array_get(list, i));

		if (!name || strchr(name, ' ') || n + strlen(name) + 2 > max)
			return err_at(e, ERR_INVALID, "", "kernels",
				"must be a list of short names");
		n += (size_t)snprintf(
			out + n, max - n, "%s%s", i ? " " : "", name);
	}
	return 0;
}

/* A number for each of its kernels; an older worker says none. */
static int read_speeds(
	const json_t *info, struct dispatch_worker *out, struct err *e)
{
	const json_t *list = json_object_get(info, "gflops");
	int rc;

	if (!list)
		return 0;
	rc = doc_list(info, "", "gflops", 0, DISPATCH_KERNELS_MAX, &list, e);
	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
		out->gflops[i] = json_number_value(json_array_get(list, i));
	return rc;
}

/* Reads what GET /v1/info says into those members of `out`. */
static int read_info(
	const json_t *info, struct dispatch_worker *out, struct err *e)
{
	const char *version, *cpu;
	int rc;

	if ((rc = doc_int(info, "", "slots", 0, SLOTS_MAX, &out->slots, e)) ||
		(rc = doc_int(info, "", "free", 0, SLOTS_MAX, &out->free, e)) ||
		(rc = read_kernels(
			 info, out->kernels, sizeof out->kernels, e)) ||
		(rc = read_speeds(info, out, e)) ||
		(rc = doc_str(info, "", "version", 0, sizeof out->version - 1,
			 &version, e)) ||
		(rc = doc_str(
			 info, "", "cpu", 0, sizeof out->cpu - 1, &cpu, e)))
		return rc;
	strcpy(out->version, version);
	strcpy(out->cpu, cpu);
	return 0;
}

/* Takes over what it says of itself. */
static void describe(
	struct dispatch_worker *out, const struct dispatch_worker *now)
{
	out->slots = now->slots;
	out->free = now->free;
	strcpy(out->kernels, now->kernels);
	memcpy(out->gflops, now->gflops, sizeof now->gflops);
	strcpy(out->version, now->version);
	strcpy(out->cpu, now->cpu);
}

int member_info_read(
	const json_t *info, struct dispatch_worker *out, struct err *e)
{
	struct dispatch_worker now = {0};
	int rc = read_info(info, &now, e);

	if (rc == 0)
		rc = version_check(now.version, e);
	if (rc == 0)
		describe(out, &now);
	return rc;
}
