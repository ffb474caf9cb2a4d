/* job_head.c -- the head of jobs and results. */
#include "wire/job_head.h"

const char *job_kind_name(int final)
{
	static const char *const names[] = {"fitness", "final", NULL};

	return names[final];
}

/* The kind must tell the same as the id. */
int job_head_check(const char *id, int final, const char *at, struct err *e)
{
	struct job_id parts;
	struct err why = {0};

	if (job_id_read(id, &parts, &why))
		return err_at(e, ERR_INVALID, at, "id", "%s", why.text);
	if (final != parts.final)
		return err_at(e, ERR_INVALID, at, "kind",
			"\"kind\" must be \"%s\" for this id",
			job_kind_name(parts.final));
	return 0;
}

int job_head_version(
	const json_t *v, const char *what, int latest, struct err *e)
{
	const json_t *version = json_object_get(v, "version");

	if (!json_is_number(version) || json_number_value(version) <= latest)
		return 0;
	return err_at(e, ERR_RANGE, "", "version",
		"this %s is of version %.15g, and nevod " NEVOD_VERSION
		" reads versions up to %d: it is too old for the program that "
		"wrote the %s",
		what, json_number_value(version), latest, what);
}
