// SPDX-License-Identifier: GPL-2.0
#include "icmp_inner.h"

#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/unaligned.h>

/* Extension headers, at most; as in parse.c. */
#define EXTHDRS_MAX	8
/* Of the transport header every error has to have so much: RFC 792. */
#define L4_LEN		8

static bool has_ports(u8 proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP ||
	       proto == IPPROTO_SCTP;
}

/* Whether the one's complement sum of a header is all ones. */
static bool sums_up(const u8 *p, unsigned int len)
{
	u32 sum = 0;

	for (; len >= 2; p += 2, len -= 2)
		sum += get_unaligned_be16(p);
	sum = (sum & 0xffff) + (sum >> 16);
	return ((sum + (sum >> 16)) & 0xffff) == 0xffff;
}

static void read_ports(struct klb_inner *in, const u8 *p, unsigned int len)
{
	if (!has_ports(in->t.proto) || in->l4 + L4_LEN > len)
		return;
	in->t.ports.both = get_unaligned((const u32 *)(p + in->l4));
	in->ports = true;
}

static bool parse_ip(struct klb_inner *in, const u8 *p, unsigned int len)
{
	unsigned int ihl;

	if (len < sizeof(struct iphdr) || p[0] >> 4 != 4)
		return false;
	ihl = (p[0] & 15) * 4;
	if (ihl < sizeof(struct iphdr))
		return false;
	in->t.proto = p[offsetof(struct iphdr, protocol)];
	in->t.src.ip = get_unaligned((const __be32 *)
				     (p + offsetof(struct iphdr, saddr)));
	in->t.dst.ip = get_unaligned((const __be32 *)
				     (p + offsetof(struct iphdr, daddr)));
	in->l4 = ihl;
	in->intact = ihl <= len && sums_up(p, ihl);
	/* a fragment but the first has no ports */
	if (!(get_unaligned_be16(p + offsetof(struct iphdr, frag_off)) &
	      0x1fff))
		read_ports(in, p, len);
	return true;
}

/* To the transport header. False: it is not there, or nothing to look for. */
static bool skip_exthdrs(struct klb_inner *in, const u8 *p, unsigned int len)
{
	unsigned int i;

	for (i = 0; i <= EXTHDRS_MAX; i++) {
		const u8 *hdr = p + in->l4;

		switch (in->t.proto) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_ROUTING:
		case IPPROTO_DSTOPTS:
		case IPPROTO_FRAGMENT:
			break;
		default:
			return true;
		}
		if (in->l4 + 8 > len)
			return false;
		if (in->t.proto == IPPROTO_FRAGMENT) {
			in->t.proto = hdr[0];
			in->l4 += 8;
			if (get_unaligned_be16(hdr + 2) & 0xfff8)
				return false;
		} else {
			in->t.proto = hdr[0];
			in->l4 += (hdr[1] + 1) * 8;
		}
	}
	return false;
}

static bool parse_ip6(struct klb_inner *in, const u8 *p, unsigned int len)
{
	if (len < sizeof(struct ipv6hdr) || p[0] >> 4 != 6)
		return false;
	in->t.proto = p[offsetof(struct ipv6hdr, nexthdr)];
	memcpy(&in->t.src.in6, p + offsetof(struct ipv6hdr, saddr),
	       sizeof(in->t.src.in6));
	memcpy(&in->t.dst.in6, p + offsetof(struct ipv6hdr, daddr),
	       sizeof(in->t.dst.in6));
	in->l4 = sizeof(struct ipv6hdr);
	in->intact = true;
	if (skip_exthdrs(in, p, len))
		read_ports(in, p, len);
	return true;
}

/**
 * klb_inner_parse() - read what an ICMP error quotes
 * @in: written
 * @family: of the error, and so of the packet in it
 * @p: the packet in it, of which nothing is trusted
 * @len: bytes that are there, KLB_INNER_MAX at most
 *
 * Return: whether its addresses and its protocol are known.
 */
bool klb_inner_parse(struct klb_inner *in, u8 family, const u8 *p,
		     unsigned int len)
{
	*in = (struct klb_inner){ .t.family = family };
	return family == AF_INET ? parse_ip(in, p, len) :
				   parse_ip6(in, p, len);
}
