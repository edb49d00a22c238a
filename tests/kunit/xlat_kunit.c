// SPDX-License-Identifier: GPL-2.0
/* Packets of one family made packets of the other: headers field by field, and
 * whole packets whose sums are made afresh.
 */
#include <kunit/test.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../../kmod/xlat_head.c"
#undef DF
#undef MF
#undef OFFSET
#undef NONE
#include "../../kmod/parse.c"
#include "../../kmod/nat.c"
#include "../../kmod/xlat.c"
#include "../../kmod/xlat_icmp.c"

/* of nat.c, for SCTP, which stays in its family */
__le32 klb_crc32c_delta(u32 diff, u32 len)
{
	return 0;
}

#define ROOM	128

/* ---- headers ---- */

static const struct klb_xlat_head plain = {
	.len = 100, .tos = 0xb8, .ttl = 63, .proto = IPPROTO_TCP, .df = true,
};

static void header4(struct kunit *test)
{
	struct klb_xlat_head h = plain, back;
	struct iphdr ip;

	klb_xlat_write4(&ip, &h, htonl(0x0a000001), htonl(0x0a000002));
	KUNIT_EXPECT_EQ(test, (u32)ip.version, 4);
	KUNIT_EXPECT_EQ(test, (u32)ip.ihl, 5);
	KUNIT_EXPECT_EQ(test, ntohs(ip.tot_len), 120);
	KUNIT_EXPECT_EQ(test, ntohs(ip.frag_off), 0x4000);
	KUNIT_EXPECT_EQ(test, ntohl(ip.saddr), 0x0a000001);
	KUNIT_EXPECT_EQ(test, ntohl(ip.daddr), 0x0a000002);
	KUNIT_EXPECT_EQ(test, (u32)ip_fast_csum(&ip, 5), 0);
	memset(&back, 0, sizeof(back));
	KUNIT_EXPECT_TRUE(test, klb_xlat_read4(&ip, 20, 100, &back));
	KUNIT_EXPECT_EQ(test, memcmp(&back, &h, sizeof(h)), 0);

	h.df = false;
	h.frag = true;
	h.offset = 1480 | 1;
	h.id = 0x1234abcd;
	klb_xlat_write4(&ip, &h, 0, 0);
	KUNIT_EXPECT_EQ(test, ntohs(ip.frag_off), 0x2000 | 185);
	KUNIT_EXPECT_EQ(test, ntohs(ip.id), 0xabcd);
	KUNIT_EXPECT_TRUE(test, klb_xlat_read4(&ip, 20, 100, &back));
	KUNIT_EXPECT_TRUE(test, back.frag);
	KUNIT_EXPECT_EQ(test, back.offset, 1480 | 1);
	h.len = 65516;
	klb_xlat_write4(&ip, &h, 0, 0);
	KUNIT_EXPECT_EQ(test, ntohs(ip.tot_len), 0);
}

static void header6(struct kunit *test)
{
	const union klb_addr src = { .w = { 1, 2 } }, dst = { .w = { 3, 4 } };
	struct klb_xlat_head h = plain, back;
	u8 data[48];
	struct ipv6hdr *ip6 = (void *)data;

	klb_xlat_write6(data, &h, &src, &dst);
	KUNIT_EXPECT_EQ(test, ntohl(*(__be32 *)data), 0x6b800000);
	KUNIT_EXPECT_EQ(test, ntohs(ip6->payload_len), 100);
	KUNIT_EXPECT_EQ(test, ip6->nexthdr, IPPROTO_TCP);
	KUNIT_EXPECT_EQ(test, ip6->hop_limit, 63);
	KUNIT_EXPECT_EQ(test, memcmp(&ip6->saddr, &src, 16), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&ip6->daddr, &dst, 16), 0);
	memset(&back, 0, sizeof(back));
	KUNIT_EXPECT_TRUE(test, klb_xlat_read6(data, 40, 100, &back));
	h.df = false;
	KUNIT_EXPECT_EQ(test, memcmp(&back, &h, sizeof(h)), 0);

	h.frag = true;
	h.offset = 1232 | 1;
	h.id = 0x89abcdef;
	KUNIT_EXPECT_EQ(test, klb_xlat_head_len(AF_INET6, &h), 48);
	klb_xlat_write6(data, &h, &src, &dst);
	KUNIT_EXPECT_EQ(test, ntohs(ip6->payload_len), 108);
	KUNIT_EXPECT_EQ(test, ip6->nexthdr, NEXTHDR_FRAGMENT);
	KUNIT_EXPECT_TRUE(test, klb_xlat_read6(data, 48, 100, &back));
	KUNIT_EXPECT_EQ(test, memcmp(&back, &h, sizeof(h)), 0);
}

static const struct route_case {
	const char *name;
	u8 options[12];
	u32 len;
	bool ok;
} route_cases[] = {
	{ "none", {}, 0, true },
	{ "no operation", { 1, 1, 1, 0 }, 4, true },
	{ "record route", { 7, 7, 4, 1, 2, 3, 4, 0 }, 8, true },
	{ "loose, to go", { 131, 7, 4, 1, 2, 3, 4, 0 }, 8, false },
	{ "strict, to go", { 1, 137, 7, 4, 1, 2, 3, 4 }, 8, false },
	{ "gone", { 131, 7, 8, 1, 2, 3, 4, 0 }, 8, true },
	{ "behind another", { 7, 3, 4, 131, 7, 4, 1, 2, 3, 4, 0, 0 }, 12, false },
	{ "behind the end", { 0, 131, 7, 4, 1, 2, 3, 4 }, 8, true },
	{ "longer than the header", { 131, 40, 4, 1 }, 4, true },
	{ "without length", { 1, 1, 131, 0 }, 4, true },
	{ "length 0", { 7, 0, 131, 3 }, 4, true },
};

