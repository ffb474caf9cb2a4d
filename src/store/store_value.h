/* store_value.h -- a value as a database has it. */
#ifndef STORE_STORE_VALUE_H
#define STORE_STORE_VALUE_H

#include <stdint.h>

enum store_type { STORE_INT, STORE_REAL, STORE_TEXT };

/* A parameter or a column. */
struct store_value {
	enum store_type type;
	int64_t integer;
	double real;
	const char *text; /* NULL is NULL */
};

#endif
