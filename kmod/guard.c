// SPDX-License-Identifier: GPL-2.0
#include "guard.h"

bool klb_guarded(const struct klb_net *kn, u8 family,
		 const union klb_addr *addr)
{
	return READ_ONCE(kn->wide) & KLB_WIDE_GUARD &&
	       klb_prefix_in(&kn->guard_set, family, addr) &&
	       !klb_local_address(kn->net, family, addr);
}
