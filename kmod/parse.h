/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PARSE_H
#define KLB_PARSE_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/pkt_cls.h>

#include "tuple.h"

/* Where a packet met klb. */
enum klb_hook {
	KLB_HOOK_INGRESS,	/* came in by a device */
	KLB_HOOK_EGRESS,	/* about to leave by a device */
	KLB_HOOK_DEV,		/* sent to a klb device */
};

/* What klb says of a packet. The values are tc's: its hook returns them as they are. */
enum klb_verdict {
	KLB_PASS = TC_ACT_UNSPEC,	/* not ours, or translated and the
					 * stack goes on
					 */
	KLB_DROP = TC_ACT_SHOT,		/* the caller frees it */
	KLB_TAKEN = TC_ACT_CONSUMED,	/* sent or given away: the caller
					 * forgets it
					 */
};

/* A packet under way. skb->data is at its network header. On the hot path its
 * address is given to nobody, so that it lives in registers; what is called
 * from there gets the skb and parses it again.
 */
struct klb_pkt {
	struct sk_buff *skb;
	struct klb_tuple t;
	u32 hash;		/* klb_tuple_hash() of t */
	u32 len;		/* bytes from the network header on */
	u16 l4;			/* offset of the transport header */
	u8 hook;		/* enum klb_hook */
	u8 tcp_flags;		/* as in the header; of TCP only */
	bool fragment;		/* one of several; klb_parse() alone says so */
	bool plain;		/* l4 + 8 bytes are known to be there */
};

/* Reads what klb needs to know whether a packet is any of its business: all
 * but skb and hook. False: it is not TCP, UDP or SCTP over IP with ports in it; then
 * only fragment is set, and of ICMP, proto and l4. Headers are pulled, so
 * pointers into the packet taken before are no good any more.
 */
bool klb_parse(struct klb_pkt *pkt);

/* Bytes of a packet that is not simply as long as it says; 0: it is shorter,
 * or cannot hold its headers. Trims what the link layer has padded. @l4 and
 * @proto as in struct klb_pkt, @len what klb_claimed_len() says.
 */
u32 klb_parse_len(struct sk_buff *skb, unsigned int l4, u8 proto, u32 len);

static inline struct iphdr *klb_ip(const struct klb_pkt *pkt)
{
	return (struct iphdr *)pkt->skb->data;
}

static inline struct ipv6hdr *klb_ip6(const struct klb_pkt *pkt)
{
	return (struct ipv6hdr *)pkt->skb->data;
}

/* What most packets are: no options, no fragment, headers in the linear part.
 * These read them without a call; false leaves it to klb_parse().
 */

static __always_inline bool klb_parse_ports(struct klb_pkt *pkt, u8 proto,
					    unsigned int linear)
{
	const u8 *l4 = pkt->skb->data + pkt->l4;

	pkt->tcp_flags = 0;
	if (proto == IPPROTO_TCP) {
		if (unlikely(linear < pkt->l4 + sizeof(struct tcphdr)))
			return false;
		pkt->tcp_flags = l4[13];
	} else if (unlikely(proto != IPPROTO_UDP)) {
		return false;
	}
	pkt->t.ports.both = *(const u32 *)l4;
	pkt->t.proto = proto;
	pkt->plain = true;
	pkt->len = pkt->skb->len;
	return true;
}

/* klb_glance() has seen the header's length and that of the linear part, and
 * that it is no fragment.
 */
static __always_inline bool klb_parse_plain4(struct klb_pkt *pkt)
{
	const struct iphdr *ip = klb_ip(pkt);

	pkt->l4 = sizeof(*ip);
	pkt->t.family = AF_INET;
	pkt->t.src.ip = ip->saddr;
	pkt->t.dst.ip = ip->daddr;
	return klb_parse_ports(pkt, ip->protocol, skb_headlen(pkt->skb));
}

static __always_inline bool klb_parse_plain6(struct klb_pkt *pkt)
{
	const struct ipv6hdr *ip6 = klb_ip6(pkt);
	unsigned int linear = skb_headlen(pkt->skb);

	if (unlikely(linear < sizeof(*ip6) + sizeof(struct udphdr) ||
		     ip6->version != 6))
		return false;
	pkt->l4 = sizeof(*ip6);
	pkt->t.family = AF_INET6;
	pkt->t.src.in6 = ip6->saddr;
	pkt->t.dst.in6 = ip6->daddr;
	return klb_parse_ports(pkt, ip6->nexthdr, linear);
}

static __always_inline bool klb_fits_tcp(const struct klb_pkt *pkt)
{
	const struct tcphdr *th = (void *)pkt->skb->data + pkt->l4;

	return th->doff >= 5 && pkt->l4 + th->doff * 4 <= pkt->len;
}

static __always_inline bool klb_fits_udp(const struct klb_pkt *pkt)
{
	const struct udphdr *uh = (void *)pkt->skb->data + pkt->l4;
	u32 len = ntohs(uh->len);

	if (likely(pkt->l4 + len == pkt->len))
		return len >= sizeof(*uh);
	return (len >= sizeof(*uh) && pkt->l4 + len <= pkt->len) ||
	       (pkt->len && skb_is_gso(pkt->skb));
}

/* Length of the packet as its network header has it; 0 of a super-packet of
 * more than 64 KiB (BIG TCP).
 */
static __always_inline u32 klb_claimed_len(const struct klb_pkt *pkt)
{
	u32 len;

	if (pkt->t.family == AF_INET)
		return ntohs(klb_ip(pkt)->tot_len);
	len = ntohs(klb_ip6(pkt)->payload_len);
	return len ? len + sizeof(struct ipv6hdr) : 0;
}

/* Whether the packet is whole and consistent, asked of those that klb will
 * change. Trims what the link layer has padded.
 */
static __always_inline bool klb_parse_check(struct klb_pkt *pkt)
{
	u32 len = klb_claimed_len(pkt);

	if (unlikely(len != pkt->skb->len ||
		     (!pkt->plain && len < pkt->l4 + sizeof(struct udphdr))))
		pkt->len = klb_parse_len(pkt->skb, pkt->l4, pkt->t.proto, len);
	if (!pkt->plain && pkt->t.proto == IPPROTO_SCTP)
		return pkt->len;	/* chunks are looked at elsewhere */
	if (pkt->t.proto == IPPROTO_TCP)
		return klb_fits_tcp(pkt);
	return klb_fits_udp(pkt);
}

#endif
