// SPDX-License-Identifier: GPL-2.0
#include "nat.h"

#include <linux/tcp.h>
#include <linux/udp.h>

#include "conn.h"
#include "csum.h"
#include "parse.h"

/* Delta of a word whose high byte loses one: ~m + m - 0x0100. */
#define TTL_DELTA	((__force u16)htons(0xfeff))

/* Fields that klb writes are in the first bytes of the linear part. */
static __always_inline bool make_writable(struct klb_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;
	unsigned int len = pkt->l4 + (pkt->t.proto == IPPROTO_TCP ?
				      sizeof(struct tcphdr) :
				      sizeof(struct udphdr));

	if (likely(!skb_cloned(skb) || skb_clone_writable(skb, len)))
		return true;
	return !pskb_expand_head(skb, 0, 0, GFP_ATOMIC);
}

static __always_inline void nat_ip(struct klb_pkt *pkt,
				   const struct klb_side *from,
				   const struct klb_side *to, bool hop)
{
	struct iphdr *ip = klb_ip(pkt);
	u32 delta = from->addr_delta;

	ip->saddr = to->addr.ip.dst;
	ip->daddr = to->addr.ip.src;
	if (hop) {
		ip->ttl--;
		delta = klb_csum_fold(delta + TTL_DELTA);
	}
	ip->check = klb_csum_apply(ip->check, delta);
}

static void nat_ip6(struct klb_pkt *pkt, const struct klb_side *to, bool hop)
{
	struct ipv6hdr *ip6 = klb_ip6(pkt);

	ip6->saddr = to->addr.ip6.dst.in6;
	ip6->daddr = to->addr.ip6.src.in6;
	if (hop)
		ip6->hop_limit--;
}

/* A whole-packet sum (CHECKSUM_COMPLETE) sees every word that has changed.
 * IPv4: the header's own checksum evens its changes out, the ports are
 * evened out by the transport checksum, which is left with the addresses.
 * IPv6: the addresses are evened out too, only the hop limit is left.
 */
static void fix_complete(struct klb_pkt *pkt, const struct klb_side *from,
			 bool hop)
{
	struct sk_buff *skb = pkt->skb;

	if (pkt->t.family == AF_INET)
		skb->csum = csum_sub(skb->csum,
				     (__force __wsum)(u32)from->addr_delta);
	else if (hop)
		skb->csum = csum_sub(skb->csum, (__force __wsum)htons(1));
}

static __always_inline void nat_full(struct klb_pkt *pkt, __sum16 *check,
				     const struct klb_side *from, bool hop)
{
	*check = klb_csum_apply(*check, from->l4_delta);
	if (unlikely(pkt->skb->ip_summed == CHECKSUM_COMPLETE))
		fix_complete(pkt, from, hop);
}

static __always_inline void nat_tcp(struct klb_pkt *pkt,
				    const struct klb_side *from, bool hop)
{
	struct tcphdr *th = (void *)pkt->skb->data + pkt->l4;

	if (pkt->skb->ip_summed == CHECKSUM_PARTIAL)
		th->check = klb_csum_apply_partial(th->check,
						   from->addr_delta);
	else
		nat_full(pkt, &th->check, from, hop);
}

static void nat_udp(struct klb_pkt *pkt, const struct klb_side *from, bool hop)
{
	struct udphdr *uh = (void *)pkt->skb->data + pkt->l4;
	struct sk_buff *skb = pkt->skb;

	/* The checksum to be filled in may be that of a packet inside. */
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start_offset(skb) == pkt->l4) {
		uh->check = klb_csum_apply_partial(uh->check,
						   from->addr_delta);
	} else if (uh->check) {
		nat_full(pkt, &uh->check, from, hop);
		if (unlikely(!uh->check))
			uh->check = CSUM_MANGLED_0;
	} else if (skb->ip_summed == CHECKSUM_COMPLETE) {
		/* no checksum that would even out the ports */
		skb->ip_summed = CHECKSUM_NONE;
	}
}

bool klb_nat(struct klb_pkt *pkt, const struct klb_side *from,
	     const struct klb_side *to, bool hop)
{
	if (unlikely(!make_writable(pkt)))
		return false;
	if (likely(pkt->t.family == AF_INET))
		nat_ip(pkt, from, to, hop);
	else
		nat_ip6(pkt, to, hop);

	*(u32 *)(pkt->skb->data + pkt->l4) = klb_ports_reverse(to->ports).both;
	if (pkt->t.proto == IPPROTO_TCP)
		nat_tcp(pkt, from, hop);
	else
		nat_udp(pkt, from, hop);
	skb_clear_hash(pkt->skb);
	return true;
}
