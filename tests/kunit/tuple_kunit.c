// SPDX-License-Identifier: GPL-2.0
/* Addresses, tuples and their hash. */
#include <kunit/test.h>
#include <linux/in.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/socket.h>
#include <linux/unaligned.h>

#include "../../kmod/hash.c"
#include "../../kmod/tuple.c"

static struct klb_hash_key key;

static const u8 families[] = { AF_INET, AF_INET6 };

static void family_desc(const u8 *family, char *desc)
{
	strscpy(desc, *family == AF_INET ? "IPv4" : "IPv6",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(family, families, family_desc);

/* Addresses as packets have them: IPv4 leaves the rest to chance. */
static void random_tuple(struct klb_tuple *t, u8 family, struct rnd_state *rnd)
{
	prandom_bytes_state(rnd, t, sizeof(*t));
	t->family = family;
	t->proto = t->proto & 1 ? IPPROTO_TCP : IPPROTO_UDP;
}

static bool tuples_equal(const struct klb_tuple *a, const struct klb_tuple *b)
{
	return a->family == b->family && a->proto == b->proto &&
	       a->ports.both == b->ports.both &&
	       klb_addr_equal(a->family, &a->src, &b->src) &&
	       klb_addr_equal(a->family, &a->dst, &b->dst);
}

/* ---- addresses ---- */

static void addr_lengths(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, klb_addr_len(AF_INET), 4);
	KUNIT_EXPECT_EQ(test, klb_addr_len(AF_INET6), 16);
}

/* Every bit of an address counts, and none behind it. */
static void addr_every_bit_counts(struct kunit *test)
{
	u8 family = *(const u8 *)test->param_value;
	unsigned int bit, bits = klb_addr_len(family) * 8;
	union klb_addr a, b;

	memset(&a, 0x5a, sizeof(a));
	for (bit = 0; bit < 128; bit++) {
		b = a;
		((u8 *)&b)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ(test, klb_addr_equal(family, &a, &b),
				bit >= bits);
		KUNIT_EXPECT_EQ(test, klb_addr_cmp(family, &a, &b) == 0,
				bit >= bits);
	}
}

static void addr_any(struct kunit *test)
{
	u8 family = *(const u8 *)test->param_value;
	unsigned int bit, bits = klb_addr_len(family) * 8;
	union klb_addr a = {};

	KUNIT_EXPECT_TRUE(test, klb_addr_any(family, &a));
	for (bit = 0; bit < 128; bit++) {
		memset(&a, 0, sizeof(a));
		((u8 *)&a)[bit / 8] = 1 << bit % 8;
		KUNIT_EXPECT_EQ(test, klb_addr_any(family, &a), bit >= bits);
	}
}

/* A stored address has nothing in it that the packet's does not have. */
static void addr_copy_zeroes_the_rest(struct kunit *test)
{
	union klb_addr from, to;

	memset(&from, 0xff, sizeof(from));
	memset(&to, 0x5a, sizeof(to));
	klb_addr_copy(AF_INET, &to, &from);
	KUNIT_EXPECT_EQ(test, (__force u32)to.ip, U32_MAX);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv((u8 *)&to + 4, 0, 12), NULL);
	klb_addr_copy(AF_INET6, &to, &from);
	KUNIT_EXPECT_MEMEQ(test, &to, &from, 16);
}

/* The order of endpoints, which all nodes must agree on: by bytes. */
static void addr_order(struct kunit *test)
{
	union klb_addr low = { .ip = htonl(0x0a0000ff) };
	union klb_addr high = { .ip = htonl(0x0a000100) };

	KUNIT_EXPECT_LT(test, klb_addr_cmp(AF_INET, &low, &high), 0);
	KUNIT_EXPECT_GT(test, klb_addr_cmp(AF_INET, &high, &low), 0);

	low.in6 = (struct in6_addr){ { { 0x20, 1, [15] = 0xff } } };
	high.in6 = (struct in6_addr){ { { 0x20, 1, [14] = 1 } } };
	KUNIT_EXPECT_LT(test, klb_addr_cmp(AF_INET6, &low, &high), 0);
	KUNIT_EXPECT_GT(test, klb_addr_cmp(AF_INET6, &high, &low), 0);
}