KUNIT_ARRAY_PARAM_DESC(route, route_cases, name);

static void source_routes(struct kunit *test)
{
	const struct route_case *c = test->param_value;
	u8 data[32] = { 0x45 };
	struct klb_xlat_head h;

	memcpy(data + 20, c->options, sizeof(c->options));
	KUNIT_EXPECT_EQ(test, klb_xlat_read4(data, 20 + c->len, 0, &h), c->ok);
}

static void extension_headers(struct kunit *test)
{
	u8 data[40 + 8 + 24 + 8 + 8] = { 0x60 };
	struct klb_xlat_head h;

	data[6] = HDR_HOP;
	data[40] = HDR_ROUTING;
	data[48] = HDR_FRAGMENT;
	data[49] = 2;
	data[72] = HDR_DEST;
	put_unaligned_be32(77, &data[76]);
	data[80] = IPPROTO_UDP;
	KUNIT_EXPECT_TRUE(test, klb_xlat_read6(data, sizeof(data), 9, &h));
	KUNIT_EXPECT_EQ(test, h.proto, IPPROTO_UDP);
	KUNIT_EXPECT_TRUE(test, h.frag);
	KUNIT_EXPECT_EQ(test, h.offset, 0);
	KUNIT_EXPECT_EQ(test, h.id, 77);
	data[51] = 1; /* segments left */
	KUNIT_EXPECT_FALSE(test, klb_xlat_read6(data, sizeof(data), 9, &h));
}

/* ---- errors ---- */

#define DROPPED	0xff

static const struct {
	struct klb_xlat_error from, to;
	u32 len;
} errors6[] = {
	{ { 3, 0 }, { 1, 0 } }, { { 3, 1 }, { 1, 0 } },
	{ { 3, 2 }, { 4, 1, 6 } }, { { 3, 3 }, { 1, 4 } },
	{ { 3, 4, 1400 }, { 2, 0, 1420 } }, { { 3, 4, 1000 }, { 2, 0, 1280 } },
	{ { 3, 4, 0 }, { 2, 0, 1512 }, 1500 }, { { 3, 4, 0 }, { 2, 0, 1280 }, 500 },
	{ { 3, 5 }, { 1, 0 } }, { { 3, 6 }, { 1, 0 } }, { { 3, 7 }, { 1, 0 } },
	{ { 3, 8 }, { 1, 0 } }, { { 3, 9 }, { 1, 1 } }, { { 3, 10 }, { 1, 1 } },
	{ { 3, 11 }, { 1, 0 } }, { { 3, 12 }, { 1, 0 } }, { { 3, 13 }, { 1, 1 } },
	{ { 3, 14 }, { DROPPED } }, { { 3, 15 }, { 1, 1 } },
	{ { 3, 16 }, { DROPPED } },
	{ { 4, 0 }, { DROPPED } }, { { 5, 0 }, { DROPPED } },
	{ { 11, 0 }, { 3, 0 } }, { { 11, 1 }, { 3, 1 } },
	{ { 11, 2 }, { DROPPED } },
	{ { 12, 0, 0 }, { 4, 0, 0 } }, { { 12, 0, 1 }, { 4, 0, 1 } },
	{ { 12, 0, 2 }, { 4, 0, 4 } }, { { 12, 0, 4 }, { DROPPED } },
	{ { 12, 0, 8 }, { 4, 0, 7 } }, { { 12, 2, 9 }, { 4, 0, 6 } },
	{ { 12, 0, 10 }, { DROPPED } }, { { 12, 0, 15 }, { 4, 0, 8 } },
	{ { 12, 0, 16 }, { 4, 0, 24 } }, { { 12, 0, 20 }, { DROPPED } },
	{ { 12, 1, 0 }, { DROPPED } }, { { 13, 0 }, { DROPPED } },
}, errors4[] = {
	{ { 1, 0 }, { 3, 1 } }, { { 1, 1 }, { 3, 10 } }, { { 1, 2 }, { 3, 1 } },
	{ { 1, 3 }, { 3, 1 } }, { { 1, 4 }, { 3, 3 } }, { { 1, 5 }, { DROPPED } },
	{ { 2, 0, 1500 }, { 3, 4, 1480 } }, { { 2, 0, 1280 }, { 3, 4, 1260 } },
	{ { 2, 0, 0xffffffff }, { 3, 4, 65515 } },
	{ { 3, 0 }, { 11, 0 } }, { { 3, 1 }, { 11, 1 } },
	{ { 3, 2 }, { DROPPED } },
	{ { 4, 0, 0 }, { 12, 0, 0 } }, { { 4, 0, 2 }, { DROPPED } },
	{ { 4, 0, 5 }, { 12, 0, 2 } }, { { 4, 0, 6 }, { 12, 0, 9 } },
	{ { 4, 0, 7 }, { 12, 0, 8 } }, { { 4, 0, 23 }, { 12, 0, 12 } },
	{ { 4, 0, 39 }, { 12, 0, 16 } }, { { 4, 0, 40 }, { DROPPED } },
	{ { 4, 1, 6 }, { 3, 2, 0 } }, { { 4, 2 }, { DROPPED } },
	{ { 128, 0 }, { DROPPED } },
};

