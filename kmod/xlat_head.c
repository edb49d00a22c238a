// SPDX-License-Identifier: GPL-2.0
#include "xlat_head.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/kernel.h>
#include <linux/unaligned.h>

/* From <net/ip.h> and <net/ipv6.h>, which are not pure. */
#define DF		0x4000
#define MF		0x2000
#define OFFSET		0x1fff
#define MF6		0x0001
#define OFFSET6		0xfff8
#define HDR_HOP		0
#define HDR_ROUTING	43
#define HDR_FRAGMENT	44
#define HDR_DEST	60

/* Options of IPv4 */
#define OPT_END		0
#define OPT_NOP		1
#define OPT_LSRR	131
#define OPT_SSRR	137

struct fragment_header {
	u8 next, reserved;
	__be16 offset;
	__be32 id;
};

/* Whether options ask for a way that has not been gone: a pointer within the
 * list. What cannot be understood is no reason to drop the packet, since
 * options are left out.
 */
static bool source_routed(const u8 *opt, const u8 *end)
{
	while (opt < end && *opt != OPT_END) {
		if (*opt == OPT_NOP) {
			opt++;
			continue;
		}
		if (end - opt < 3 || opt[1] < 2 || opt[1] > end - opt)
			return false;
		if (*opt == OPT_LSRR || *opt == OPT_SSRR)
			return opt[2] < opt[1];
		opt += opt[1];
	}
	return false;
}

bool klb_xlat_read4(const void *data, u32 l4, u32 len, struct klb_xlat_head *h)
{
	const struct iphdr *ip = data;
	u16 off = ntohs(ip->frag_off);

	h->len = len;
	h->tos = ip->tos;
	h->ttl = ip->ttl;
	h->proto = ip->protocol;
	h->df = off & DF;
	h->frag = off & (MF | OFFSET);
	h->offset = (off & OFFSET) << 3 | (off & MF ? MF6 : 0);
	h->id = ntohs(ip->id);
	return !source_routed(data + sizeof(*ip), data + l4);
}

static void read_fragment(const struct fragment_header *fh,
			  struct klb_xlat_head *h)
{
	u16 off = ntohs(fh->offset);

	h->frag = true;
	h->offset = (off & OFFSET6) | (off & MF6);
	h->id = ntohl(fh->id);
}

bool klb_xlat_read6(const void *data, u32 l4, u32 len, struct klb_xlat_head *h)
{
	const struct ipv6hdr *ip6 = data;
	u8 next = ip6->nexthdr;
	u32 at = sizeof(*ip6);

	h->len = len;
	h->tos = get_unaligned_be16(data) >> 4;
	h->ttl = ip6->hop_limit;
	h->df = false;
	h->frag = false;
	h->offset = 0;
	h->id = 0;
	while (at + 8 <= l4) {
		const u8 *hdr = data + at;

		if (next == HDR_ROUTING && hdr[3])
			return false;
		if (next == HDR_FRAGMENT)
			read_fragment(data + at, h);
		at += next == HDR_FRAGMENT ? 8 : (hdr[1] + 1) * 8;
		next = hdr[0];
	}
	h->proto = next;
	return true;
}

static __sum16 sum_of(const struct iphdr *ip)
{
	const u16 *w = (const void *)ip;
	u32 sum = 0, i;

	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += w[i];
	return (__force __sum16)~klb_csum_fold(sum);
}

static u16 said_len(u32 len)
{
	return len > 0xffff ? 0 : len;
}

void klb_xlat_write4(void *data, const struct klb_xlat_head *h, __be32 src,
		     __be32 dst)
{
	struct iphdr *ip = data;

	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = h->tos;
	ip->tot_len = htons(said_len(sizeof(*ip) + h->len));
	ip->id = htons((u16)h->id);
	ip->frag_off = htons((h->offset & OFFSET6) >> 3 |
			     (h->offset & MF6 ? MF : 0) | (h->df ? DF : 0));
	ip->ttl = h->ttl;
	ip->protocol = h->proto;
	ip->saddr = src;
	ip->daddr = dst;
	ip->check = sum_of(ip);
}

void klb_xlat_write6(void *data, const struct klb_xlat_head *h,
		     const union klb_addr *src, const union klb_addr *dst)
{
	struct fragment_header *fh = data + sizeof(struct ipv6hdr);
	struct ipv6hdr *ip6 = data;
	u32 head = klb_xlat_head_len(AF_INET6, h) - sizeof(*ip6);

	put_unaligned_be32(0x60000000 | (u32)h->tos << 20, data);
	ip6->payload_len = htons(said_len(head + h->len));
	ip6->nexthdr = h->frag ? HDR_FRAGMENT : h->proto;
	ip6->hop_limit = h->ttl;
	ip6->saddr = src->in6;
	ip6->daddr = dst->in6;
	if (!h->frag)
		return;
	fh->next = h->proto;
	fh->reserved = 0;
	fh->offset = htons(h->offset);
	fh->id = htonl(h->id);
}

