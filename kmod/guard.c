// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/route.h>

static bool own_address(const struct klb_net *kn, u8 family,
			const union klb_addr *addr)
{
	if (family == AF_INET6)
		return ipv6_chk_addr(kn->net, &addr->in6, NULL, 0);
	return inet_addr_type(kn->net, addr->ip) == RTN_LOCAL;
}

bool klb_guarded(const struct klb_net *kn, u8 family,
		 const union klb_addr *addr)
{
	return READ_ONCE(kn->wide) & KLB_WIDE_GUARD &&
	       klb_prefix_in(&kn->guard_set, family, addr) &&
	       !own_address(kn, family, addr);
}