static void expect_error(struct kunit *test, bool ok,
			 const struct klb_xlat_error *got,
			 const struct klb_xlat_error *want, int i)
{
	KUNIT_EXPECT_EQ_MSG(test, ok, want->type != DROPPED, "case %d", i);
	if (!ok)
		return;
	KUNIT_EXPECT_EQ_MSG(test, got->type, want->type, "case %d", i);
	KUNIT_EXPECT_EQ_MSG(test, got->code, want->code, "case %d", i);
	KUNIT_EXPECT_EQ_MSG(test, got->info, want->info, "case %d", i);
}

static void errors(struct kunit *test)
{
	struct klb_xlat_error e;
	bool ok;
	int i;

	for (i = 0; i < ARRAY_SIZE(errors6); i++) {
		e = errors6[i].from;
		ok = klb_xlat_error6(&e, errors6[i].len);
		expect_error(test, ok, &e, &errors6[i].to, i);
	}
	for (i = 0; i < ARRAY_SIZE(errors4); i++) {
		e = errors4[i].from;
		ok = klb_xlat_error4(&e);
		expect_error(test, ok, &e, &errors4[i].to, 1000 + i);
	}
}

static void sizes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, klb_xlat_mtu(AF_INET, 1500), 1480);
	KUNIT_EXPECT_EQ(test, klb_xlat_mtu(AF_INET, 1280), 1260);
	KUNIT_EXPECT_EQ(test, klb_xlat_mtu(AF_INET, 0), 0);
	KUNIT_EXPECT_EQ(test, klb_xlat_mtu(AF_INET6, 1500), 1520);
	KUNIT_EXPECT_EQ(test, klb_xlat_mtu(AF_INET6, 1260), 1280);
	KUNIT_EXPECT_EQ(test, klb_xlat_mtu(AF_INET6, 576), 1280);
	KUNIT_EXPECT_TRUE(test, klb_xlat_may_fragment4(1260));
	KUNIT_EXPECT_FALSE(test, klb_xlat_may_fragment4(1261));
}

/* ---- packets ---- */

struct shape {
	const char *name;
	u8 family, proto;
	u8 extra;		/* bytes of options or extension headers */
	u16 payload;
	u16 linear;		/* bytes of the payload that are */
	u8 summed;		/* ip_summed */
	bool no_sum;		/* UDP checksum 0 */
	bool df;
	bool ether, cloned, tight;
	u16 gso;
};

