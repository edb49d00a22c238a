// SPDX-License-Identifier: GPL-2.0
/* Packets of one address family become packets of the other: klb_xlat() keeps
 * whatever the checksums say, and what it makes can be read again.
 *
 * An input is a packet (fuzz_skb()) behind what the connection and the way are
 * to be.
 */
#include "fuzz_klb.h"
#include "parse.h"
#include "xlat.h"

#define HEAD		40
#define FLAG_HOP	1
#define FLAG_CLONED	2
#define FLAG_ETHER	4
#define FLAG_INSIDE	8	/* the sum to be filled in is further behind */

struct made {
	struct fuzz_input in;
	u8 flags;
	u32 mtu, room;
	u16 check;	/* as it was */
	u8 summed;
	u8 ttl;
	struct klb_side from, to;
};

static u16 check_of(const struct klb_pkt *pkt)
{
	const u8 *l4 = pkt->skb->data + pkt->l4;

	return get_unaligned((const u16 *)
			     (l4 + (pkt->t.proto == IPPROTO_TCP ? 16 : 6)));
}

static u8 ttl_of(const struct klb_pkt *pkt)
{
	return pkt->skb->data[pkt->t.family == AF_INET ? 8 : 7];
}

/* What a device says of the sum of a packet that it has received. */
static void set_summed(struct klb_pkt *pkt, struct made *m)
{
	u32 offset = pkt->t.proto == IPPROTO_TCP ? 16 : 6, start = pkt->l4;
	struct sk_buff *skb = pkt->skb;

	if (m->flags & FLAG_INSIDE && pkt->t.proto == IPPROTO_UDP)
		start += 8;
	if (m->summed == CHECKSUM_PARTIAL &&
	    start + offset + 2 > skb_headlen(skb))
		m->summed = CHECKSUM_NONE;
	if (skb_is_gso(skb)) {
		/* as whoever makes one has to */
		m->summed = CHECKSUM_PARTIAL;
		start = pkt->l4;
	}
	skb->ip_summed = m->summed;
	skb->csum_start = skb_headroom(skb) + start;
	skb->csum_offset = offset;
}

static void set_around(struct sk_buff *skb, const struct made *m)
{
	if (skb_is_gso(skb))
		skb->shared.gso_type = SKB_GSO_TCPV4 << (m->room & 7);
	skb->shared.gso_segs = skb_is_gso(skb) ? 2 : 0;
	skb->cloned = m->flags & FLAG_CLONED;
	if (!(m->flags & FLAG_ETHER))
		return;
	skb_cow(skb, ETH_HLEN);
	skb_set_mac_header(skb, -ETH_HLEN);
	memset(eth_hdr(skb), 0x22, 12);
	eth_hdr(skb)->h_proto = skb->protocol;
	skb->cloned = m->flags & FLAG_CLONED;
}

static void expect_l3(const struct klb_pkt *pkt, const struct klb_xlat *x,
		      const struct made *m)
{
	const struct sk_buff *skb = pkt->skb;
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	const struct iphdr *ip = (const void *)skb->data;
	u16 said = skb->len > 0xffff ? 0 : skb->len;

	fuzz_must(ttl_of(pkt) == (u8)(m->ttl - (m->flags & FLAG_HOP)));
	if (pkt->t.family == AF_INET) {
		fuzz_must(ip->ihl == 5 && ntohs(ip->tot_len) == said);
		fuzz_must(fuzz_sum(ip, 20, 0) == 0xffff);
		fuzz_must(!(ip->frag_off & htons(IP_DF)) == !x->head.df);
		/* an id of 0 is none, which a fragment has to have */
		fuzz_must(ip->id || ip->frag_off & htons(IP_DF));
		return;
	}
	fuzz_must(ip6->nexthdr == (x->head.frag ? NEXTHDR_FRAGMENT : pkt->t.proto));
	fuzz_must(ntohs(ip6->payload_len) + 40u == said || !ip6->payload_len);
}

static void expect_sum(const struct klb_pkt *old, const struct klb_pkt *pkt,
		       const struct made *m)
{
	bool lacks = old->t.family == AF_INET &&
		     old->t.proto == IPPROTO_UDP && !m->check;
	const struct ipv6hdr *ip6 = (const void *)pkt->skb->data;
	u16 was = m->check, is = check_of(pkt), len;

	if (lacks) {
		len = ntohs(get_unaligned((const u16 *)(pkt->skb->data +
							pkt->l4 + 4)));
		fuzz_must(is);
		fuzz_must(!csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
					   IPPROTO_UDP,
					   skb_checksum(pkt->skb, pkt->l4, len,
							0)));
		return;
	}
	if (pkt->skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_checksum_start(pkt->skb) == pkt->skb->data + pkt->l4) {
		struct klb_tuple a = old->t, b = pkt->t;

		/* a sum of the addresses alone, and not its complement */
		a.ports.both = 0;
		b.ports.both = 0;
		fuzz_must(fuzz_same_sum(fuzz_residue(a.family, &a, ~was),
					fuzz_residue(b.family, &b, ~is)));
		return;
	}
	if (pkt->t.proto == IPPROTO_UDP && !was) {
		fuzz_must(!is); /* it was nothing in IPv6, and stays so */
		return;
	}
	fuzz_must(is || pkt->t.proto == IPPROTO_TCP);
	fuzz_must(fuzz_same_sum(fuzz_residue(old->t.family, &old->t, was),
				fuzz_residue(pkt->t.family, &pkt->t, is)));
}

