/* version.c -- "MAJOR.MINOR.PATCH", compared up to the last dot. */
#include "base/version.h"

#include <string.h>

static size_t length(const char *version)
{
	const char *dot = strrchr(version, '.');

	return dot ? (size_t)(dot - version) : strlen(version);
}

int version_check(const char *peer, struct err *e)
{
	const size_t n = length(NEVOD_VERSION);

	if (length(peer) == n && memcmp(peer, NEVOD_VERSION, n) == 0)
		return 0;
	return err_set(e, ERR_CONFLICT,
		"nevod %.40s there does not fit nevod " NEVOD_VERSION
		" here: they must differ in the last number at most",
		peer);
}
