/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NAT_H
#define KLB_NAT_H

#include <linux/bitops.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/unaligned.h>
#include <net/checksum.h>

#include "conn.h"
#include "csum.h"
#include "parse.h"
#include "sctp.h"

/* Delta of a word whose high byte loses one: ~m + m - 0x0100. */
#define KLB_TTL_DELTA	((__force u16)htons(0xfeff))

/* The transport checksum of a packet whose sum is not simply the one that
 * stands in it: CHECKSUM_COMPLETE and CHECKSUM_PARTIAL, 2 and 3. @l4: offset of its
 * header.
 */
void klb_nat_summed(struct sk_buff *skb, unsigned int l4,
		    const struct klb_side *from, bool hop);

/* Ports of SCTP, and its CRC32c. */
void klb_nat_sctp(struct sk_buff *skb, unsigned int l4, unsigned int len,
		  u32 ports);

static __always_inline bool klb_is_sctp(const struct klb_pkt *pkt)
{
	return !pkt->plain && pkt->t.proto == IPPROTO_SCTP;
}

static __always_inline unsigned int klb_l4_len(const struct klb_pkt *pkt)
{
	if (klb_is_sctp(pkt))
		return KLB_SCTP_HDR_LEN;
	return pkt->t.proto == IPPROTO_TCP ? sizeof(struct tcphdr) :
					     sizeof(struct udphdr);
}

/* Fields that klb writes are in the first bytes of the linear part. */
static __always_inline bool klb_nat_writable(struct klb_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (likely(!skb_cloned(skb) ||
		   skb_clone_writable(skb, pkt->l4 + klb_l4_len(pkt))))
		return true;
	return !pskb_expand_head(skb, 0, 0, GFP_ATOMIC);
}

static __always_inline void klb_nat_ip(struct klb_pkt *pkt,
				       const struct klb_side *from,
				       const struct klb_side *to, bool hop)
{
	struct iphdr *ip = klb_ip(pkt);
	u32 delta = from->addr_delta;

	put_unaligned(rol64(to->addr.w[0], 32), (u64 *)&ip->saddr);
	if (hop) {
		ip->ttl--;
		delta += KLB_TTL_DELTA;
	}
	ip->check = klb_csum_apply(ip->check, delta);
}

static __always_inline void klb_nat_ip6(struct klb_pkt *pkt,
					const struct klb_side *to, bool hop)
{
	struct ipv6hdr *ip6 = klb_ip6(pkt);

	ip6->saddr = to->addr.ip6.dst.in6;
	ip6->daddr = to->addr.ip6.src.in6;
	if (hop)
		ip6->hop_limit--;
}

static __always_inline void klb_nat_l4(struct klb_pkt *pkt,
				       const struct klb_side *from, bool hop)
{
	void *l4 = pkt->skb->data + pkt->l4;
	struct tcphdr *th = l4;
	struct udphdr *uh = l4;

	if (unlikely(pkt->skb->ip_summed & CHECKSUM_COMPLETE)) {
		klb_nat_summed(pkt->skb, pkt->l4, from, hop);
	} else if (pkt->t.proto == IPPROTO_TCP) {
		th->check = klb_csum_apply(th->check, from->l4_delta);
	} else if (uh->check) {
		uh->check = klb_csum_apply(uh->check, from->l4_delta);
		if (unlikely(!uh->check))
			uh->check = CSUM_MANGLED_0;
	}
}

/* Gives the packet the addresses and ports of @to reversed, @from being the
 * side whose tuple it has, and takes one from its time to live if @hop.
 * Checksums follow. False: no memory to make it writable, it is as before.
 */
static __always_inline bool klb_nat(struct klb_pkt *pkt,
				    const struct klb_side *from,
				    const struct klb_side *to, bool hop)
{
	u32 ports;

	if (unlikely(!klb_nat_writable(pkt)))
		return false;
	if (pkt->t.family == AF_INET)
		klb_nat_ip(pkt, from, to, hop);
	else
		klb_nat_ip6(pkt, to, hop);
	ports = klb_ports_reverse(to->ports).both;
	if (klb_is_sctp(pkt)) {
		klb_nat_sctp(pkt->skb, pkt->l4, pkt->len - pkt->l4, ports);
	} else {
		*(u32 *)(pkt->skb->data + pkt->l4) = ports;
		klb_nat_l4(pkt, from, hop);
	}
	skb_clear_hash(pkt->skb);
	return true;
}

#endif
