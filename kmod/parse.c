// SPDX-License-Identifier: GPL-2.0
#include "parse.h"

#include <net/ipv6.h>

#include "conn_proto.h"
#include "sctp.h"

/* Extension headers before a transport header, at most. RFC 8200 knows six
 * that may stand there once, one of them twice.
 */
#define EXTHDRS_MAX	8

/* What every packet of a protocol has of the transport header, at least. */
static unsigned int l4_min(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr);
	case IPPROTO_SCTP:
		return KLB_SCTP_HDR_LEN;
	default:
		return sizeof(struct udphdr);
	}
}

static bool l4_known(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_SCTP;
}

/* Ports and TCP flags; pkt->l4, t.proto and t.family are set. */
static bool parse_l4(struct klb_pkt *pkt)
{
	const u8 *l4;

	if (unlikely(!pskb_may_pull(pkt->skb, pkt->l4 + l4_min(pkt->t.proto))))
		return false;
	l4 = pkt->skb->data + pkt->l4;
	pkt->t.ports.both = *(const u32 *)l4;
	if (pkt->t.proto == IPPROTO_TCP)
		pkt->tcp_flags = l4[13];
	return true;
}

static bool parse_ip(struct klb_pkt *pkt)
{
	const struct iphdr *ip;

	if (unlikely(!pskb_may_pull(pkt->skb, sizeof(*ip))))
		return false;
	ip = klb_ip(pkt);
	if (ip->version != 4 || ip->ihl < 5)
		return false;
	pkt->l4 = ip->ihl * 4;
	pkt->t.proto = ip->protocol;
	pkt->fragment = ip->frag_off & htons(IP_MF | IP_OFFSET);
	if (!l4_known(ip->protocol) || ip->frag_off & htons(IP_OFFSET) ||
	    !parse_l4(pkt))
		return false;
	ip = klb_ip(pkt);
	pkt->t.src.ip = ip->saddr;
	pkt->t.dst.ip = ip->daddr;
	return true;
}

/* The length of an extension header that has been pulled by two bytes, or 0
 * if it is none that klb looks behind.
 */
static unsigned int exthdr_len(struct klb_pkt *pkt, u8 type, const u8 *hdr)
{
	const struct frag_hdr *fh = (const void *)hdr;

	switch (type) {
	case NEXTHDR_HOP:
	case NEXTHDR_ROUTING:
	case NEXTHDR_DEST:
		return (hdr[1] + 1) * 8;
	case NEXTHDR_FRAGMENT:
		if (fh->frag_off & htons(IP6_MF | IP6_OFFSET))
			pkt->fragment = true;
		return sizeof(*fh);
	default:
		return 0;
	}
}

/* A fragment but the first has no transport header. */
static bool later_fragment(u8 type, const u8 *hdr)
{
	const struct frag_hdr *fh = (const void *)hdr;

	return type == NEXTHDR_FRAGMENT && fh->frag_off & htons(IP6_OFFSET);
}

static bool skip_exthdrs(struct klb_pkt *pkt, u8 type)
{
	unsigned int len, at = sizeof(struct ipv6hdr), i;

	for (i = 0; i <= EXTHDRS_MAX; i++) {
		const u8 *hdr;

		pkt->l4 = at;
		pkt->t.proto = type;
		if (l4_known(type))
			return true;
		if (type == NEXTHDR_ICMP)
			return false;
		if (!pskb_may_pull(pkt->skb, at + 8))
			return false;
		hdr = pkt->skb->data + at;
		len = exthdr_len(pkt, type, hdr);
		if (!len || later_fragment(type, hdr))
			return false;
		type = hdr[0];
		at += len;
	}
	return false;
}

static bool parse_ip6(struct klb_pkt *pkt)
{
	const struct ipv6hdr *ip6;

	if (unlikely(!pskb_may_pull(pkt->skb, sizeof(*ip6))))
		return false;
	ip6 = klb_ip6(pkt);
	if (ip6->version != 6)
		return false;
	if (!skip_exthdrs(pkt, ip6->nexthdr) || !parse_l4(pkt))
		return false;
	ip6 = klb_ip6(pkt);
	pkt->t.src.in6 = ip6->saddr;
	pkt->t.dst.in6 = ip6->daddr;
	return true;
}

bool klb_parse(struct klb_pkt *pkt)
{
	pkt->fragment = false;
	pkt->plain = false;
	pkt->tcp_flags = 0;
	pkt->len = pkt->skb->len;
	pkt->t.proto = 0;
	pkt->t.family = AF_INET;
	if (likely(pkt->skb->protocol == htons(ETH_P_IP)))
		return parse_ip(pkt);
	if (pkt->skb->protocol != htons(ETH_P_IPV6))
		return false;
	pkt->t.family = AF_INET6;
	return parse_ip6(pkt);
}

u32 klb_parse_len(struct sk_buff *skb, unsigned int l4, u8 proto, u32 len)
{
	if (!len && skb_is_gso(skb))
		len = skb->len;
	if (len > skb->len || len < l4 + l4_min(proto))
		return 0;
	if (len < skb->len && pskb_trim_rcsum(skb, len))
		return 0;
	return len;
}
