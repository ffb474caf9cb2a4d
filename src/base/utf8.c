/* utf8.c -- shortest forms only, no surrogates. */
#include "base/utf8.h"

#include <stdint.h>

int utf8_bytes(const char *text)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	int n = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : 4;
	uint32_t c = n == 1 ? *s : *s & (0x7fu >> n);

	if (n == 4 && *s >> 3 != 30)
		return 0;
	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	return c >= least[n] && c <= 0x10ffff && c >> 11 != 0x1b ? n : 0;
}
