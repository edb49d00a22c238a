// SPDX-License-Identifier: GPL-2.0
/* Packets whole, truncated, hostile and random, in skbs of every shape. */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "../../kmod/parse.c"

#define PACKET_MAX	512
#define HEADROOM	64
#define TAILROOM	64

/* ---- packets ---- */

/* What a good packet is made of. */
struct recipe {
	u8 family, proto;
	u8 options;		/* 32-bit words of IPv4 options */
	u8 exthdrs[10];		/* IPv6, ends with 0 */
	u8 doff;		/* of TCP, 32-bit words */
	u8 payload;		/* bytes */
};

struct packet {
	u8 data[PACKET_MAX];
	u32 len;
	u32 l4;			/* offset */
	u8 family, proto;
};

/* Next header 0 is a real one; here it stands for the end. */
#define HOP	0xff

static u8 exthdr_type(u8 e)
{
	return e == HOP ? NEXTHDR_HOP : e;
}

static u32 put_ip(struct packet *p, const struct recipe *r)
{
	struct iphdr *ip = (void *)p->data;

	ip->version = 4;
	ip->ihl = 5 + r->options;
	ip->ttl = 64;
	ip->protocol = r->proto;
	ip->saddr = htonl(0xc6336407);
	ip->daddr = htonl(0xcb007109);
	return ip->ihl * 4;
}

static u32 put_ip6(struct packet *p, const struct recipe *r)
{
	struct ipv6hdr *ip6 = (void *)p->data;
	u32 at = sizeof(*ip6), i;
	u8 *next = &ip6->nexthdr;

	ip6->version = 6;
	ip6->hop_limit = 64;
	memset(&ip6->saddr, 0x11, 16);
	memset(&ip6->daddr, 0x22, 16);
	for (i = 0; r->exthdrs[i]; i++) {
		*next = exthdr_type(r->exthdrs[i]);
		next = &p->data[at];
		/* every other one is longer than the least */
		if (*next != NEXTHDR_FRAGMENT &&
		    r->exthdrs[i] != NEXTHDR_FRAGMENT)
			p->data[at + 1] = i & 1;
		at += 8 + p->data[at + 1] * 8;
	}
	*next = r->proto;
	return at;
}

static u32 put_tcp(void *l4, const struct recipe *r)
{
	struct tcphdr *th = l4;

	th->source = htons(40000);
	th->dest = htons(443);
	th->doff = r->doff ?: 5;
	th->syn = 1;
	return th->doff * 4 + r->payload;
}

static u32 put_udp(void *l4, const struct recipe *r)
{
	struct udphdr *uh = l4;

	uh->source = htons(40000);
	uh->dest = htons(443);
	uh->len = htons(sizeof(*uh) + r->payload);
	return sizeof(*uh) + r->payload;
}

static void cook(struct packet *p, const struct recipe *r)
{
	memset(p, 0, sizeof(*p));
	p->family = r->family;
	p->proto = r->proto;
	p->l4 = r->family == AF_INET ? put_ip(p, r) : put_ip6(p, r);
	p->len = p->l4 + (r->proto == IPPROTO_TCP ?
			  put_tcp(p->data + p->l4, r) :
			  put_udp(p->data + p->l4, r));
	if (r->family == AF_INET)
		((struct iphdr *)p->data)->tot_len = htons(p->len);
	else
		((struct ipv6hdr *)p->data)->payload_len =
			htons(p->len - sizeof(struct ipv6hdr));
}

static u32 l4_least(const struct packet *p)
{
	return p->l4 + (p->proto == IPPROTO_TCP ? 20 : 8);
}

/* ---- skbs ---- */

/* Where the bytes of an skb are. */
enum shape {
	LINEAR,
	FRAG,		/* all in one page fragment */
	FRAGS,		/* in fragments of 7 bytes, as far as they go */
	SPLIT,		/* the first 12 bytes linear, the rest a fragment */
	TIGHT,		/* as SPLIT, but every pull moves what is linear */
	CLONED,		/* as SPLIT, and somebody else has it too */
	SHAPES
};

static void add_frag(struct sk_buff *skb, const u8 *data, u32 len)
{
	struct page *page;

	if (!len)
		return;
	page = alloc_page(GFP_KERNEL | __GFP_NOFAIL);
	memset(page_address(page), 0xa5, PAGE_SIZE);
	memcpy(page_address(page) + 100, data, len);
	skb_add_rx_frag(skb, skb_shinfo(skb)->nr_frags, page, 100, len,
			PAGE_SIZE);
}