/* ---- tuples ---- */

static void ports_reversed(struct kunit *test)
{
	union klb_ports p = { .src = htons(1), .dst = htons(0xffee) }, r;

	r = klb_ports_reverse(p);
	KUNIT_EXPECT_EQ(test, ntohs(r.src), 0xffee);
	KUNIT_EXPECT_EQ(test, ntohs(r.dst), 1);
	KUNIT_EXPECT_EQ(test, klb_ports_reverse(r).both, p.both);
}

static void reverse_twice_is_the_same(struct kunit *test)
{
	u8 family = *(const u8 *)test->param_value;
	struct klb_tuple t, r, back;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 1000; i++) {
		random_tuple(&t, family, &rnd);
		klb_tuple_reverse(&r, &t);
		klb_tuple_reverse(&back, &r);
		KUNIT_ASSERT_TRUE(test, tuples_equal(&t, &back));
		KUNIT_ASSERT_FALSE(test, tuples_equal(&t, &r));
		KUNIT_ASSERT_TRUE(test, klb_addr_equal(family, &t.src, &r.dst));
		KUNIT_ASSERT_EQ(test, t.proto, r.proto);
	}
}

/* ---- hash ---- */

/* The hash by its definition, from 32-bit halves. */
static void mul_slowly(u64 a, u64 b, u64 *lo, u64 *hi)
{
	u64 al = (u32)a, ah = a >> 32, bl = (u32)b, bh = b >> 32;
	u64 mid = (al * bl >> 32) + (u32)(ah * bl) + (u32)(al * bh);

	*lo = a * b;
	*hi = ah * bh + (ah * bl >> 32) + (al * bh >> 32) + (mid >> 32);
}

static u32 hash_slowly(const u64 *w, int n)
{
	u64 lo = 0, hi = 0, l, h;
	int i;

	for (i = 0; i < n; i += 2) {
		mul_slowly(w[i] + key.nh[i], w[i + 1] + key.nh[i + 1], &l, &h);
		lo += l;
		hi += h + (lo < l);
	}
	mul_slowly(lo + key.lo, hi + key.hi, &l, &h);
	return l ^ h;
}

static void hash_is_as_defined(struct kunit *test)
{
	struct rnd_state rnd;
	struct klb_tuple t;
	int i;

	prandom_seed_state(&rnd, 6);
	for (i = 0; i < 1000; i++) {
		u64 w[6] = {};

		random_tuple(&t, AF_INET, &rnd);
		w[0] = (__force u32)t.src.ip | (u64)(__force u32)t.dst.ip << 32;
		w[1] = t.ports.both | (u64)t.proto << 32 | 2ULL << 40;
		KUNIT_ASSERT_EQ(test, klb_tuple_hash(&key, &t),
				hash_slowly(w, 2));
		random_tuple(&t, AF_INET6, &rnd);
		w[0] = t.src.w[0];
		w[1] = t.src.w[1];
		w[2] = t.dst.w[0];
		w[3] = t.dst.w[1];
		w[4] = t.ports.both | (u64)t.proto << 32 | 10ULL << 40;
		KUNIT_ASSERT_EQ(test, klb_tuple_hash(&key, &t),
				hash_slowly(w, 6));
	}
}

/* All nodes must derive the same from a seed: what splitmix64 gives for 0. */
static void derived_key_is_fixed(struct kunit *test)
{
	struct klb_hash_key k;

	klb_hash_key_derive(&k, 0);
	KUNIT_EXPECT_EQ(test, k.nh[0], 0xe220a8397b1dcdafULL);
	KUNIT_EXPECT_EQ(test, k.nh[1], 0x6e789e6aa1b965f4ULL);
	KUNIT_EXPECT_EQ(test, k.nh[2], 0x06c45d188009454fULL);
}

/* What equal tuples have besides does not matter; everything they are made of
 * does.
 */
