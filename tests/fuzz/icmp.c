// SPDX-License-Identifier: GPL-2.0
/* ICMP errors: klb_inner_parse() reads what stands in them as klb_parse() reads
 * the packet itself, and klb_xlat_icmp() makes of one an error of the other
 * family that says the same.
 *
 * An input is an error as it came in, behind its head (fuzz_skb()) and what the
 * connection and the way are to be.
 */
#include "fuzz_klb.h"
#include "icmp_inner.h"
#include "parse.h"
#include "xlat.h"

#define ICMP_LEN	8
#define L4_MAX	18	/* bytes of a transport header that are changed */

/* An error, as icmp_in.c sees it. */
struct message {
	struct sk_buff *skb;
	u8 family;
	u32 l4, end;
	struct klb_inner in;
};

static u32 inner_at(const struct message *m)
{
	return m->l4 + ICMP_LEN;
}

/* The same bytes as a packet of their own. */
static void as_packet(const struct message *m, const u8 *p, u32 len,
		      const struct klb_inner *in, bool ok)
{
	struct klb_pkt pkt = { .skb = alloc_skb(len, GFP_ATOMIC) };

	memcpy(skb_put(pkt.skb, len), p, len);
	pkt.skb->protocol = m->skb->protocol;
	if (klb_parse(&pkt)) {
		fuzz_must(ok && in->ports);
		fuzz_must(in->l4 == pkt.l4 && in->t.proto == pkt.t.proto);
		fuzz_must(in->t.ports.both == pkt.t.ports.both);
		fuzz_must(klb_addr_equal(m->family, &in->t.src, &pkt.t.src));
		fuzz_must(klb_addr_equal(m->family, &in->t.dst, &pkt.t.dst));
	}
	kfree_skb(pkt.skb);
}

static bool read_inner(const struct message *m, struct klb_inner *in)
{
	u32 len = min_t(u32, m->end - inner_at(m), KLB_INNER_MAX);
	u8 *p = malloc(len);
	bool ok;

	fuzz_must(pskb_may_pull(m->skb, inner_at(m) + len));
	memcpy(p, m->skb->data + inner_at(m), len);
	ok = klb_inner_parse(in, m->family, p, len);
	as_packet(m, p, len, in, ok);
	if (ok && in->ports) {
		fuzz_must(in->l4 + 8 <= len);
		fuzz_must(!memcmp(&in->t.ports, p + in->l4, 4));
	}
	if (ok && in->intact && m->family == AF_INET)
		fuzz_must(in->l4 <= len && fuzz_sum(p, in->l4, 0) == 0xffff);
	free(p);
	return ok;
}

