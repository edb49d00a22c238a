// SPDX-License-Identifier: GPL-2.0
#include "ownaddr.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

static bool take_sockaddr(const struct sockaddr *sa, struct klb_addr *a)
{
	memset(a, 0, sizeof(*a));
	if (sa && sa->sa_family == AF_INET) {
		a->len = 4;
		memcpy(a->b, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	} else if (sa && sa->sa_family == AF_INET6) {
		a->len = 16;
		memcpy(a->b, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	}
	return a->len;
}

/* Without a mask it is alone. */
static uint8_t bits_of(const struct sockaddr *mask, uint8_t len)
{
	uint8_t bits = 0, i;
	struct klb_addr m;

	if (!take_sockaddr(mask, &m) || m.len != len)
		return len * 8;
	for (i = 0; i < len; i++)
		bits += __builtin_popcount(m.b[i]);
	return bits;
}

int ownaddr_walk(ownaddr_cb cb, void *arg)
{
	struct ifaddrs *list, *i;
	struct ownaddr own;
	int rc = 0;

	if (getifaddrs(&list))
		return -errno;
	for (i = list; i && !rc; i = i->ifa_next) {
		if (!take_sockaddr(i->ifa_addr, &own.addr))
			continue;
		own.device = i->ifa_name;
		own.len = bits_of(i->ifa_netmask, own.addr.len);
		rc = cb(&own, arg);
	}
	freeifaddrs(list);
	return rc;
}