static const struct shape shapes[] = {
	{ "TCP4", AF_INET, IPPROTO_TCP, .payload = 100, .df = true },
	{ "TCP4, odd", AF_INET, IPPROTO_TCP, .payload = 101, .ether = true },
	{ "TCP4, options", AF_INET, IPPROTO_TCP, 40, .payload = 3 },
	{ "TCP4, no room", AF_INET, IPPROTO_TCP, .payload = 100, .tight = true,
	  .ether = true },
	{ "TCP4, cloned", AF_INET, IPPROTO_TCP, .payload = 100, .cloned = true },
	{ "TCP4, partial", AF_INET, IPPROTO_TCP, .payload = 999, .linear = 10,
	  .summed = CHECKSUM_PARTIAL, .cloned = true, .ether = true },
	{ "TCP4, complete", AF_INET, IPPROTO_TCP, .payload = 100,
	  .summed = CHECKSUM_COMPLETE },
	{ "TCP4, super", AF_INET, IPPROTO_TCP, .payload = 3000, .gso = 1400,
	  .summed = CHECKSUM_PARTIAL, .df = true, .linear = 3000 },
	{ "UDP4", AF_INET, IPPROTO_UDP, .payload = 100, .ether = true },
	{ "UDP4, no sum", AF_INET, IPPROTO_UDP, .payload = 101, .no_sum = true },
	{ "UDP4, no sum, parts", AF_INET, IPPROTO_UDP, .payload = 901,
	  .linear = 7, .no_sum = true, .tight = true, .ether = true },
	{ "UDP4, no sum, complete", AF_INET, IPPROTO_UDP, .payload = 10,
	  .no_sum = true, .summed = CHECKSUM_COMPLETE },
	{ "UDP4, empty", AF_INET, IPPROTO_UDP },
	{ "UDP4, partial", AF_INET, IPPROTO_UDP, .payload = 100,
	  .summed = CHECKSUM_PARTIAL },
	{ "UDP4, super", AF_INET, IPPROTO_UDP, .payload = 3000, .gso = 1000,
	  .summed = CHECKSUM_PARTIAL, .linear = 3000 },
	{ "TCP6", AF_INET6, IPPROTO_TCP, .payload = 100, .ether = true },
	{ "TCP6, large", AF_INET6, IPPROTO_TCP, .payload = 1400, .df = true },
	{ "TCP6, headers", AF_INET6, IPPROTO_TCP, 24, .payload = 77,
	  .ether = true },
	{ "TCP6, partial", AF_INET6, IPPROTO_TCP, .payload = 999,
	  .summed = CHECKSUM_PARTIAL, .cloned = true },
	{ "TCP6, super", AF_INET6, IPPROTO_TCP, .payload = 3000, .gso = 1400,
	  .summed = CHECKSUM_PARTIAL, .df = true, .linear = 3000 },
	{ "UDP6", AF_INET6, IPPROTO_UDP, .payload = 100, .ether = true },
	{ "UDP6, parts", AF_INET6, IPPROTO_UDP, .payload = 901, .linear = 7 },
	{ "UDP6, no sum", AF_INET6, IPPROTO_UDP, .payload = 90, .no_sum = true },
	{ "UDP6, complete", AF_INET6, IPPROTO_UDP, .payload = 10, .tight = true,
	  .summed = CHECKSUM_COMPLETE },
	{ "UDP6, super", AF_INET6, IPPROTO_UDP, .payload = 3000, .gso = 1000,
	  .summed = CHECKSUM_PARTIAL, .linear = 3000 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

static const union klb_addr v4[] = {
	{ .ip = cpu_to_be32(0x0a640001) }, { .ip = cpu_to_be32(0xc0a80102) },
};

static const union klb_addr v6[] = {
	{ .in6 = { .s6_addr = { 0xfd, 0, 1, [15] = 7 } } },
	{ .in6 = { .s6_addr = { 0xfd, 0, 2, 3, 4, 5, 6, 7, 8, 9, [15] = 9 } } },
};

/* too large for the stack */
static struct klb_net kn = { .net = &init_net };

/* Both ends of what passes; the same in both families but for the addresses. */
struct sides {
	struct klb_side from, to;
};

static void sides_make(struct sides *s, u8 family, u8 proto)
{
	const union klb_ports in = { .src = htons(40000), .dst = htons(80) };
	const union klb_ports out = { .src = htons(8080), .dst = htons(1024) };
	u16 addr;

	memset(s, 0, sizeof(*s));
	klb_side_set(family == AF_INET ? &s->from : &s->to, AF_INET, proto,
		     family == AF_INET ? in : out, &v4[0], &v4[1]);
	klb_side_set(family == AF_INET ? &s->to : &s->from, AF_INET6, proto,
		     family == AF_INET ? out : in, &v6[0], &v6[1]);
	addr = klb_csum_delta(klb_side_sum(&s->from, s->from.family),
			      klb_side_sum(&s->to, s->to.family));
	s->from.addr_delta = addr;
	s->from.l4_delta = klb_csum_fold((u32)addr +
			   klb_csum_delta(klb_csum_fold(in.both),
					  klb_csum_fold(out.both)));
}

static u32 l3_len(const struct shape *s)
{
	return (s->family == AF_INET ? 20 : 40) + s->extra;
}

static u32 head4_len(const struct shape *s)
{
	return s->proto == IPPROTO_TCP ? 20 : 8;
}

static u8 byte_of(u32 i)
{
	return i * 7 + (i >> 8);
}

static void put_l3(struct sk_buff *skb, const struct shape *s, u32 len)
{
	u8 *data = skb_put_zero(skb, l3_len(s));
	struct ipv6hdr *ip6 = (void *)data;
	struct iphdr *ip = (void *)data;

	skb->protocol = htons(s->family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
	if (s->family == AF_INET) {
		ip->version = 4;
		ip->ihl = l3_len(s) / 4;
		ip->tos = 0x2e;
		ip->tot_len = htons(len);
		ip->frag_off = htons(s->df ? IP_DF : 0);
		ip->ttl = 9;
		ip->protocol = s->proto;
		ip->saddr = v4[0].ip;
		ip->daddr = v4[1].ip;
		memset(ip + 1, 1, s->extra);
		ip->check = ip_fast_csum(ip, ip->ihl);
		return;
	}
	put_unaligned_be32(0x62e12345, data);
	ip6->payload_len = htons(len - 40);
	ip6->nexthdr = s->extra ? HDR_DEST : s->proto;
	ip6->hop_limit = 9;
	ip6->saddr = v6[0].in6;
	ip6->daddr = v6[1].in6;
	if (s->extra) {
		data[40] = s->proto;
		data[41] = s->extra / 8 - 1;
	}
}

static __sum16 *check_of(void *l4, u8 proto)
{
	return proto == IPPROTO_TCP ? &((struct tcphdr *)l4)->check :
				      &((struct udphdr *)l4)->check;
}

static void put_l4(struct sk_buff *skb, const struct shape *s)
{
	struct tcphdr *th = skb_put_zero(skb, head4_len(s));
	struct udphdr *uh = (void *)th;

	th->source = htons(40000);
	th->dest = htons(80);
	if (s->proto == IPPROTO_TCP) {
		th->doff = 5;
		th->ack = 1;
	} else {
		uh->len = htons(8 + s->payload);
	}
}

static void put_payload(struct sk_buff *skb, const struct shape *s)
{
	u32 linear = s->linear ?: s->payload, i;
	struct page *page;
	u8 *p;

	p = skb_put(skb, linear);
	for (i = 0; i < linear; i++)
		p[i] = byte_of(i);
	if (linear == s->payload)
		return;
	page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	p = page_address(page);
	for (; i < s->payload; i++)
		p[i - linear] = byte_of(i);
	skb_add_rx_frag(skb, 0, page, 0, s->payload - linear, PAGE_SIZE);
}

/* Sum over pseudo header, folded and not inverted. */
static u16 pseudo(u8 family, u8 proto, const void *l3, u32 len)
{
	const struct ipv6hdr *ip6 = l3;
	const struct iphdr *ip = l3;

	if (family == AF_INET)
		return (__force u16)~csum_tcpudp_magic(ip->saddr, ip->daddr,
						       len, proto, 0);
	return (__force u16)~csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
					     proto, 0);
}

static __sum16 sum_afresh(struct sk_buff *skb, u8 family, u8 proto, u32 l4)
{
	u32 len = skb->len - l4;
	__wsum sum = skb_checksum(skb, l4, len, 0);

	return csum_fold(csum_add(sum, (__force __wsum)(u32)
				  pseudo(family, proto, skb->data, len)));
}

static void put_sum(struct sk_buff *skb, const struct shape *s)
{
	u32 l4 = l3_len(s);
	__sum16 *check = check_of(skb->data + l4, s->proto);

	skb->ip_summed = s->summed;
	if (s->summed == CHECKSUM_PARTIAL) {
		*check = (__force __sum16)pseudo(s->family, s->proto, skb->data,
						 skb->len - l4);
		skb->csum_start = skb->data + l4 - skb->head;
		skb->csum_offset = (u8 *)check - skb->data - l4;
	} else if (!s->no_sum) {
		*check = sum_afresh(skb, s->family, s->proto, l4);
	}
	if (s->summed == CHECKSUM_COMPLETE)
		skb->csum = skb_checksum(skb, 0, skb->len, 0);
}

static struct sk_buff *skb_of(const struct shape *s)
{
	u32 len = l3_len(s) + head4_len(s) + s->payload;
	u32 linear = s->linear ?: s->payload;
	u32 before = (s->tight ? 0 : ROOM) + (s->ether ? ETH_HLEN : 0);
	struct sk_buff *skb = alloc_skb(before + len - s->payload + linear,
					GFP_KERNEL | __GFP_NOFAIL);

	skb_reserve(skb, before);
	put_l3(skb, s, len);
	put_l4(skb, s);
	put_payload(skb, s);
	put_sum(skb, s);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, l3_len(s));
	if (s->ether) {
		struct ethhdr *eth = (void *)skb->data - ETH_HLEN;

		memset(eth->h_dest, 0x22, 6);
		memset(eth->h_source, 0x44, 6);
		eth->h_proto = skb->protocol;
		skb_set_mac_header(skb, -ETH_HLEN);
	}
	skb_reset_mac_len(skb);
	if (s->gso) {
		skb_shinfo(skb)->gso_size = s->gso;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(s->payload, s->gso);
		skb_shinfo(skb)->gso_type =
			s->proto == IPPROTO_UDP ? SKB_GSO_UDP_L4 :
			s->family == AF_INET ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	}
	return skb;
}

static u8 other(u8 family)
{
	return family == AF_INET ? AF_INET6 : AF_INET;
}

static void expect_l3(struct kunit *test, struct sk_buff *skb,
		      const struct shape *s, u32 len)
{
	struct ipv6hdr *ip6 = (void *)skb->data;
	struct iphdr *ip = (void *)skb->data;

	if (s->family == AF_INET) {
		KUNIT_EXPECT_EQ(test, ntohl(*(__be32 *)ip6), 0x62e00000);
		KUNIT_EXPECT_EQ(test, ntohs(ip6->payload_len), len - 40);
		KUNIT_EXPECT_EQ(test, ip6->nexthdr, s->proto);
		KUNIT_EXPECT_EQ(test, ip6->hop_limit, 8);
		/* the reverse of what the other side expects */
		KUNIT_EXPECT_EQ(test, memcmp(&ip6->saddr, &v6[1], 16), 0);
		KUNIT_EXPECT_EQ(test, memcmp(&ip6->daddr, &v6[0], 16), 0);
		return;
	}
	KUNIT_EXPECT_EQ(test, (u32)ip->version, 4);
	KUNIT_EXPECT_EQ(test, (u32)ip->ihl, 5);
	KUNIT_EXPECT_EQ(test, ip->tos, 0x2e);
	KUNIT_EXPECT_EQ(test, ntohs(ip->tot_len), len);
	KUNIT_EXPECT_EQ(test, ntohs(ip->frag_off), s->df ? IP_DF : 0);
	KUNIT_EXPECT_EQ(test, ip->ttl, 8);
	KUNIT_EXPECT_EQ(test, ip->protocol, s->proto);
	KUNIT_EXPECT_EQ(test, ip->saddr, v4[1].ip);
	KUNIT_EXPECT_EQ(test, ip->daddr, v4[0].ip);
	KUNIT_EXPECT_EQ(test, (u32)ip_fast_csum(ip, 5), 0);
}

static void expect_payload(struct kunit *test, struct sk_buff *skb, u32 at,
			   u32 n)
{
	u32 i, wrong = 0;
	u8 b;

	for (i = 0; i < n; i++)
		wrong += skb_copy_bits(skb, at + i, &b, 1) || b != byte_of(i);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

static void expect_l4(struct kunit *test, struct sk_buff *skb,
		      const struct shape *s, u32 l4)
{
	struct tcphdr *th = (void *)skb->data + l4;
	u8 family = other(s->family);
	__sum16 *check;

	KUNIT_EXPECT_EQ(test, ntohs(th->source), 1024);
	KUNIT_EXPECT_EQ(test, ntohs(th->dest), 8080);
	KUNIT_EXPECT_EQ(test, skb_transport_offset(skb), l4);
	if (s->summed == CHECKSUM_PARTIAL) {
		KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_PARTIAL);
		KUNIT_EXPECT_EQ(test, skb_checksum_start_offset(skb), l4);
		if (s->gso) {
			skb_shinfo(skb)->gso_size = 0;
			skb_shinfo(skb)->gso_type = 0;
		}
		KUNIT_EXPECT_EQ(test, skb_checksum_help(skb), 0);
	} else {
		KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed, CHECKSUM_NONE);
	}
	check = check_of(skb->data + l4, s->proto);
	if (family == AF_INET && s->no_sum) {
		KUNIT_EXPECT_EQ(test, (u32)*check, 0);
	} else {
		KUNIT_EXPECT_NE(test, (u32)*check, 0);
		KUNIT_EXPECT_EQ(test, (u32)sum_afresh(skb, family, s->proto, l4),
				0);
	}
}

