/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ICMP_H
#define KLB_ICMP_H

#include <linux/types.h>

struct klb_route;
struct sk_buff;

/* Tell the sender of a packet, which @back leads to, why it is not sent on.
 * The packet is as it came in, and stays the caller's.
 */
void klb_icmp_too_big(struct sk_buff *skb, u8 family, struct klb_route *back,
		      u32 mtu);
void klb_icmp_ttl(struct sk_buff *skb, u8 family, struct klb_route *back);

#endif
