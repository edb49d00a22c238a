/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_FRAGMENT6_H
#define KLB_FRAGMENT6_H

#include <linux/klb_reason.h>
#include <linux/types.h>

struct klb_net;
struct klb_route;
struct sk_buff;

/* Sends an IPv6 packet, in whose header a fragment header with an identification
 * follows at once, in fragments that fit @rt. Consumes it. RCU and BH held.
 */
enum klb_reason klb_fragment6(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			      struct klb_route *rt);

#endif
