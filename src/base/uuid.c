/* uuid.c -- 128 bits of the kernel's randomness. */
#include "base/uuid.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void uuid_make(char out[UUID_TEXT_BYTES])
{
	unsigned char b[16];
	int n = 0;

	if (getrandom(b, sizeof b, 0) != sizeof b)
		abort();
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		n += snprintf(out + n, 3, "%02x", b[i]);
	}
}

int uuid_parse(const char *s, char out[UUID_TEXT_BYTES])
{
	char text[UUID_TEXT_BYTES];

	if (strlen(s) != UUID_TEXT_BYTES - 1)
		return 0;
	for (int i = 0; i < UUID_TEXT_BYTES - 1; i++) {
		int dash = i == 8 || i == 13 || i == 18 || i == 23;
		char c = s[i];

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		if (dash ? c != '-' : !strchr("0123456789abcdef", c))
			return 0;
		text[i] = c;
	}
	text[UUID_TEXT_BYTES - 1] = '\0';
	memcpy(out, text, sizeof text);
	return 1;
}