static void expect_frame(struct kunit *test, struct sk_buff *skb)
{
	const struct ethhdr *eth = eth_hdr(skb);

	KUNIT_EXPECT_EQ(test, skb_mac_header_len(skb), ETH_HLEN);
	KUNIT_EXPECT_EQ(test, eth->h_dest[5], 0x22);
	KUNIT_EXPECT_EQ(test, eth->h_source[0], 0x44);
	KUNIT_EXPECT_EQ(test, eth->h_proto, skb->protocol);
}

static bool look(struct klb_pkt *pkt, struct sk_buff *skb, struct klb_xlat *x)
{
	memset(pkt, 0xee, sizeof(*pkt));
	pkt->skb = skb;
	return klb_parse(pkt) && klb_parse_check(pkt) &&
	       klb_xlat_look(pkt, other(pkt->t.family), x);
}

static void packets(struct kunit *test)
{
	const struct shape *s = test->param_value;
	struct sk_buff *skb = skb_of(s), *clone = NULL;
	u32 l4 = s->family == AF_INET ? 40 : 20, sum = 0;
	struct sides sides;
	struct klb_pkt pkt;
	struct klb_xlat x;

	if (s->cloned) {
		clone = skb_clone(skb, GFP_KERNEL | __GFP_NOFAIL);
		sum = skb_checksum(clone, 0, clone->len, 0);
	}
	sides_make(&sides, s->family, s->proto);
	KUNIT_ASSERT_TRUE(test, look(&pkt, skb, &x));
	KUNIT_EXPECT_FALSE(test, klb_xlat_must_segment(&pkt, &x));
	KUNIT_EXPECT_EQ(test, x.len, l4 + head4_len(s) + s->payload);
	KUNIT_EXPECT_EQ(test, x.seg, l4 + head4_len(s) +
				     (s->gso ?: s->payload));
	KUNIT_EXPECT_TRUE(test, klb_xlat_fits(&pkt, &x, x.seg));
	KUNIT_ASSERT_TRUE(test, klb_xlat(&kn, &pkt, &x, &sides.from, &sides.to,
					 64, true));
	KUNIT_EXPECT_GE(test, skb_headroom(skb), 64);
	KUNIT_EXPECT_EQ(test, skb->len, x.len);
	KUNIT_EXPECT_EQ(test, skb_network_offset(skb), 0);
	KUNIT_EXPECT_EQ(test, ntohs(skb->protocol),
			s->family == AF_INET ? ETH_P_IPV6 : ETH_P_IP);
	expect_l3(test, skb, s, x.len);
	expect_l4(test, skb, s, l4);
	expect_payload(test, skb, l4 + head4_len(s), s->payload);
	if (s->ether)
		expect_frame(test, skb);
	if (clone)
		KUNIT_EXPECT_EQ(test, sum, (u32)skb_checksum(clone, 0,
							     clone->len, 0));
	kfree_skb(clone);
	kfree_skb(skb);
}

