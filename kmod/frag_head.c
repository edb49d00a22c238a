// SPDX-License-Identifier: GPL-2.0
#include "frag_head.h"

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/unaligned.h>

/* Extension headers before the fragment header, at most: RFC 8200 has a use for
 * three.
 */
#define EXTHDRS_MAX	8

#define FRAG_HDR_LEN	8
#define DATAGRAM_MAX	65535

u32 klb_frag_least(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 20;
	case IPPROTO_SCTP:
		return 12;
	default:
		return 8;
	}
}

/* Common to both: the place of the payload, from the offset field in bytes. */
static enum klb_frag_kind place(struct klb_frag_head *h, u32 from,
				u32 payload, u32 before)
{
	h->from = from;
	h->to = from + payload;
	if (!payload || (h->more && payload & 7))
		return KLB_FRAG_BAD;
	/* only a header may stand before a transport header's end */
	if (from ? from < klb_frag_least(h->proto) :
		   payload < klb_frag_least(h->proto))
		return KLB_FRAG_BAD;
	return before + h->to <= DATAGRAM_MAX ? KLB_FRAG_GOOD : KLB_FRAG_BAD;
}

static enum klb_frag_kind read_ip(struct klb_frag_head *h, const u8 *p,
				  u32 linear, u32 len)
{
	const struct iphdr *ip = (const void *)p;
	u16 off;

	if (linear < sizeof(*ip) || ip->version != 4 || ip->ihl < 5)
		return KLB_FRAG_NONE;
	h->hlen = ip->ihl * 4;
	h->len = ntohs(ip->tot_len);
	if (h->len > len || h->len < h->hlen || linear < h->hlen)
		return KLB_FRAG_NONE;
	off = ntohs(ip->frag_off);
	h->more = off & 0x2000;
	h->df = off & 0x4000;
	if (!(off & 0x3fff))
		return KLB_FRAG_NONE;
	h->src.ip = ip->saddr;
	h->dst.ip = ip->daddr;
	h->id = (__force u16)ip->id;
	h->proto = ip->protocol;
	h->ecn = ip->tos & 3;
	return place(h, (off & 0x1fff) * 8, h->len - h->hlen, h->hlen);
}

/* To the fragment header, whose offset becomes hlen. */
static bool find_frag_hdr(struct klb_frag_head *h, const u8 *p, u32 linear)
{
	u8 type = p[offsetof(struct ipv6hdr, nexthdr)];
	u32 at = sizeof(struct ipv6hdr), i;

	h->names = offsetof(struct ipv6hdr, nexthdr);
	for (i = 0; i <= EXTHDRS_MAX; i++) {
		if (at + FRAG_HDR_LEN > linear)
			return false;
		switch (type) {
		case IPPROTO_FRAGMENT:
			h->hlen = at;
			return true;
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
			break;
		default:
			return false;
		}
		type = p[at];
		h->names = at;
		at += (p[at + 1] + 1) * 8;
	}
	return false;
}

static enum klb_frag_kind read_ip6(struct klb_frag_head *h, const u8 *p,
				   u32 linear, u32 len)
{
	const struct ipv6hdr *ip6 = (const void *)p;
	u16 off;

	if (linear < sizeof(*ip6) || ip6->version != 6)
		return KLB_FRAG_NONE;
	h->len = sizeof(*ip6) + ntohs(ip6->payload_len);
	if (h->len > len || !find_frag_hdr(h, p, min(linear, h->len)))
		return KLB_FRAG_NONE;
	h->proto = p[h->hlen];
	off = get_unaligned_be16(p + h->hlen + 2);
	h->id = get_unaligned((const u32 *)(p + h->hlen + 4));
	h->more = off & 1;
	h->src.in6 = ip6->saddr;
	h->dst.in6 = ip6->daddr;
	h->ecn = p[1] >> 4 & 3;
	if (!(off & 0xfff9))
		return KLB_FRAG_NONE;
	h->hlen += FRAG_HDR_LEN;
	return place(h, off & 0xfff8, h->len - h->hlen,
		     h->hlen - FRAG_HDR_LEN - sizeof(*ip6));
}

/**
 * klb_frag_head_read() - read the network header of a fragment
 * @h: written
 * @family: of the packet
 * @p: the packet, of which nothing is trusted, aligned as packets are
 * @linear: bytes of it that are there, KLB_FRAG_HEAD_MAX at most
 * @len: of the packet as it came in, padding included
 *
 * Return: whether it may be part of a datagram.
 */
enum klb_frag_kind
klb_frag_head_read(struct klb_frag_head *h, u8 family, const u8 *p, u32 linear,
		   u32 len)
{
	*h = (struct klb_frag_head){ .family = family };
	return family == AF_INET ? read_ip(h, p, linear, len) :
				   read_ip6(h, p, linear, len);
}
