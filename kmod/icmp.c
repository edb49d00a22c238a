// SPDX-License-Identifier: GPL-2.0
#include "icmp.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/dst.h>
#include <net/icmp.h>

#include "parse.h"
#include "route.h"

/* The stack's senders read options of the receive path from the control
 * block, which belongs to tc here, and want to see a route.
 */
static void tell(struct klb_pkt *pkt, struct klb_route *back, u8 type, u8 code,
		 u32 info)
{
	struct sk_buff *skb = pkt->skb;
	u8 cb[sizeof(skb->cb)];
	u8 pkt_type = skb->pkt_type;
	bool borrowed = !skb_dst(skb);

	memcpy(cb, skb->cb, sizeof(cb));
	memset(skb->cb, 0, sizeof(skb->cb));
	if (borrowed)
		skb_dst_set_noref(skb, back->dst);
	skb->pkt_type = PACKET_HOST;
	if (pkt->t.family == AF_INET)
		icmp_send(skb, type, code, htonl(info));
	else
		icmpv6_send(skb, type, code, info);
	skb->pkt_type = pkt_type;
	if (borrowed)
		skb_dst_drop(skb);
	memcpy(skb->cb, cb, sizeof(cb));
}

void klb_icmp_too_big(struct klb_pkt *pkt, struct klb_route *back, u32 mtu)
{
	if (pkt->t.family == AF_INET)
		tell(pkt, back, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu);
	else
		tell(pkt, back, ICMPV6_PKT_TOOBIG, 0, mtu);
}

void klb_icmp_ttl(struct klb_pkt *pkt, struct klb_route *back)
{
	if (pkt->t.family == AF_INET)
		tell(pkt, back, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
	else
		tell(pkt, back, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
}