/* ---- super-packets ---- */

static void expect_gso(struct kunit *test, const struct shape *s, u32 mtu,
		       u32 type, u32 size, u32 segs)
{
	struct sk_buff *skb = skb_of(s);
	const struct skb_shared_info *sh;
	struct sides sides;
	struct klb_pkt pkt;
	struct klb_xlat x;

	sides_make(&sides, s->family, s->proto);
	KUNIT_ASSERT_TRUE(test, look(&pkt, skb, &x));
	KUNIT_ASSERT_TRUE(test, klb_xlat_fits(&pkt, &x, mtu));
	KUNIT_ASSERT_TRUE(test, klb_xlat(&kn, &pkt, &x, &sides.from, &sides.to,
					 0, true));
	sh = skb_shinfo(skb);
	KUNIT_EXPECT_EQ(test, sh->gso_type, type);
	KUNIT_EXPECT_EQ(test, sh->gso_size, size);
	KUNIT_EXPECT_EQ(test, sh->gso_segs, segs);
	kfree_skb(skb);
}

static void super_packets(struct kunit *test)
{
	static const struct shape tcp4 = {
		"", AF_INET, IPPROTO_TCP, .payload = 3000, .gso = 1460,
		.summed = CHECKSUM_PARTIAL
	};
	static const struct shape tcp6 = {
		"", AF_INET6, IPPROTO_TCP, .payload = 3000, .gso = 1440,
		.summed = CHECKSUM_PARTIAL
	};
	static const struct shape udp4 = {
		"", AF_INET, IPPROTO_UDP, .payload = 3000, .gso = 1460,
		.summed = CHECKSUM_PARTIAL
	};
	struct sk_buff *skb;
	struct klb_pkt pkt;
	struct klb_xlat x;

	expect_gso(test, &tcp4, 1520, SKB_GSO_TCPV6, 1460, 3);
	expect_gso(test, &tcp4, 1500, SKB_GSO_TCPV6 | SKB_GSO_DODGY, 1440, 3);
	expect_gso(test, &tcp6, 1500, SKB_GSO_TCPV4, 1440, 3);
	expect_gso(test, &udp4, 1508, SKB_GSO_UDP_L4, 1460, 3);
	/* what is too long for other reasons is */
	skb = skb_of(&tcp4);
	KUNIT_ASSERT_TRUE(test, look(&pkt, skb, &x));
	KUNIT_EXPECT_FALSE(test, klb_xlat_fits(&pkt, &x, 1499));
	skb_shinfo(skb)->gso_type |= SKB_GSO_FRAGLIST;
	KUNIT_EXPECT_TRUE(test, klb_xlat_must_segment(&pkt, &x));
	kfree_skb(skb);
	/* a datagram is not cut otherwise */
	skb = skb_of(&udp4);
	KUNIT_ASSERT_TRUE(test, look(&pkt, skb, &x));
	KUNIT_EXPECT_FALSE(test, klb_xlat_fits(&pkt, &x, 1507));
	kfree_skb(skb);
}