static void hash_is_of_what_counts(struct kunit *test)
{
	u8 family = *(const u8 *)test->param_value;
	unsigned int bit, bits = klb_addr_len(family) * 8;
	struct rnd_state rnd;
	struct klb_tuple t, o;
	u32 hash;

	prandom_seed_state(&rnd, 2);
	random_tuple(&t, family, &rnd);
	hash = klb_tuple_hash(&key, &t);
	for (bit = 0; bit < 128; bit++) {
		o = t;
		((u8 *)&o.src)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ(test, klb_tuple_hash(&key, &o) == hash,
				bit >= bits);
		o = t;
		((u8 *)&o.dst)[bit / 8] ^= 1 << bit % 8;
		KUNIT_EXPECT_EQ(test, klb_tuple_hash(&key, &o) == hash,
				bit >= bits);
	}
	for (bit = 0; bit < 32; bit++) {
		o = t;
		o.ports.both ^= 1U << bit;
		KUNIT_EXPECT_NE(test, klb_tuple_hash(&key, &o), hash);
	}
	o = t;
	o.proto = IPPROTO_TCP + IPPROTO_UDP - t.proto;
	KUNIT_EXPECT_NE(test, klb_tuple_hash(&key, &o), hash);
}

/* Both directions of a connection are found under hashes of their own. */
static void hash_knows_direction(struct kunit *test)
{
	u8 family = *(const u8 *)test->param_value;
	struct klb_tuple t, r;
	struct rnd_state rnd;
	int i;

	prandom_seed_state(&rnd, 3);
	for (i = 0; i < 1000; i++) {
		random_tuple(&t, family, &rnd);
		klb_tuple_reverse(&r, &t);
		KUNIT_ASSERT_NE(test, klb_tuple_hash(&key, &t),
				klb_tuple_hash(&key, &r));
	}
}

static void hash_depends_on_key(struct kunit *test)
{
	static const u8 words[] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	u8 family = *(const u8 *)test->param_value;
	struct rnd_state rnd;
	struct klb_tuple t;
	int bit;

	prandom_seed_state(&rnd, 4);
	random_tuple(&t, family, &rnd);
	for (bit = 0; bit < 64 * ARRAY_SIZE(words); bit++) {
		struct klb_hash_key other = key;
		u64 *word = (u64 *)&other + words[bit / 64];

		if (family == AF_INET && words[bit / 64] >= 2 &&
		    words[bit / 64] < 6)
			continue;
		*word ^= 1ULL << bit % 64;
		KUNIT_EXPECT_NE(test, klb_tuple_hash(&other, &t),
				klb_tuple_hash(&key, &t));
	}
}

/* A flipped bit flips half of the hash's, of the low 32 that are stored. */
static void hash_avalanche(struct kunit *test)
{
	u8 family = *(const u8 *)test->param_value;
	struct rnd_state rnd;
	u32 i, flipped = 0;

	prandom_seed_state(&rnd, 5);
	for (i = 0; i < 4096; i++) {
		struct klb_tuple t, o;

		random_tuple(&t, family, &rnd);
		o = t;
		o.ports.both ^= 1U << i % 32;
		flipped += hweight32(klb_tuple_hash(&key, &t) ^
				     klb_tuple_hash(&key, &o));
	}
	/* 65536 +- 5 standard deviations of 181 */
	KUNIT_EXPECT_GT(test, flipped, 64600);
	KUNIT_EXPECT_LT(test, flipped, 66500);
}

/* ---- chains ---- */

#define BUCKETS	65536

/* Tuples that a client may choose, or that come about by themselves. */
enum choice {
	CLIENT_PORTS,		/* one client, one service, every port */
	CLIENT_ADDRS,		/* one port, a client for each address */
	LOW_BITS_EQUAL,		/* addresses that differ above bit 16 only */
	SUM_EQUAL,		/* what one word gains the other loses */
	SERVICE_PORTS,		/* one client port, every service port */
};

static const struct chain_case {
	const char *name;
	u8 family;
	enum choice choice;
} chain_cases[] = {
	{ "IPv4, client's ports", AF_INET, CLIENT_PORTS },
	{ "IPv4, clients", AF_INET, CLIENT_ADDRS },
	{ "IPv4, clients with equal low bits", AF_INET, LOW_BITS_EQUAL },
	{ "IPv4, equal sum", AF_INET, SUM_EQUAL },
	{ "IPv4, service ports", AF_INET, SERVICE_PORTS },
	{ "IPv6, client's ports", AF_INET6, CLIENT_PORTS },
	{ "IPv6, clients", AF_INET6, CLIENT_ADDRS },
	{ "IPv6, clients with equal low bits", AF_INET6, LOW_BITS_EQUAL },
	{ "IPv6, equal sum", AF_INET6, SUM_EQUAL },
	{ "IPv6, service ports", AF_INET6, SERVICE_PORTS },
};

