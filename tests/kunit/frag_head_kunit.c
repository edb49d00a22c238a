// SPDX-License-Identifier: GPL-2.0
/* Headers of fragments: right, on the edge, cut anywhere, and random. */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../../kmod/frag_head.c"

#define RANDOM	20000

static enum klb_frag_kind get(struct kunit *test, struct klb_frag_head *h,
			      u8 family, const u8 *p, u32 linear, u32 len)
{
	u8 *copy = kmalloc(linear ?: 1, GFP_KERNEL);
	enum klb_frag_kind kind;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, p, linear);
	kind = klb_frag_head_read(h, family, copy, linear, len);
	if (kind == KLB_FRAG_GOOD) {
		KUNIT_EXPECT_LE(test, h->hlen, linear);
		KUNIT_EXPECT_LE(test, h->len, len);
		KUNIT_EXPECT_EQ(test, h->to - h->from, h->len - h->hlen);
		KUNIT_EXPECT_LE(test, h->to, 65535u);
		KUNIT_EXPECT_TRUE(test, h->from || h->more);
		KUNIT_EXPECT_LT(test, h->names, h->hlen);
	}
	kfree(copy);
	return kind;
}

static void put4(u8 *p, u16 len, u16 off, u8 proto)
{
	memset(p, 0, 20);
	p[0] = 0x45;
	put_unaligned_be16(len, p + 2);
	put_unaligned_be16(off, p + 6);
	p[9] = proto;
}

static void edges4(struct kunit *test)
{
	static const struct {
		u16 len, off;
		u8 proto;
		enum klb_frag_kind kind;
	} t[] = {
		{ 28, 0x2000, IPPROTO_UDP, KLB_FRAG_GOOD },
		{ 28, 0x2000, IPPROTO_TCP, KLB_FRAG_BAD },	/* cuts it */
		{ 44, 0x2000, IPPROTO_TCP, KLB_FRAG_GOOD },
		{ 40, 0x2000, IPPROTO_TCP, KLB_FRAG_BAD },	/* odd */
		{ 28, 0x2001, IPPROTO_UDP, KLB_FRAG_GOOD },
		{ 28, 0x2002, IPPROTO_TCP, KLB_FRAG_BAD },	/* within it */
		{ 28, 0x2003, IPPROTO_TCP, KLB_FRAG_GOOD },
		{ 21, 0x0001, IPPROTO_UDP, KLB_FRAG_GOOD },
		{ 20, 0x0001, IPPROTO_UDP, KLB_FRAG_BAD },	/* empty */
		{ 29, 0x2001, IPPROTO_UDP, KLB_FRAG_BAD },
		{ 28, 0x1fff, IPPROTO_UDP, KLB_FRAG_BAD },	/* too far */
		{ 27, 0x1ffc, IPPROTO_UDP, KLB_FRAG_GOOD },
		{ 40, 0x1ffc, IPPROTO_UDP, KLB_FRAG_BAD },
		{ 28, 0x4000, IPPROTO_UDP, KLB_FRAG_NONE },	/* none */
		{ 19, 0x2000, IPPROTO_UDP, KLB_FRAG_NONE },
	};
	struct klb_frag_head h;
	u8 p[20];
	int i;

	for (i = 0; i < ARRAY_SIZE(t); i++) {
		put4(p, t[i].len, t[i].off, t[i].proto);
		KUNIT_EXPECT_EQ_MSG(test, t[i].kind,
				    get(test, &h, AF_INET, p, 20, t[i].len),
				    "case %d", i);
		KUNIT_EXPECT_EQ(test, KLB_FRAG_NONE,
				get(test, &h, AF_INET, p, 20, t[i].len - 1));
		KUNIT_EXPECT_EQ(test, KLB_FRAG_NONE,
				get(test, &h, AF_INET, p, 19, t[i].len));
	}
}

static void known6(struct kunit *test)
{
	u8 p[40 + 16 + 8] = { 0x60 };
	struct klb_frag_head h;

	put_unaligned_be16(16 + 8 + 16, p + 4);
	p[6] = IPPROTO_HOPOPTS;
	p[40] = IPPROTO_FRAGMENT;
	p[41] = 1;
	p[56] = IPPROTO_UDP;
	p[59] = 1;
	KUNIT_EXPECT_EQ(test, KLB_FRAG_GOOD,
			get(test, &h, AF_INET6, p, sizeof(p), 80));
	KUNIT_EXPECT_EQ(test, h.hlen, 64);
	KUNIT_EXPECT_EQ(test, h.names, 40);
	KUNIT_EXPECT_EQ(test, h.proto, IPPROTO_UDP);
	KUNIT_EXPECT_EQ(test, KLB_FRAG_NONE,
			get(test, &h, AF_INET6, p, sizeof(p) - 1, 80));
	p[59] = 0; /* the only one */
	KUNIT_EXPECT_EQ(test, KLB_FRAG_NONE,
			get(test, &h, AF_INET6, p, sizeof(p), 80));
}

static void any(struct kunit *test)
{
	static const u8 types[] = { 0, 43, 44, 60, 17, 44 };
	struct klb_frag_head h;
	struct rnd_state rnd;
	u8 p[KLB_FRAG_HEAD_MAX];
	u32 i, j, len;

	prandom_seed_state(&rnd, 20261124);
	for (i = 0; i < RANDOM; i++) {
		u8 family = i & 1 ? AF_INET : AF_INET6;

		prandom_bytes_state(&rnd, p, sizeof(p));
		len = prandom_u32_state(&rnd) % (sizeof(p) + 1);
		p[0] = family == AF_INET ? 0x40 | (p[0] & 15) : 0x60;
		put_unaligned_be16(len - (i & 2 ? 40 : 0),
				   p + (family == AF_INET ? 2 : 4));
		if (family == AF_INET6) {
			p[6] = types[p[6] % ARRAY_SIZE(types)];
			for (j = 40; j < sizeof(p); j += 8) {
				p[j] = types[p[j] % ARRAY_SIZE(types)];
				p[j + 1] &= 3;
			}
		}
		get(test, &h, family, p, len, len);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(edges4),
	KUNIT_CASE(known6),
	KUNIT_CASE(any),
	{}
};

static struct kunit_suite this_suite = {
	.name = "klb_frag_head",
	.test_cases = cases,
};

kunit_test_suite(this_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of what klb reads of fragments");
