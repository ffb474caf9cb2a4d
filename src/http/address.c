/* address.c -- the special-purpose nets of RFC 6890 and its successors. */
#include "http/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct net4 {
	uint32_t net;
	int bits;
};

static const struct net4 special4[] = {
	{0x00000000, 8},  /* this net */
	{0x0a000000, 8},  /* private */
	{0x64400000, 10}, /* behind a carrier's NAT */
	{0x7f000000, 8},  /* this machine */
	{0xa9fe0000, 16}, /* link-local */
	{0xac100000, 12}, /* private */
	{0xc0000000, 24}, /* protocols */
	{0xc0a80000, 16}, /* private */
	{0xc6120000, 15}, /* benchmarks */
	{0xe0000000, 3},  /* groups, reserved, everybody */
};

static int public4(uint32_t a)
{
	for (size_t i = 0; i < sizeof special4 / sizeof *special4; i++)
		if ((a ^ special4[i].net) >> (32 - special4[i].bits) == 0)
			return 0;
	return 1;
}

static uint32_t number(const uint8_t *four)
{
	return (uint32_t)four[0] << 24 | (uint32_t)four[1] << 16 |
	       (uint32_t)four[2] << 8 | four[3];
}

/* Global unicast is 2000::/3.  Of it, tunnels hold addresses of four bytes; the
 * translated and the mapped ones lie outside. */
static int public6(const uint8_t a[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t translated[12] = {0x00, 0x64, 0xff, 0x9b};

	if (memcmp(a, mapped, 12) == 0 || memcmp(a, translated, 12) == 0)
		return public4(number(a + 12));
	if (a[0] >> 5 != 1)
		return 0;
	if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return public4(number(a + 2));
	/* 2001::/23: Teredo, and other protocols' own */
	return !(a[0] == 0x20 && a[1] == 0x01 && a[2] < 2);
}

int http_address_public(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)a;

		return public4(ntohl(in->sin_addr.s_addr));
	}
	if (a->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)a;

		return public6(in->sin6_addr.s6_addr);
	}
	return 0;
}