KUNIT_ARRAY_PARAM_DESC(chain, chain_cases, name);

static void chosen_tuple(struct klb_tuple *t, const struct chain_case *c,
			 u32 i)
{
	u32 word = c->family == AF_INET ? 0 : 3;

	memset(t, 0, sizeof(*t));
	t->family = c->family;
	t->proto = IPPROTO_TCP;
	t->src.in6.s6_addr32[word] = htonl(0xc6336401);
	t->dst.in6.s6_addr32[word] = htonl(0xcb007101);
	t->ports.src = htons(40000);
	t->ports.dst = htons(443);
	switch (c->choice) {
	case CLIENT_PORTS:
		t->ports.src = htons(i);
		break;
	case CLIENT_ADDRS:
		t->src.in6.s6_addr32[word] = htonl(0x0a000000 + i);
		break;
	case LOW_BITS_EQUAL:
		t->src.in6.s6_addr32[word] = htonl(i << 16 | 1);
		break;
	case SUM_EQUAL:
		t->src.in6.s6_addr32[word] = htonl(0x0a000000 + i);
		t->ports.src = htons(65535 - i);
		break;
	case SERVICE_PORTS:
		t->ports.dst = htons(i);
		break;
	}
}

/* 65,536 tuples into as many buckets: a random hash leaves chains of 8 or 9,
 * and of 14 once in ten million tables.
 */
static void chains_stay_short(struct kunit *test)
{
	const struct chain_case *c = test->param_value;
	u8 *len = kunit_kzalloc(test, BUCKETS, GFP_KERNEL);
	struct klb_hash_key k;
	struct klb_tuple t;
	u32 i, seed, longest = 0;

	KUNIT_ASSERT_NOT_NULL(test, len);
	for (seed = 0; seed < 8; seed++) {
		memset(len, 0, BUCKETS);
		klb_hash_key_derive(&k, seed);
		for (i = 0; i < BUCKETS; i++) {
			u32 bucket;

			chosen_tuple(&t, c, i);
			bucket = klb_tuple_hash(&k, &t) & (BUCKETS - 1);
			longest = max_t(u32, longest, ++len[bucket]);
		}
		cond_resched();
	}
	kunit_info(test, "longest chain %u\n", longest);
	KUNIT_EXPECT_LE(test, longest, 13);
}

static struct kunit_case tuple_cases[] = {
	KUNIT_CASE(addr_lengths),
	KUNIT_CASE_PARAM(addr_every_bit_counts, family_gen_params),
	KUNIT_CASE_PARAM(addr_any, family_gen_params),
	KUNIT_CASE(addr_copy_zeroes_the_rest),
	KUNIT_CASE(addr_order),
	KUNIT_CASE(ports_reversed),
	KUNIT_CASE_PARAM(reverse_twice_is_the_same, family_gen_params),
	KUNIT_CASE(hash_is_as_defined),
	KUNIT_CASE(derived_key_is_fixed),
	KUNIT_CASE_PARAM(hash_is_of_what_counts, family_gen_params),
	KUNIT_CASE_PARAM(hash_knows_direction, family_gen_params),
	KUNIT_CASE_PARAM(hash_depends_on_key, family_gen_params),
	KUNIT_CASE_PARAM(hash_avalanche, family_gen_params),
	KUNIT_CASE_PARAM(chains_stay_short, chain_gen_params),
	{}
};

static int tuple_init(struct kunit_suite *suite)
{
	klb_hash_key_derive(&key, 0x6b6c62);
	return 0;
}

static struct kunit_suite tuple_suite = {
	.name = "klb_tuple",
	.suite_init = tuple_init,
	.test_cases = tuple_cases,
};

kunit_test_suite(tuple_suite);

MODULE_DESCRIPTION("KUnit tests of klb's tuples and their hash");
MODULE_LICENSE("GPL");