/* Errors */

#define NONE	0xff

/* Where the field is that a byte of the other header belongs to. */
static const u8 pointer6[] = {
	0, 1, 4, 4, NONE, NONE, NONE, NONE, 7, 6, NONE, NONE,
	8, 8, 8, 8, 24, 24, 24, 24,
};

static const u8 pointer4[] = {
	0, 1, NONE, NONE, 2, 2, 9, 8,
	12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12,
	16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16,
};

/* RFC 1191, section 7: what routers that tell no MTU may have. */
static u32 plateau(u32 len)
{
	static const u16 sizes[] = { 32000, 17914, 8166, 4352, 2002, 1492,
				     1006, 508, 296 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i] < len)
			return sizes[i];
	return 68;
}

static bool set(struct klb_xlat_error *e, u8 type, u8 code)
{
	e->type = type;
	e->code = code;
	return true;
}

static bool too_big6(struct klb_xlat_error *e, u32 len)
{
	e->info = klb_xlat_mtu(AF_INET6, min(e->info ?: plateau(len), 65535u));
	return set(e, ICMPV6_PKT_TOOBIG, 0);
}

static bool unreachable6(struct klb_xlat_error *e, u32 len)
{
	switch (e->code) {
	case ICMP_FRAG_NEEDED:
		return too_big6(e, len);
	case ICMP_PROT_UNREACH:
		e->info = 6; /* where the next header stands */
		return set(e, ICMPV6_PARAMPROB, ICMPV6_UNK_NEXTHDR);
	case ICMP_PORT_UNREACH:
		return set(e, ICMPV6_DEST_UNREACH, ICMPV6_PORT_UNREACH);
	case ICMP_NET_ANO:
	case ICMP_HOST_ANO:
	case ICMP_PKT_FILTERED:
	case ICMP_PREC_CUTOFF:
		return set(e, ICMPV6_DEST_UNREACH, ICMPV6_ADM_PROHIBITED);
	case ICMP_PREC_VIOLATION:
		return false;
	}
	return e->code < ICMP_PREC_VIOLATION &&
	       set(e, ICMPV6_DEST_UNREACH, ICMPV6_NOROUTE);
}

static bool point(struct klb_xlat_error *e, const u8 *pointers, u32 n)
{
	if (e->info >= n || pointers[e->info] == NONE)
		return false;
	e->info = pointers[e->info];
	return true;
}

bool klb_xlat_error6(struct klb_xlat_error *e, u32 len)
{
	switch (e->type) {
	case ICMP_DEST_UNREACH:
		return unreachable6(e, len);
	case ICMP_TIME_EXCEEDED:
		return e->code <= ICMP_EXC_FRAGTIME &&
		       set(e, ICMPV6_TIME_EXCEED, e->code);
	case ICMP_PARAMETERPROB:
		return (e->code == 0 || e->code == 2) &&
		       point(e, pointer6, ARRAY_SIZE(pointer6)) &&
		       set(e, ICMPV6_PARAMPROB, ICMPV6_HDR_FIELD);
	}
	return false;
}

static bool unreachable4(struct klb_xlat_error *e)
{
	switch (e->code) {
	case ICMPV6_NOROUTE:
	case ICMPV6_NOT_NEIGHBOUR: /* beyond scope of the source address */
	case ICMPV6_ADDR_UNREACH:
		return set(e, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH);
	case ICMPV6_ADM_PROHIBITED:
		return set(e, ICMP_DEST_UNREACH, ICMP_HOST_ANO);
	case ICMPV6_PORT_UNREACH:
		return set(e, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH);
	}
	return false;
}

static bool problem4(struct klb_xlat_error *e)
{
	if (e->code == ICMPV6_UNK_NEXTHDR) {
		e->info = 0;
		return set(e, ICMP_DEST_UNREACH, ICMP_PROT_UNREACH);
	}
	return e->code == ICMPV6_HDR_FIELD &&
	       point(e, pointer4, ARRAY_SIZE(pointer4)) &&
	       set(e, ICMP_PARAMETERPROB, 0);
}

bool klb_xlat_error4(struct klb_xlat_error *e)
{
	switch (e->type) {
	case ICMPV6_DEST_UNREACH:
		return unreachable4(e);
	case ICMPV6_PKT_TOOBIG:
		e->info = klb_xlat_mtu(AF_INET, min(e->info, 65535u));
		return set(e, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED);
	case ICMPV6_TIME_EXCEED:
		return e->code <= ICMPV6_EXC_FRAGTIME &&
		       set(e, ICMP_TIME_EXCEEDED, e->code);
	case ICMPV6_PARAMPROB:
		return problem4(e);
	}
	return false;
}
