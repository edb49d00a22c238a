// SPDX-License-Identifier: GPL-2.0
/* ICMP errors of one address family become errors of the other, RFC 7915. */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/checksum.h>
#include <net/ip6_checksum.h>

#include "nat.h"
#include "xlat.h"

/* Nobody makes larger ones: RFC 1812, section 4.3.2.3, and RFC 4443, 2.4. */
#define LEN_MAX4	576
#define LEN_MAX6	1280

#define ICMP_LEN	sizeof(struct icmphdr)
#define HEADS_MAX	(sizeof(struct ipv6hdr) + ICMP_LEN +		\
			 sizeof(struct ipv6hdr) + sizeof(struct frag_hdr))

/* An error on its way into the other family. */
struct error {
	struct sk_buff *skb;
	const struct klb_side *from, *to;
	u32 l4;			/* offset of the ICMP header */
	u32 inner;		/* of the transport header in it */
	u8 family;		/* to be */
	struct klb_xlat_error icmp;
	struct klb_xlat_head outer_head, inner_head;
};

/* The packet in it says itself how long it was. */
static u32 inner_claims(const struct error *e)
{
	const void *data = e->skb->data + e->l4 + ICMP_LEN;
	u32 head = e->inner - e->l4 - ICMP_LEN, len;

	if (e->family == AF_INET6)
		len = ntohs(((const struct iphdr *)data)->tot_len);
	else
		len = ntohs(((const struct ipv6hdr *)data)->payload_len) +
		      sizeof(struct ipv6hdr);
	return len > head ? len - head : 0;
}

static bool read_heads(struct error *e)
{
	const void *data = e->skb->data;
	const void *quoted = data + e->l4 + ICMP_LEN;
	u32 head = e->inner - e->l4 - ICMP_LEN, len = inner_claims(e);

	if (e->family == AF_INET6)
		return klb_xlat_read4(data, e->l4, 0, &e->outer_head) &&
		       klb_xlat_read4(quoted, head, len, &e->inner_head);
	return klb_xlat_read6(data, e->l4, 0, &e->outer_head) &&
	       klb_xlat_read6(quoted, head, len, &e->inner_head);
}

static bool to_icmp(struct klb_xlat_error *i, u32 mtu)
{
	if (!klb_xlat_error4(i))
		return false;
	if (i->type == ICMP_DEST_UNREACH && i->code == ICMP_FRAG_NEEDED)
		i->info = min(i->info, mtu);
	else if (i->type != ICMP_PARAMETERPROB)
		i->info = 0;
	return true;
}

static bool to_icmp6(struct klb_xlat_error *i, u32 len, u32 mtu)
{
	/* the pointer is one byte there */
	i->info = i->type == ICMP_PARAMETERPROB ? i->info >> 24 :
						  i->info & 0xffff;
	if (!klb_xlat_error6(i, len))
		return false;
	if (i->type == ICMPV6_PKT_TOOBIG)
		i->info = clamp_t(u32, mtu, LEN_MAX6, i->info);
	else if (i->type != ICMPV6_PARAMPROB)
		i->info = 0;
	return true;
}

/* Both protocols' headers have type and code at the same place. */
static bool read_icmp(struct error *e, u32 mtu)
{
	const struct icmphdr *h = (const void *)e->skb->data + e->l4;

	e->icmp.type = h->type;
	e->icmp.code = h->code;
	e->icmp.info = ntohl(h->un.gateway);
	if (e->family == AF_INET)
		return to_icmp(&e->icmp, mtu);
	return to_icmp6(&e->icmp, e->inner_head.len + sizeof(struct iphdr),
			mtu);
}

/* Extensions behind the packet in it (RFC 4884) are left out, and what makes
 * the error longer than errors are. False: no memory.
 */
static bool shorten(struct error *e, u32 heads)
{
	const u8 *h = e->skb->data + e->l4;
	u32 most = (e->family == AF_INET ? LEN_MAX4 : LEN_MAX6) - heads;
	u32 len = e->family == AF_INET ? h[4] * 8 : h[5] * 4;
	bool extended = e->family == AF_INET ?
			h[0] == ICMPV6_DEST_UNREACH ||
			h[0] == ICMPV6_TIME_EXCEED :
			h[0] == ICMP_DEST_UNREACH ||
			h[0] == ICMP_TIME_EXCEEDED ||
			h[0] == ICMP_PARAMETERPROB;

	most += e->inner;
	if (extended && len && e->l4 + ICMP_LEN + len >= e->inner + 8)
		most = min_t(u32, most, e->l4 + ICMP_LEN + len);
	return e->skb->len <= most || !pskb_trim(e->skb, most);
}

