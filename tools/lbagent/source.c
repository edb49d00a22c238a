// SPDX-License-Identifier: GPL-2.0
#include "source.h"

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

/* Of the node's pods, as a bridge of pods has one: every pod can answer it. */
static bool is_pods(const struct klb_prefixes *pods, const struct klb_addr *a)
{
	size_t i;

	for (i = 0; i < pods->n; i++) {
		if (kube_prefix_has(&pods->v[i], a))
			return true;
	}
	return false;
}

static bool is_of_bridge(const struct ifaddrs *i, const struct klb_addr *a)
{
	struct klb_addr mask;
	const uint8_t last = a->len - 1;

	/* flannel's own is a single address, and none of a network's hosts */
	return take_sockaddr(i->ifa_netmask, &mask) && mask.b[last] != 0xff;
}

void source_find(const struct conf *conf, const struct klb_prefixes *pods,
		 struct source *source)
{
	struct ifaddrs *list = NULL, *i;
	struct klb_addr a, *to;

	source->addr4 = conf->source4;
	source->addr6 = conf->source6;
	if (getifaddrs(&list))
		return;
	for (i = list; i; i = i->ifa_next) {
		if (!take_sockaddr(i->ifa_addr, &a) || !is_pods(pods, &a) ||
		    !is_of_bridge(i, &a))
			continue;
		to = a.len == 4 ? &source->addr4 : &source->addr6;
		if (!to->len)
			*to = a;
	}
	freeifaddrs(list);
}

bool source_equal(const struct source *a, const struct source *b)
{
	return !klb_addr_cmp(&a->addr4, &b->addr4) &&
	       !klb_addr_cmp(&a->addr6, &b->addr6);
}
