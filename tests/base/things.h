/* things.h -- a document with a member of every type, for tests of tables. */
#ifndef TESTS_BASE_THINGS_H
#define TESTS_BASE_THINGS_H

#include "base/field.h"

/* What a document holds that a program of version 1 did not know. */
#define THING_VERSION_SHADE 2 /* "hues", and every "shade" */
#define THING_VERSION_GLOSS 3

enum colour { RED = 1, GREEN, BLUE };
#define HUES_MAX 3

struct frame {
	double width; /* 0..10 */
	int shade;    /* since THING_VERSION_SHADE */
};

struct part {
	int64_t id;
	int shade; /* since THING_VERSION_SHADE */
};

/* What a thing has besides, by its shape. */
struct round {
	double radius;
};
struct square {
	int side;
};

struct thing {
	char label[9];
	int count;
	int64_t whole;
	double real;
	int flag;
	char hash[65];
	enum colour colour;
	int n_hues, hues[HUES_MAX];
	int shade, gloss;
	int has_limit;
	double limit;
	int made; /* filled in */
	int pair[2];
	struct frame frame;
	int has_lid;
	struct frame lid;
	const struct part *parts;
	size_t n_parts;
	int shape; /* 0: round, 1: square */
	_Alignas(8) unsigned char own[16];
};

extern const struct fields thing_fields;

/* "red", "green", "blue" from RED on; "dark", "warm", "light" from 0 on. */
const char *colour_name(int colour);
const char *hue_name(int hue);

#endif