static void change_inner(struct error *e)
{
	void *l4 = e->skb->data + e->inner;
	struct udphdr *uh = l4;
	struct tcphdr *th = l4;

	*(u32 *)l4 = e->to->ports.both;
	if (e->from->proto == IPPROTO_UDP && uh->check)
		uh->check = klb_csum_apply(uh->check, e->from->l4_delta) ?:
			    CSUM_MANGLED_0;
	else if (e->from->proto == IPPROTO_TCP &&
		 e->skb->len >= e->inner + offsetofend(struct tcphdr, check))
		th->check = klb_csum_apply(th->check, e->from->l4_delta);
}

static u32 outer_len(const struct error *e)
{
	return klb_xlat_head_len(e->family, &e->outer_head);
}

/* Whoever sent the error, it comes from the address that was asked: a router's
 * has no name in the other family.
 */
static void write_ip(struct error *e, void *at)
{
	const struct klb_side *to = e->to;
	u32 outer = outer_len(e);
	u8 *data = at;

	if (e->family == AF_INET) {
		e->outer_head.proto = IPPROTO_ICMP;
		klb_xlat_write4(data, &e->outer_head, to->addr.ip.dst,
				to->addr.ip.src);
		klb_xlat_write4(data + outer + ICMP_LEN, &e->inner_head,
				to->addr.ip.src, to->addr.ip.dst);
		return;
	}
	e->outer_head.proto = IPPROTO_ICMPV6;
	klb_xlat_write6(data, &e->outer_head, &to->addr.ip6.dst,
			&to->addr.ip6.src);
	klb_xlat_write6(data + outer + ICMP_LEN, &e->inner_head,
			&to->addr.ip6.src, &to->addr.ip6.dst);
}

static void write_icmp(struct error *e)
{
	struct sk_buff *skb = e->skb;
	u32 at = outer_len(e), len = skb->len - at;
	struct icmphdr *h = (void *)skb->data + at;
	const struct ipv6hdr *ip6 = (void *)skb->data;
	u32 info = e->icmp.info;
	__wsum sum;

	if (e->family == AF_INET && e->icmp.type == ICMP_PARAMETERPROB)
		info <<= 24;
	h->type = e->icmp.type;
	h->code = e->icmp.code;
	h->checksum = 0;
	h->un.gateway = htonl(info);
	sum = skb_checksum(skb, at, len, 0);
	h->checksum = e->family == AF_INET ? csum_fold(sum) :
		      csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
				      IPPROTO_ICMPV6, sum);
	skb->ip_summed = CHECKSUM_NONE;
}

static void write(struct error *e, u32 heads)
{
	u8 data[HEADS_MAX] = {};

	klb_xlat_change_head(e->skb, e->inner, heads, e->family);
	e->outer_head.len = e->skb->len - outer_len(e);
	write_ip(e, data);
	memcpy(e->skb->data, data, heads);
	skb_set_transport_header(e->skb, outer_len(e));
	write_icmp(e);
	nf_reset_ct(e->skb);
	skb_clear_hash(e->skb);
}

int klb_xlat_icmp(struct sk_buff *skb, u32 l4, u32 inner,
		  const struct klb_side *from, const struct klb_side *to,
		  u32 mtu, u32 room, bool hop)
{
	struct error e = {
		.skb = skb, .from = from, .to = to, .l4 = l4, .inner = inner,
		.family = to->family,
	};
	u32 heads;

	if (!read_heads(&e) || !read_icmp(&e, mtu))
		return -EPROTO;
	e.outer_head.ttl -= hop;
	e.outer_head.df = false;
	e.outer_head.frag = false;
	heads = outer_len(&e) + ICMP_LEN +
		klb_xlat_head_len(e.family, &e.inner_head);
	if (!shorten(&e, heads) || !klb_xlat_make_room(skb, inner, heads, room))
		return -ENOMEM;
	change_inner(&e);
	write(&e, heads);
	return 0;
}
