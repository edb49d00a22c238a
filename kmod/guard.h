/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_GUARD_H
#define KLB_GUARD_H

#include "netns.h"

/* Whether an address is guarded: what is sent there and is for no service is
 * rejected. An address of this host is not, whatever prefix it is in: who
 * listens there is the host's business. Under RCU.
 */
bool klb_guarded(const struct klb_net *kn, u8 family,
		 const union klb_addr *addr);

#endif