static void expect_tuple(const struct klb_pkt *pkt, const struct klb_side *to)
{
	u8 family = to->family;
	struct klb_tuple t = { .family = family };

	fuzz_must(pkt->t.family == family && pkt->t.proto == to->proto);
	if (family == AF_INET) {
		t.src.ip = to->addr.ip.dst;
		t.dst.ip = to->addr.ip.src;
	} else {
		t.src = to->addr.ip6.dst;
		t.dst = to->addr.ip6.src;
	}
	fuzz_must(klb_addr_equal(family, &pkt->t.src, &t.src));
	fuzz_must(klb_addr_equal(family, &pkt->t.dst, &t.dst));
	fuzz_must(pkt->t.ports.both == klb_ports_reverse(to->ports).both);
}

static void expect_payload(const struct klb_pkt *pkt, const u8 *was, u32 len,
			   const struct made *m)
{
	/* behind ports, and the sum that is in the first 18 bytes */
	u32 head = pkt->t.proto == IPPROTO_TCP ? 18 : 8, n = len - head;
	u8 *is;

	fuzz_must(pkt->skb->len - pkt->l4 == len);
	if (m->summed == CHECKSUM_PARTIAL && pkt->skb->ip_summed != m->summed)
		return; /* one inside has been filled in */
	is = malloc(n);
	fuzz_must(!skb_copy_bits(pkt->skb, pkt->l4 + head, is, n));
	fuzz_must(!memcmp(was + head, is, n));
	free(is);
}

static void expect_frame(const struct sk_buff *skb)
{
	fuzz_must(skb_mac_offset(skb) == -ETH_HLEN);
	fuzz_must(eth_hdr(skb)->h_proto == skb->protocol);
	fuzz_must(eth_hdr(skb)->h_source[5] == 0x22);
}

static void expect(const struct klb_pkt *old, const u8 *payload, u32 len,
		   const struct klb_xlat *x, const struct made *m)
{
	struct klb_pkt pkt = { .skb = old->skb };
	bool fragment = x->head.offset;

	fuzz_must(skb_headroom(old->skb) >= m->room);
	fuzz_must(!skb_network_offset(old->skb) && !old->skb->cloned);
	fuzz_must(old->skb->len == x->len);
	if (m->flags & FLAG_ETHER)
		expect_frame(old->skb);
	fuzz_must(klb_parse(&pkt));
	fuzz_must(pkt.l4 == klb_xlat_head_len(x->family, &x->head));
	fuzz_must(pkt.fragment == fragment);
	fuzz_must(klb_parse_check(&pkt));
	expect_tuple(&pkt, &m->to);
	expect_l3(&pkt, x, m);
	expect_sum(old, &pkt, m);
	expect_payload(&pkt, payload, len, m);
}

static void translate(struct klb_pkt *pkt, struct made *m)
{
	struct klb_pkt old = *pkt;
	static struct klb_net kn;
	struct klb_xlat x;
	u32 len = pkt->len - pkt->l4;
	u8 *payload;

	if (!klb_xlat_look(pkt, other_family(pkt->t.family), &x) ||
	    klb_xlat_must_segment(pkt, &x) || !klb_xlat_fits(pkt, &x, m->mtu))
		return;
	fuzz_must(x.seg - x.cut <= m->mtu);
	fuzz_must(skb_is_gso(pkt->skb) || (x.seg == x.len && !x.cut));
	payload = malloc(len);
	fuzz_must(!skb_copy_bits(pkt->skb, pkt->l4, payload, len));
	fuzz_must(klb_xlat(&kn, pkt, &x, &m->from, &m->to, m->room,
			   m->flags & FLAG_HOP));
	expect(&old, payload, len, &x, m);
	free(payload);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct made m = { .in = { .data = data, .size = HEAD } };
	struct klb_pkt pkt = {};

	if (size < HEAD + 3)
		return 0;
	pkt.skb = fuzz_skb(data + HEAD, size - HEAD);
	m.flags = fuzz_take(&m.in, 1);
	m.summed = fuzz_take(&m.in, 1) & 3;
	m.room = fuzz_take(&m.in, 1) & 63;
	m.mtu = fuzz_take(&m.in, 2);
	set_around(pkt.skb, &m);
	if (klb_parse(&pkt) && klb_parse_check(&pkt) &&
	    pkt.t.proto != IPPROTO_SCTP && !pkt.fragment) {
		set_summed(&pkt, &m);
		m.check = check_of(&pkt);
		m.ttl = ttl_of(&pkt);
		fuzz_sides(&m.in, &pkt.t, &m.from, &m.to);
		translate(&pkt, &m);
	}
	fuzz_skb_free(pkt.skb);
	return 0;
}