/* As read() of icmp_in.c. */
static bool is_icmp(struct message *m)
{
	struct klb_pkt pkt = { .skb = m->skb };

	if (klb_parse(&pkt))
		return false;
	m->family = pkt.t.family;
	if (pkt.t.proto != (m->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return false;
	m->l4 = pkt.l4;
	m->end = klb_claimed_len(&pkt);
	return m->end <= m->skb->len && m->end >= inner_at(m) &&
	       pskb_may_pull(m->skb, min(m->end, inner_at(m) + KLB_INNER_MAX)) &&
	       !pskb_trim(m->skb, m->end);
}

static u16 check_at(const u8 *l4, u8 proto, u32 len)
{
	u16 check = 0;

	if (proto == IPPROTO_UDP)
		memcpy(&check, l4 + 6, 2);
	else if (proto == IPPROTO_TCP && len >= L4_MAX)
		memcpy(&check, l4 + 16, 2);
	return check;
}

static u8 ttl_of(const u8 *ip, u8 family)
{
	return ip[family == AF_INET ? 8 : 7];
}

/* Its own headers. */
static void expect_outer(const struct message *m, const struct klb_side *to)
{
	const struct sk_buff *skb = m->skb;
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	const struct iphdr *ip = (const void *)skb->data;
	__wsum sum = skb_checksum(skb, m->l4, skb->len - m->l4, 0);

	if (m->family == AF_INET) {
		fuzz_must(skb->protocol == htons(ETH_P_IP));
		fuzz_must(ip->version == 4 && ip->ihl == 5);
		fuzz_must(ntohs(ip->tot_len) == skb->len && skb->len <= 576);
		fuzz_must(ip->saddr == to->addr.ip.dst);
		fuzz_must(ip->daddr == to->addr.ip.src);
		fuzz_must(fuzz_sum(ip, 20, 0) == 0xffff);
		fuzz_must(!csum_fold(sum));
		return;
	}
	fuzz_must(skb->protocol == htons(ETH_P_IPV6));
	fuzz_must(ip6->version == 6 && ip6->nexthdr == IPPROTO_ICMPV6);
	fuzz_must(ntohs(ip6->payload_len) + 40u == skb->len);
	fuzz_must(skb->len <= 1280);
	fuzz_must(!memcmp(&ip6->saddr, &to->addr.ip6.dst, 16));
	fuzz_must(!memcmp(&ip6->daddr, &to->addr.ip6.src, 16));
	fuzz_must(!csum_ipv6_magic(&ip6->saddr, &ip6->daddr, skb->len - 40,
				   IPPROTO_ICMPV6, sum));
}

static void expect_icmp(const struct message *m, u32 mtu)
{
	const u8 *h = m->skb->data + m->l4;
	u32 info = get_unaligned_be32(h + 4);

	if (m->family == AF_INET6) {
		fuzz_must(h[0] >= ICMPV6_DEST_UNREACH &&
			  h[0] <= ICMPV6_PARAMPROB);
		if (h[0] == ICMPV6_PKT_TOOBIG)
			fuzz_must(info >= 1280 && info <= max(mtu, 1280u));
		else
			fuzz_must(info < 40);
		return;
	}
	fuzz_must(h[0] == ICMP_DEST_UNREACH || h[0] == ICMP_TIME_EXCEEDED ||
		  h[0] == ICMP_PARAMETERPROB);
	if (h[0] == ICMP_PARAMETERPROB)
		fuzz_must(info >> 24 < 20 && !(info & 0xffffff));
	else if (h[0] == ICMP_DEST_UNREACH && h[1] == ICMP_FRAG_NEEDED)
		fuzz_must(info <= mtu);
	else
		fuzz_must(!info);
}

/* What it quotes is what the other end has sent. */
static void expect_inner(const struct message *m, const struct message *old,
			 const struct klb_side *to, u16 check, bool checked)
{
	u8 family = m->family, proto = old->in.t.proto;
	const u8 *inner = m->skb->data + inner_at(m);
	const u8 *l4 = inner + m->in.l4;
	struct klb_tuple want;
	u16 now;

	fuzz_must(m->in.ports && m->in.intact && m->in.t.proto == proto);
	fuzz_must(m->in.t.ports.both == to->ports.both);
	memset(&want, 0, sizeof(want));
	if (family == AF_INET) {
		want.src.ip = to->addr.ip.src;
		want.dst.ip = to->addr.ip.dst;
	} else {
		want.src = to->addr.ip6.src;
		want.dst = to->addr.ip6.dst;
	}
	fuzz_must(klb_addr_equal(family, &m->in.t.src, &want.src));
	fuzz_must(klb_addr_equal(family, &m->in.t.dst, &want.dst));
	now = check_at(l4, proto, m->skb->len - inner_at(m) - m->in.l4);
	if (!checked || (proto == IPPROTO_UDP && !check)) {
		fuzz_must(now == check || proto == IPPROTO_TCP);
		return;
	}
	fuzz_must(fuzz_same_sum(fuzz_residue(old->family, &old->in.t, check),
				fuzz_residue(family, &m->in.t, now)));
}

static void translate(struct message *m, struct fuzz_input *in)
{
	u32 mtu = fuzz_take(in, 2), room = fuzz_take(in, 1) & 127;
	bool hop = fuzz_take(in, 1) & 1, checked;
	u32 inner = inner_at(m) + m->in.l4, len = m->end - inner;
	struct message old = *m, new = { .skb = m->skb };
	struct klb_tuple reverse;
	struct klb_side from, to;
	u8 proto = m->in.t.proto;
	u16 check;
	u8 ttl;

	if (!pskb_may_pull(m->skb, min(m->end, inner + L4_MAX + 2)))
		return;
	klb_tuple_reverse(&reverse, &m->in.t);
	fuzz_sides(in, &reverse, &from, &to);
	check = check_at(m->skb->data + inner, proto, len);
	checked = proto == IPPROTO_UDP ||
		  (proto == IPPROTO_TCP && len >= L4_MAX);
	ttl = ttl_of(m->skb->data, m->family);
	if (klb_xlat_icmp(m->skb, m->l4, inner, &from, &to, mtu, room, hop))
		return;
	fuzz_must(skb_headroom(m->skb) >= room);
	new.family = other_family(m->family);
	new.l4 = new.family == AF_INET ? 20 : 40;
	new.end = m->skb->len;
	fuzz_must(ttl_of(m->skb->data, new.family) == (u8)(ttl - hop));
	expect_outer(&new, &to);
	expect_icmp(&new, mtu);
	fuzz_must(read_inner(&new, &new.in));
	/* extensions or a limit may have cut it off since */
	checked &= new.end >= inner_at(&new) + new.in.l4 + L4_MAX ||
		   proto == IPPROTO_UDP;
	expect_inner(&new, &old, &to, check, checked);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { .data = data, .size = min(size, (size_t)32) };
	struct message m = {};

	if (size < in.size + 3)
		return 0;
	m.skb = fuzz_skb(data + in.size, size - in.size);
	if (is_icmp(&m) && read_inner(&m, &m.in) && m.in.ports && m.in.intact)
		translate(&m, &in);
	fuzz_skb_free(m.skb);
	return 0;
}
