/* fork.c -- the members of a fork. */
#include "wire/fork.h"

#define AT(member) offsetof(struct fork, member)
#define GENERATION_MAX 100000

static const struct field rows[] = {
	{.key = "run",
		.type = FIELD_TEXT,
		.at = AT(run),
		.lo = 1,
		.hi = UUID_TEXT_BYTES - 1},
	{.key = "generation",
		.type = FIELD_WHOLE,
		.at = AT(generation),
		.given = AT(has_generation),
		.hi = GENERATION_MAX},
};

static int check(const void *fork, const char *at, struct err *e)
{
	const struct fork *f = fork;
	char uuid[UUID_TEXT_BYTES];

	if (uuid_parse(f->run, uuid))
		return 0;
	return err_at(
		e, ERR_RANGE, at, "run", "\"run\" must be the UUID of a run");
}

const struct fields fork_fields = {
	FIELDS(struct fork, rows), .what = "\"fork\"", .check = check};