static u32 linear_bytes(enum shape shape, u32 len)
{
	switch (shape) {
	case LINEAR:
		return len;
	case FRAG:
	case FRAGS:
		return 0;
	default:
		return min(len, 12U);
	}
}

static void add_frags(struct sk_buff *skb, enum shape shape, const u8 *data,
		      u32 len)
{
	u32 at = skb->len, n;

	while (at < len) {
		n = len - at;
		if (shape == FRAGS &&
		    skb_shinfo(skb)->nr_frags < MAX_SKB_FRAGS - 1)
			n = min(n, 7U);
		add_frag(skb, data + at, n);
		at += n;
	}
}

/* Bytes behind the packet are @poison: nothing may depend on them. */
static struct sk_buff *skb_make(const u8 *data, u32 len, u8 family,
				enum shape shape, u8 poison)
{
	struct sk_buff *skb;
	u32 linear = linear_bytes(shape, len);

	skb = alloc_skb(HEADROOM + linear + TAILROOM,
			GFP_KERNEL | __GFP_NOFAIL);
	memset(skb->head, poison, skb_end_pointer(skb) - skb->head);
	skb_reserve(skb, shape == TIGHT ? skb_tailroom(skb) - linear :
					  HEADROOM);
	skb_put_data(skb, data, linear);
	add_frags(skb, shape, data, len);
	skb->protocol = family == AF_INET ? htons(ETH_P_IP) :
					    htons(ETH_P_IPV6);
	skb_reset_network_header(skb);
	return skb;
}

/* What came of a packet. */
struct outcome {
	bool parsed, checked;
	struct klb_pkt pkt;
	struct sk_buff *skb, *other;
};

static void outcome_free(struct outcome *o)
{
	kfree_skb(o->skb);
	kfree_skb(o->other);
}

static void try_skb(struct outcome *o, struct sk_buff *skb)
{
	/* klb_parse() has to set what it needs */
	memset(&o->pkt, 0xee, sizeof(o->pkt));
	o->skb = skb;
	o->pkt.skb = skb;
	o->parsed = klb_parse(&o->pkt);
	o->checked = o->parsed && klb_parse_check(&o->pkt);
}

static void try_packet(struct outcome *o, const u8 *data, u32 len, u8 family,
		       enum shape shape, u8 poison)
{
	struct sk_buff *skb = skb_make(data, len, family, shape, poison);

	o->other = shape == CLONED ? skb_clone(skb, GFP_KERNEL | __GFP_NOFAIL) :
				     NULL;
	try_skb(o, skb);
}

/* ---- good packets, whole and cut short ---- */

static const struct good_case {
	const char *name;
	struct recipe r;
} good_cases[] = {
	{ "TCP", { AF_INET, IPPROTO_TCP, .payload = 9 } },
	{ "UDP", { AF_INET, IPPROTO_UDP, .payload = 9 } },
	{ "UDP, empty", { AF_INET, IPPROTO_UDP } },
	{ "TCP, all options", { AF_INET, IPPROTO_TCP, .options = 10,
				.doff = 15, .payload = 9 } },
	{ "UDP, IP options", { AF_INET, IPPROTO_UDP, .options = 1 } },
	{ "TCP6", { AF_INET6, IPPROTO_TCP, .payload = 9 } },
	{ "UDP6", { AF_INET6, IPPROTO_UDP, .payload = 9 } },
	{ "TCP6, hop-by-hop", { AF_INET6, IPPROTO_TCP,
				.exthdrs = { HOP } } },
	{ "UDP6, atomic fragment", { AF_INET6, IPPROTO_UDP,
				     .exthdrs = { NEXTHDR_FRAGMENT } } },
	{ "TCP6, all headers", { AF_INET6, IPPROTO_TCP,
				 .exthdrs = { HOP, NEXTHDR_DEST,
					      NEXTHDR_ROUTING,
					      NEXTHDR_FRAGMENT,
					      NEXTHDR_DEST },
				 .doff = 8, .payload = 1 } },
	{ "UDP6, eight headers", { AF_INET6, IPPROTO_UDP,
				   .exthdrs = { HOP, NEXTHDR_DEST,
						NEXTHDR_DEST, NEXTHDR_DEST,
						NEXTHDR_DEST, NEXTHDR_DEST,
						NEXTHDR_DEST,
						NEXTHDR_DEST } } },
};

