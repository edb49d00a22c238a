// SPDX-License-Identifier: GPL-2.0
#include "icmp.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/dst.h>
#include <net/icmp.h>

#include "route.h"

/* The stack's senders read options of the receive path from the control
 * block, which belongs to tc here, and want to see a route.
 */
static void tell(struct sk_buff *skb, u8 family, struct klb_route *back,
		 u8 type, u8 code, u32 info)
{
	u8 cb[sizeof(skb->cb)];
	u8 pkt_type = skb->pkt_type;
	bool borrowed = !skb_dst(skb);

	memcpy(cb, skb->cb, sizeof(cb));
	memset(skb->cb, 0, sizeof(skb->cb));
	if (borrowed)
		skb_dst_set_noref(skb, back->dst);
	skb->pkt_type = PACKET_HOST;
	if (family == AF_INET)
		icmp_send(skb, type, code, htonl(info));
	else
		icmpv6_send(skb, type, code, info);
	skb->pkt_type = pkt_type;
	if (borrowed)
		skb_dst_drop(skb);
	memcpy(skb->cb, cb, sizeof(cb));
}

void klb_icmp_too_big(struct sk_buff *skb, u8 family, struct klb_route *back,
		      u32 mtu)
{
	if (family == AF_INET)
		tell(skb, family, back, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
	else
		tell(skb, family, back, ICMPV6_PKT_TOOBIG, 0, mtu);
}

void klb_icmp_ttl(struct sk_buff *skb, u8 family, struct klb_route *back)
{
	if (family == AF_INET)
		tell(skb, family, back, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
	else
		tell(skb, family, back, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
}
