/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_DELIVER_H
#define KLB_DELIVER_H

#include "parse.h"

struct klb_route;

#define KLB_DEV_KIND	"klb"	/* of devices that host processes send through */

/* Gives a translated packet to a process of this host. @rt is the local
 * route to it; @dev the klb device it shall be received on, or NULL: it goes
 * on the way it came in, or comes back by loopback if it was to leave.
 * @trusted: its source is ours to vouch for, the stack shall not ask where such
 * an address may come from.
 */
enum klb_verdict klb_deliver(struct sk_buff *skb, u8 hook,
			     struct klb_route *rt, struct net_device *dev,
			     bool trusted);

#endif
