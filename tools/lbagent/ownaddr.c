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

struct networks {
	const char *without;
	struct klb_prefixes *out;
};

static int add_network(const struct ownaddr *own, void *arg)
{
	struct klb_prefix p = { .addr = own->addr, .len = own->len };
	const struct networks *n = arg;
	size_t i;

	if (n->without && !strcmp(own->device, n->without))
		return 0;
	for (i = 0; i < own->addr.len; i++) {
		if (8 * i >= p.len)
			p.addr.b[i] = 0;
		else if (8 * (i + 1) > p.len)
			p.addr.b[i] &= 0xff << (8 * (i + 1) - p.len);
	}
	return klb_prefixes_add(n->out, &p);
}

int ownaddr_networks(const char *device, struct klb_prefixes *out)
{
	struct networks n = { .without = device, .out = out };

	return ownaddr_walk(add_network, &n);
}