KUNIT_ARRAY_PARAM_DESC(good, good_cases, name);

static void expect_fields(struct kunit *test, const struct packet *p,
			  const struct klb_pkt *pkt)
{
	const struct klb_tuple *t = &pkt->t;

	KUNIT_EXPECT_EQ(test, t->family, p->family);
	KUNIT_EXPECT_EQ(test, t->proto, p->proto);
	KUNIT_EXPECT_EQ(test, ntohs(t->ports.src), 40000);
	KUNIT_EXPECT_EQ(test, ntohs(t->ports.dst), 443);
	KUNIT_EXPECT_EQ(test, pkt->l4, p->l4);
	KUNIT_EXPECT_FALSE(test, pkt->fragment);
	KUNIT_EXPECT_EQ(test, pkt->tcp_flags,
			p->proto == IPPROTO_TCP ? KLB_TCP_SYN : 0);
	if (p->family == AF_INET) {
		KUNIT_EXPECT_EQ(test, ntohl(t->src.ip), 0xc6336407);
		KUNIT_EXPECT_EQ(test, ntohl(t->dst.ip), 0xcb007109);
	} else {
		KUNIT_EXPECT_EQ(test, t->src.w[0], 0x1111111111111111ULL);
		KUNIT_EXPECT_EQ(test, t->dst.w[1], 0x2222222222222222ULL);
	}
}