/* ---- errors that come in ---- */

/* Of the packets that an endpoint of @family was sent. */
static struct sk_buff *error_of(u8 family, u8 proto, const u8 *icmp, u32 payload)
{
	const struct shape quoted = { "", family, proto, .payload = payload,
				      .df = true };
	struct sk_buff *in = skb_of(&quoted), *skb;
	u32 head = family == AF_INET ? 20 : 40, len = head + 8 + in->len;
	struct klb_xlat_head h = {
		.len = 8 + in->len, .tos = 7, .ttl = 9,
		.proto = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6,
	};
	void *data;

	skb = alloc_skb(ROOM + len, GFP_KERNEL | __GFP_NOFAIL);
	skb_reserve(skb, ROOM);
	data = skb_put(skb, len);
	skb_reset_network_header(skb);
	skb->protocol = in->protocol;
	if (family == AF_INET)
		klb_xlat_write4(data, &h, v4[1].ip, v4[0].ip);
	else
		klb_xlat_write6(data, &h, &v6[1], &v6[0]);
	memcpy(data + head, icmp, 8);
	skb_copy_bits(in, 0, data + head + 8, in->len);
	kfree_skb(in);
	return skb;
}

/* skb_of() makes a packet from [0] to [1]; what klb sent and what is quoted is
 * that, so errors come the other way.
 */
static void sides_reverse(struct sides *s, u8 family, u8 proto)
{
	const union klb_ports in = { .src = htons(80), .dst = htons(40000) };
	const union klb_ports out = { .src = htons(1024), .dst = htons(8080) };
	const union klb_addr *from = family == AF_INET ? v4 : v6;
	const union klb_addr *to = family == AF_INET ? v6 : v4;
	u16 addr;

	memset(s, 0, sizeof(*s));
	klb_side_set(&s->from, family, proto, in, &from[1], &from[0]);
	klb_side_set(&s->to, other(family), proto, out, &to[0], &to[1]);
	addr = klb_csum_delta(klb_side_sum(&s->from, family),
			      klb_side_sum(&s->to, other(family)));
	s->from.addr_delta = addr;
	s->from.l4_delta = klb_csum_fold((u32)addr +
			   klb_csum_delta(klb_csum_fold(in.both),
					  klb_csum_fold(out.both)));
}

static void expect_error_sums(struct kunit *test, struct sk_buff *skb,
			      u8 proto, bool all)
{
	u8 family = skb->protocol == htons(ETH_P_IP) ? AF_INET : AF_INET6;
	u32 head = family == AF_INET ? 20 : 40;
	__wsum sum;

	if (family == AF_INET) {
		KUNIT_EXPECT_EQ(test, (u32)ip_fast_csum(skb->data, 5), 0);
		sum = skb_checksum(skb, 20, skb->len - 20, 0);
		KUNIT_EXPECT_EQ(test, (u32)csum_fold(sum), 0);
	} else {
		KUNIT_EXPECT_EQ(test, (u32)sum_afresh(skb, AF_INET6,
						      IPPROTO_ICMPV6, 40), 0);
	}
	skb_pull(skb, head + 8);
	if (all)
		KUNIT_EXPECT_EQ(test, (u32)sum_afresh(skb, family, proto, head),
				0);
	skb_push(skb, head + 8);
}

static void error_to6(struct kunit *test)
{
	static const u8 icmp[8] = { 3, 4, 0, 0, 0, 0, 1400 >> 8, 1400 & 0xff };
	struct sk_buff *skb = error_of(AF_INET, IPPROTO_TCP, icmp, 100);
	const struct ipv6hdr *ip6, *in;
	const union klb_ports *ports;
	struct sides s;

	sides_reverse(&s, AF_INET, IPPROTO_TCP);
	KUNIT_ASSERT_EQ(test, 0, klb_xlat_icmp(skb, 20, 48, &s.from, &s.to,
					       1500, 32, true));
	ip6 = (void *)skb->data;
	in = (void *)skb->data + 48;
	ports = (void *)(in + 1);
	KUNIT_EXPECT_EQ(test, ntohs(skb->protocol), ETH_P_IPV6);
	KUNIT_EXPECT_EQ(test, skb->len, 40 + 8 + 40 + 20 + 100);
	KUNIT_EXPECT_EQ(test, ip6->hop_limit, 8);
	KUNIT_EXPECT_EQ(test, ip6->nexthdr, IPPROTO_ICMPV6);
	KUNIT_EXPECT_EQ(test, memcmp(&ip6->saddr, &v6[1], 16), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&ip6->daddr, &v6[0], 16), 0);
	KUNIT_EXPECT_EQ(test, skb->data[40], ICMPV6_PKT_TOOBIG);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(skb->data + 44), 1420);
	KUNIT_EXPECT_EQ(test, memcmp(&in->saddr, &v6[0], 16), 0);
	KUNIT_EXPECT_EQ(test, memcmp(&in->daddr, &v6[1], 16), 0);
	KUNIT_EXPECT_EQ(test, ntohs(in->payload_len), 120);
	KUNIT_EXPECT_EQ(test, in->hop_limit, 9);
	KUNIT_EXPECT_EQ(test, ntohs(ports->src), 1024);
	KUNIT_EXPECT_EQ(test, ntohs(ports->dst), 8080);
	expect_error_sums(test, skb, IPPROTO_TCP, true);
	kfree_skb(skb);
}

