// SPDX-License-Identifier: GPL-2.0
/* What ICMP errors quote: whole, cut anywhere, and random. Each is in memory of
 * its own size, so that KASAN sees a read beyond it.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "../../kmod/icmp_inner.c"

#define RANDOM	20000

static bool parse(struct kunit *test, struct klb_inner *in, u8 family,
		  const u8 *p, unsigned int len)
{
	u8 *copy = kmalloc(len ?: 1, GFP_KERNEL);
	bool ok;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, p, len);
	ok = klb_inner_parse(in, family, copy, len);
	if (in->ports) {
		KUNIT_EXPECT_TRUE(test, ok);
		KUNIT_EXPECT_LE(test, in->l4 + 8u, len);
	}
	kfree(copy);
	return ok;
}

/* UDP from 198.51.100.7:1000 to 203.0.113.9:53; the sum is right. */
static const u8 good4[] = {
	0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0x14, 0x8c,
	198, 51, 100, 7, 203, 0, 113, 9, 0x03, 0xe8, 0, 53, 0, 8, 0, 0,
};

static void known4(struct kunit *test)
{
	struct klb_inner in;
	u8 p[sizeof(good4)];
	unsigned int len;

	KUNIT_ASSERT_TRUE(test, parse(test, &in, AF_INET, good4,
				      sizeof(good4)));
	KUNIT_EXPECT_TRUE(test, in.ports);
	KUNIT_EXPECT_TRUE(test, in.intact);
	KUNIT_EXPECT_EQ(test, in.l4, 20);
	KUNIT_EXPECT_EQ(test, in.t.ports.src, htons(1000));
	KUNIT_EXPECT_EQ(test, in.t.ports.dst, htons(53));
	KUNIT_EXPECT_EQ(test, in.t.src.ip, htonl(0xc6336407));
	for (len = 0; len < sizeof(good4); len++) {
		KUNIT_EXPECT_EQ(test, parse(test, &in, AF_INET, good4, len),
				len >= 20);
		KUNIT_EXPECT_FALSE(test, in.ports);
	}
	memcpy(p, good4, sizeof(p));
	p[10] ^= 1;
	KUNIT_EXPECT_TRUE(test, parse(test, &in, AF_INET, p, sizeof(p)));
	KUNIT_EXPECT_FALSE(test, in.intact);
	memcpy(p, good4, sizeof(p));
	p[7] = 1; /* not the first fragment */
	KUNIT_EXPECT_TRUE(test, parse(test, &in, AF_INET, p, sizeof(p)));
	KUNIT_EXPECT_FALSE(test, in.ports);
	memcpy(p, good4, sizeof(p));
	p[0] = 0x44;
	KUNIT_EXPECT_FALSE(test, parse(test, &in, AF_INET, p, sizeof(p)));
}

static void known6(struct kunit *test)
{
	struct klb_inner in;
	u8 p[40 + 16 + 8 + 8] = { 0x60 };

	p[6] = IPPROTO_HOPOPTS;
	p[40] = IPPROTO_FRAGMENT;
	p[41] = 1;
	p[56] = IPPROTO_TCP;
	p[59] = 1; /* more */
	p[64] = 0x12;
	KUNIT_EXPECT_TRUE(test, parse(test, &in, AF_INET6, p, sizeof(p)));
	KUNIT_EXPECT_TRUE(test, in.ports);
	KUNIT_EXPECT_EQ(test, in.l4, 64);
	KUNIT_EXPECT_EQ(test, in.t.ports.src, htons(0x1200));
	KUNIT_EXPECT_FALSE(test, parse(test, &in, AF_INET6, p, 39));
	KUNIT_EXPECT_TRUE(test, parse(test, &in, AF_INET6, p, 71));
	KUNIT_EXPECT_FALSE(test, in.ports);
	p[59] = 9; /* not the first fragment */
	KUNIT_EXPECT_TRUE(test, parse(test, &in, AF_INET6, p, sizeof(p)));
	KUNIT_EXPECT_FALSE(test, in.ports);
}

static void any(struct kunit *test)
{
	static const u8 types[] = { 0, 6, 17, 43, 44, 60, 132 };
	struct klb_inner in;
	struct rnd_state rnd;
	u8 p[KLB_INNER_MAX];
	unsigned int i, len, j;

	prandom_seed_state(&rnd, 20261124);
	for (i = 0; i < RANDOM; i++) {
		u8 family = i & 1 ? AF_INET : AF_INET6;

		prandom_bytes_state(&rnd, p, sizeof(p));
		len = prandom_u32_state(&rnd) % (sizeof(p) + 1);
		p[0] = family == AF_INET ? 0x40 | (p[0] & 15) : 0x60;
		p[family == AF_INET ? 9 : 6] =
			types[prandom_u32_state(&rnd) % ARRAY_SIZE(types)];
		if (family == AF_INET6)
			for (j = 40; j < sizeof(p); j += 8) {
				p[j] = types[p[j] % ARRAY_SIZE(types)];
				p[j + 1] &= 3;
			}
		parse(test, &in, family, p, len);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(known4),
	KUNIT_CASE(known6),
	KUNIT_CASE(any),
	{}
};

static struct kunit_suite this_suite = {
	.name = "klb_icmp_inner",
	.test_cases = cases,
};

kunit_test_suite(this_suite);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of what klb reads of ICMP errors");