/* Headers are linear once parsed, and the packet is what it was. */
static void expect_bytes(struct kunit *test, const struct packet *p,
			 struct sk_buff *skb, u32 len)
{
	u8 *copy = kunit_kzalloc(test, PACKET_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_GE(test, skb_headlen(skb), l4_least(p));
	KUNIT_EXPECT_EQ(test, skb->len, len);
	KUNIT_EXPECT_EQ(test, skb_copy_bits(skb, 0, copy, len), 0);
	KUNIT_EXPECT_MEMEQ(test, copy, p->data, len);
	kunit_kfree(test, copy);
}

/* What the hot path reads of a packet, if it does, is what klb_parse() reads;
 * it takes no packet that klb_parse() does not.
 */
static void expect_plain_agrees(struct kunit *test, const struct packet *p,
				u32 len, enum shape shape,
				const struct outcome *o)
{
	struct sk_buff *skb = skb_make(p->data, len, p->family, shape, 0);
	struct klb_pkt pkt = { .skb = skb };
	bool plain;

	if (p->family == AF_INET)
		plain = skb_headlen(skb) >= 28 && *skb->data == 0x45 &&
			klb_parse_plain4(&pkt);
	else
		plain = klb_parse_plain6(&pkt);
	if (plain) {
		KUNIT_EXPECT_TRUE(test, o->parsed);
		expect_fields(test, p, &pkt);
		KUNIT_EXPECT_EQ(test, klb_parse_check(&pkt), o->checked);
		KUNIT_EXPECT_EQ(test, pkt.len, o->pkt.len);
	} else if (p->l4 == (p->family == AF_INET ? 20 : 40) &&
		   shape == LINEAR) {
		KUNIT_EXPECT_LT(test, len, l4_least(p));
	}
	kfree_skb(skb);
}

/* Every length from none to all: ports are read as soon as they are all there
 * and never before; the packet is in order only when it is complete.
 */
static void every_prefix(struct kunit *test)
{
	const struct good_case *c = test->param_value;
	struct outcome o;
	struct packet p;
	u32 len, shape;

	cook(&p, &c->r);
	for (len = 0; len <= p.len; len++) {
		for (shape = 0; shape < SHAPES; shape++) {
			try_packet(&o, p.data, len, p.family, shape, 0);
			KUNIT_EXPECT_EQ(test, o.parsed, len >= l4_least(&p));
			KUNIT_EXPECT_EQ(test, o.checked, len == p.len);
			if (o.parsed) {
				expect_fields(test, &p, &o.pkt);
				expect_bytes(test, &p, o.skb, len);
			}
			expect_plain_agrees(test, &p, len, shape, &o);
			outcome_free(&o);
		}
		cond_resched();
	}
}

/* Short frames are padded by the link layer. The padding goes. */
static void padding_is_trimmed(struct kunit *test)
{
	const struct good_case *c = test->param_value;
	struct outcome o;
	struct packet p;
	u32 shape;

	cook(&p, &c->r);
	for (shape = 0; shape < SHAPES; shape++) {
		try_packet(&o, p.data, p.len + 18, p.family, shape, 0xff);
		KUNIT_EXPECT_TRUE(test, o.checked);
		KUNIT_EXPECT_EQ(test, o.pkt.len, p.len);
		expect_bytes(test, &p, o.skb, p.len);
		outcome_free(&o);
	}
}

/* ---- hostile packets ---- */

static const struct recipe tcp4 = { AF_INET, IPPROTO_TCP, .payload = 4 };
static const struct recipe udp4 = { AF_INET, IPPROTO_UDP, .payload = 4 };
static const struct recipe tcp6 = { AF_INET6, IPPROTO_TCP, .payload = 4 };
static const struct recipe udp6 = { AF_INET6, IPPROTO_UDP, .payload = 4 };
static const struct recipe hop6 = { AF_INET6, IPPROTO_TCP,
				    .exthdrs = { HOP } };
static const struct recipe frag6 = { AF_INET6, IPPROTO_TCP,
				     .exthdrs = { NEXTHDR_FRAGMENT } };
static const struct recipe nine6 = { AF_INET6, IPPROTO_TCP,
	.exthdrs = { HOP, NEXTHDR_DEST, NEXTHDR_DEST, NEXTHDR_DEST,
		     NEXTHDR_DEST, NEXTHDR_DEST, NEXTHDR_DEST, NEXTHDR_DEST,
		     NEXTHDR_DEST } };

/* A good packet with up to three bytes changed. A change of byte 0 to 0 ends
 * the list, which no case needs.
 */
static const struct bad_case {
	const char *name;
	const struct recipe *r;
	struct {
		u16 at;
		u8 value;
	} change[4];
	bool parsed, checked, fragment;
} bad_cases[] = {
	{ "nothing wrong", &tcp4, {}, true, true },
	{ "version 6 in IPv4", &tcp4, { { 0, 0x65 } } },
	{ "version 15", &tcp4, { { 0, 0xf5 } } },
	{ "header length 0", &tcp4, { { 0, 0x40 } } },
	{ "header length 4", &tcp4, { { 0, 0x44 } } },
	{ "header length beyond the packet", &tcp4, { { 0, 0x4f } } },
	{ "header length into the ports", &udp4, { { 0, 0x46 } }, true },
	{ "header length hides TCP", &tcp4, { { 0, 0x47 } } },
	{ "total length 0", &tcp4, { { 3, 0 } }, true },
	{ "total length of a header", &tcp4, { { 3, 20 } }, true },
	{ "total length within TCP", &tcp4, { { 3, 39 } }, true },
	{ "total length within UDP", &udp4, { { 3, 27 } }, true },
	{ "total length 1 less", &tcp4, { { 3, 43 } }, true, true },
	{ "total length 1 more", &tcp4, { { 3, 45 } }, true },
	{ "total length 65535", &tcp4, { { 2, 255 }, { 3, 255 } }, true },
	{ "IPv4 first fragment", &tcp4, { { 6, 0x20 } }, true, true, true },
	{ "IPv4 later fragment", &tcp4, { { 7, 1 } }, false, false, true },
	{ "IPv4 last fragment", &udp4, { { 6, 0x1f }, { 7, 0xff } }, false,
	  false, true },
	{ "do not fragment", &tcp4, { { 6, 0x40 } }, true, true },
	{ "evil bit", &tcp4, { { 6, 0x80 } }, true, true },
	{ "protocol ICMP", &tcp4, { { 9, IPPROTO_ICMP } } },
	{ "protocol 255", &tcp4, { { 9, 255 } } },
	{ "IPv4 in IPv4", &tcp4, { { 9, IPPROTO_IPIP } } },
	{ "data offset 0", &tcp4, { { 32, 0x00 } }, true },
	{ "data offset 4", &tcp4, { { 32, 0x40 } }, true },
	{ "data offset 6, all there", &tcp4, { { 32, 0x60 } }, true, true },
	{ "data offset 7, beyond", &tcp4, { { 32, 0x70 } }, true },
	{ "data offset 15", &tcp4, { { 32, 0xf0 } }, true },
	{ "UDP length 0", &udp4, { { 25, 0 } }, true },
	{ "UDP length 7", &udp4, { { 25, 7 } }, true },
	{ "UDP length 8, more follows", &udp4, { { 25, 8 } }, true, true },
	{ "UDP length 1 more", &udp4, { { 25, 13 } }, true },
	{ "UDP length 65535", &udp4, { { 24, 255 }, { 25, 255 } }, true },
	{ "nothing wrong, IPv6", &tcp6, {}, true, true },
	{ "version 4 in IPv6", &tcp6, { { 0, 0x45 } } },
	{ "payload length 0", &tcp6, { { 5, 0 } }, true },
	{ "payload length within TCP", &tcp6, { { 5, 19 } }, true },
	{ "payload length 1 less", &tcp6, { { 5, 23 } }, true, true },
	{ "payload length 1 more", &tcp6, { { 5, 25 } }, true },
	{ "payload length 65535", &tcp6, { { 4, 255 }, { 5, 255 } }, true },
	{ "UDP6 length 1 more", &udp6, { { 45, 13 } }, true },
	{ "data offset 4, IPv6", &tcp6, { { 52, 0x40 } }, true },
	{ "next header ICMPv6", &tcp6, { { 6, NEXTHDR_ICMP } } },
	{ "next header none", &tcp6, { { 6, NEXTHDR_NONE } } },
	{ "next header ESP", &tcp6, { { 6, NEXTHDR_ESP } } },
	{ "next header AH", &tcp6, { { 6, NEXTHDR_AUTH } } },
	{ "IPv6 in IPv6", &tcp6, { { 6, NEXTHDR_IPV6 } } },
	{ "TCP taken for a header", &tcp6, { { 6, NEXTHDR_DEST } } },
	{ "header beyond the packet", &hop6, { { 41, 255 } } },
	{ "header up to the last byte", &hop6, { { 41, 2 } } },
	{ "header into TCP", &hop6, { { 41, 1 } } },
	{ "header of itself", &hop6, { { 40, NEXTHDR_HOP } } },
	{ "nine headers", &nine6 },
	{ "IPv6 first fragment", &frag6, { { 43, 1 } }, true, true, true },
	{ "IPv6 later fragment", &frag6, { { 43, 8 } } },
	{ "IPv6 last fragment", &frag6, { { 42, 0xff }, { 43, 0xf8 } } },
	{ "fragment header's reserved bits", &frag6, { { 43, 6 } },
	  true, true },
	{ "fragment header's reserved byte", &frag6, { { 41, 255 } },
	  true, true },
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_cases, name);

static void hostile(struct kunit *test)
{
	const struct bad_case *c = test->param_value;
	struct outcome o;
	struct packet p;
	u32 i, shape;

	cook(&p, c->r);
	for (i = 0; c->change[i].at || c->change[i].value; i++)
		p.data[c->change[i].at] = c->change[i].value;
	for (shape = 0; shape < SHAPES; shape++) {
		try_packet(&o, p.data, p.len, p.family, shape, 0x11);
		KUNIT_EXPECT_EQ(test, o.parsed, c->parsed);
		KUNIT_EXPECT_EQ(test, o.checked, c->checked);
		if (o.parsed)
			KUNIT_EXPECT_EQ(test, o.pkt.fragment, c->fragment);
		outcome_free(&o);
	}
}

/* What the device says a frame is decides, not the version in it. */
static void other_protocols(struct kunit *test)
{
	static const u16 types[] = {
		0, ETH_P_ARP, ETH_P_8021Q, ETH_P_MPLS_UC, ETH_P_IPV6, 0xffff
	};
	struct outcome o = {};
	struct packet p;
	int i;

	cook(&p, &tcp4);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		struct sk_buff *skb = skb_make(p.data, p.len, AF_INET, LINEAR,
					       0);

		skb->protocol = htons(types[i]);
		try_skb(&o, skb);
		KUNIT_EXPECT_FALSE(test, o.parsed);
		outcome_free(&o);
	}
}

