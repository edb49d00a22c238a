// SPDX-License-Identifier: GPL-2.0
/* Fragments of IPv6, which the kernel makes for nobody but itself. */
#include "fragment6.h"

#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/ipv6.h>

#include "forward.h"
#include "netns.h"
#include "route.h"

#define HEAD_LEN	(sizeof(struct ipv6hdr) + sizeof(struct frag_hdr))

static void copy_marks(struct sk_buff *to, const struct sk_buff *from)
{
	to->protocol = from->protocol;
	to->priority = from->priority;
	to->mark = from->mark;
	to->pkt_type = from->pkt_type;
	to->dev = from->dev;
}

static void say_offset(struct sk_buff *skb, u32 offset, bool more)
{
	struct ipv6hdr *ip6 = (void *)skb->data;
	struct frag_hdr *fh = (void *)(ip6 + 1);

	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	fh->frag_off = htons(offset | (more ? IP6_MF : 0));
}

/* One with @len bytes from @offset on, NULL: no memory. */
static struct sk_buff *piece(const struct sk_buff *skb, u32 offset, u32 len,
			     u32 room)
{
	struct sk_buff *p = alloc_skb(room + HEAD_LEN + len,
				      GFP_ATOMIC | __GFP_NOWARN);

	if (!p)
		return NULL;
	skb_reserve(p, room);
	skb_reset_network_header(p);
	skb_reset_mac_header(p);
	copy_marks(p, skb);
	if (skb_copy_bits(skb, 0, skb_put(p, HEAD_LEN), HEAD_LEN) ||
	    skb_copy_bits(skb, HEAD_LEN + offset, skb_put(p, len), len)) {
		kfree_skb(p);
		return NULL;
	}
	skb_set_transport_header(p, HEAD_LEN);
	say_offset(p, offset, HEAD_LEN + offset + len < skb->len);
	return p;
}

static enum klb_reason send_pieces(struct klb_net *kn,
				   const struct sk_buff *skb, u8 hook,
				   struct klb_route *rt)
{
	u32 most = (max_t(u32, rt->mtu, IPV6_MIN_MTU) - HEAD_LEN) & ~7;
	u32 offset, len, all = skb->len - HEAD_LEN;
	enum klb_reason reason;
	struct sk_buff *p;

	for (offset = 0; offset < all; offset += len) {
		len = min(most, all - offset);
		p = piece(skb, offset, len, HH_DATA_ALIGN(rt->headroom));
		if (!p)
			return KLB_REASON_NO_MEMORY;
		reason = klb_forward(kn, p, hook, rt);
		if (reason != KLB_REASON_FORWARDED &&
		    reason != KLB_REASON_VETH_PEER)
			return reason;
	}
	return KLB_REASON_FRAGMENTED;
}

enum klb_reason klb_fragment6(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			      struct klb_route *rt)
{
	enum klb_reason reason;

	skb = klb_forward_take(skb, hook);
	if (!skb)
		return KLB_REASON_NO_MEMORY;
	/* what is sent are packets of ours, not tc's */
	if (hook == KLB_HOOK_EGRESS)
		hook = KLB_HOOK_DEV;
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return KLB_REASON_NO_MEMORY;
	}
	reason = send_pieces(kn, skb, hook, rt);
	consume_skb(skb);
	return reason;
}