static void error_to4(struct kunit *test)
{
	static const u8 icmp[8] = { 1, 4 };
	struct sk_buff *skb = error_of(AF_INET6, IPPROTO_UDP, icmp, 100);
	const struct iphdr *ip, *in;
	struct sides s;

	sides_reverse(&s, AF_INET6, IPPROTO_UDP);
	KUNIT_ASSERT_EQ(test, 0, klb_xlat_icmp(skb, 40, 88, &s.from, &s.to,
					       1500, 32, false));
	ip = (void *)skb->data;
	in = (void *)skb->data + 28;
	KUNIT_EXPECT_EQ(test, skb->len, 20 + 8 + 20 + 8 + 100);
	KUNIT_EXPECT_EQ(test, ip->ttl, 9);
	KUNIT_EXPECT_EQ(test, ip->protocol, IPPROTO_ICMP);
	KUNIT_EXPECT_EQ(test, ip->saddr, v4[1].ip);
	KUNIT_EXPECT_EQ(test, ip->daddr, v4[0].ip);
	KUNIT_EXPECT_EQ(test, skb->data[20], ICMP_DEST_UNREACH);
	KUNIT_EXPECT_EQ(test, skb->data[21], ICMP_PORT_UNREACH);
	KUNIT_EXPECT_EQ(test, in->saddr, v4[0].ip);
	KUNIT_EXPECT_EQ(test, in->daddr, v4[1].ip);
	KUNIT_EXPECT_EQ(test, ntohs(in->tot_len), 128);
	KUNIT_EXPECT_EQ(test, (u32)ip_fast_csum(in, 5), 0);
	expect_error_sums(test, skb, IPPROTO_UDP, true);
	kfree_skb(skb);
}

/* Long ones are cut, and what the other family does not have is dropped. */
static void error_limits(struct kunit *test)
{
	static const u8 unreachable[8] = { 1, 0 }, net[8] = { 3, 0 };
	static const u8 extended[8] = { 3, 1, 0, 0, 0, 128 / 4, 9, 9 };
	static const u8 quench[8] = { 4, 0 }, option[8] = { 4, 2 };
	struct sk_buff *skb;
	struct sides s;

	sides_reverse(&s, AF_INET6, IPPROTO_TCP);
	skb = error_of(AF_INET6, IPPROTO_TCP, unreachable, 1100);
	KUNIT_ASSERT_EQ(test, 0, klb_xlat_icmp(skb, 40, 88, &s.from, &s.to,
					       1500, 32, false));
	KUNIT_EXPECT_EQ(test, skb->len, 576);
	expect_error_sums(test, skb, IPPROTO_TCP, false);
	kfree_skb(skb);
	skb = error_of(AF_INET6, IPPROTO_TCP, option, 0);
	KUNIT_EXPECT_EQ(test, -EPROTO, klb_xlat_icmp(skb, 40, 88, &s.from,
						     &s.to, 1500, 32, false));
	kfree_skb(skb);

	sides_reverse(&s, AF_INET, IPPROTO_TCP);
	skb = error_of(AF_INET, IPPROTO_TCP, net, 1460);
	KUNIT_ASSERT_EQ(test, 0, klb_xlat_icmp(skb, 20, 48, &s.from, &s.to,
					       1500, 32, false));
	KUNIT_EXPECT_EQ(test, skb->len, 1280);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(skb->data + 44), 0);
	expect_error_sums(test, skb, IPPROTO_TCP, false);
	kfree_skb(skb);
	skb = error_of(AF_INET, IPPROTO_TCP, extended, 400);
	KUNIT_ASSERT_EQ(test, 0, klb_xlat_icmp(skb, 20, 48, &s.from, &s.to,
					       1500, 32, false));
	KUNIT_EXPECT_EQ(test, skb->len, 40 + 8 + 20 + 128);
	KUNIT_EXPECT_EQ(test, get_unaligned_be32(skb->data + 44), 0);
	expect_error_sums(test, skb, IPPROTO_TCP, false);
	kfree_skb(skb);
	skb = error_of(AF_INET, IPPROTO_TCP, quench, 0);
	KUNIT_EXPECT_EQ(test, -EPROTO, klb_xlat_icmp(skb, 20, 48, &s.from,
						     &s.to, 1500, 32, false));
	kfree_skb(skb);
}

static struct kunit_case xlat_cases[] = {
	KUNIT_CASE(header4),
	KUNIT_CASE(header6),
	KUNIT_CASE_PARAM(source_routes, route_gen_params),
	KUNIT_CASE(extension_headers),
	KUNIT_CASE(errors),
	KUNIT_CASE(sizes),
	KUNIT_CASE_PARAM(packets, shape_gen_params),
	KUNIT_CASE(super_packets),
	KUNIT_CASE(error_to6),
	KUNIT_CASE(error_to4),
	KUNIT_CASE(error_limits),
	{}
};

static struct kunit_suite xlat_suite = {
	.name = "klb_xlat",
	.test_cases = xlat_cases,
};

kunit_test_suite(xlat_suite);

MODULE_DESCRIPTION("KUnit tests of klb's translation between address families");
MODULE_LICENSE("GPL");