/* BIG TCP: a super-packet too long for the field has 0 in it. */
static void super_packet_without_length(struct kunit *test)
{
	const struct recipe *recipes[] = { &tcp4, &tcp6, &udp4, &udp6 };
	struct outcome o = {};
	struct packet p;
	int i;

	for (i = 0; i < ARRAY_SIZE(recipes); i++) {
		struct sk_buff *skb;

		cook(&p, recipes[i]);
		memset(p.data + (p.family == AF_INET ? 2 : 4), 0, 2);
		skb = skb_make(p.data, p.len, p.family, LINEAR, 0);
		skb_shinfo(skb)->gso_size = 1;
		try_skb(&o, skb);
		KUNIT_EXPECT_TRUE(test, o.checked);
		KUNIT_EXPECT_EQ(test, o.pkt.len, p.len);
		outcome_free(&o);
	}
}

/* ---- random packets ---- */

#define RANDOM_PACKETS	3000

/* A good packet with some bytes of its headers changed and cut somewhere. */
static void random_packet(struct packet *p, struct rnd_state *rnd)
{
	u32 i, n = prandom_u32_state(rnd) % 4;

	cook(p, &good_cases[prandom_u32_state(rnd) %
			    ARRAY_SIZE(good_cases)].r);
	for (i = 0; i < n; i++)
		p->data[prandom_u32_state(rnd) % min(p->len, 120U)] =
			prandom_u32_state(rnd);
	if (prandom_u32_state(rnd) % 2)
		p->len = prandom_u32_state(rnd) % (p->len + 1);
}

