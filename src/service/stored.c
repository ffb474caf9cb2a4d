/* stored.c -- a stored text back as the document that it is. */
#include "service/stored.h"

json_t *stored_json(const char *text)
{
	return text ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;
}