static bool same_outcome(const struct outcome *a, const struct outcome *b)
{
	const struct klb_pkt *x = &a->pkt, *y = &b->pkt;

	if (a->parsed != b->parsed || a->checked != b->checked)
		return false;
	return !a->parsed ||
	       (x->l4 == y->l4 && x->len == y->len &&
		x->tcp_flags == y->tcp_flags && x->fragment == y->fragment &&
		x->t.proto == y->t.proto && x->t.family == y->t.family &&
		x->t.ports.both == y->t.ports.both &&
		klb_addr_equal(x->t.family, &x->t.src, &y->t.src) &&
		klb_addr_equal(x->t.family, &x->t.dst, &y->t.dst));
}

/* What those behind the parser rely on. */
static bool relied_upon(const struct outcome *o)
{
	const struct klb_pkt *pkt = &o->pkt;
	u32 least = pkt->l4 + (pkt->t.proto == IPPROTO_TCP ? 20 : 8);

	if (!o->parsed)
		return true;
	return l4_known(pkt->t.proto) && skb_headlen(o->skb) >= least &&
	       (!o->checked || (pkt->len == o->skb->len && pkt->len >= least));
}

/* Whatever the bytes: the shape of the skb and what lies behind the packet
 * make no difference, and what the parser promises holds.
 */
static void random_packets(struct kunit *test)
{
	struct outcome a, b;
	struct rnd_state rnd;
	struct packet p;
	u32 i, parsed = 0, checked = 0;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < RANDOM_PACKETS; i++) {
		random_packet(&p, &rnd);
		try_packet(&a, p.data, p.len, p.family, LINEAR, 0);
		try_packet(&b, p.data, p.len, p.family, 1 + i % (SHAPES - 1),
			   0x06);
		KUNIT_EXPECT_TRUE(test, same_outcome(&a, &b));
		KUNIT_EXPECT_TRUE(test, relied_upon(&a));
		KUNIT_EXPECT_TRUE(test, relied_upon(&b));
		parsed += a.parsed;
		checked += a.checked;
		outcome_free(&a);
		outcome_free(&b);
		cond_resched();
	}
	/* or it would be no test */
	KUNIT_EXPECT_GT(test, checked, RANDOM_PACKETS / 20);
	KUNIT_EXPECT_GT(test, parsed - checked, RANDOM_PACKETS / 20);
	KUNIT_EXPECT_GT(test, RANDOM_PACKETS - parsed, RANDOM_PACKETS / 20);
}

static struct kunit_case parse_cases[] = {
	KUNIT_CASE_PARAM(every_prefix, good_gen_params),
	KUNIT_CASE_PARAM(padding_is_trimmed, good_gen_params),
	KUNIT_CASE_PARAM(hostile, bad_gen_params),
	KUNIT_CASE(other_protocols),
	KUNIT_CASE(super_packet_without_length),
	KUNIT_CASE(random_packets),
	{}
};

static struct kunit_suite parse_suite = {
	.name = "klb_parse",
	.test_cases = parse_cases,
};

kunit_test_suite(parse_suite);

MODULE_DESCRIPTION("KUnit tests of klb's packet parser");
MODULE_LICENSE("GPL");
