// SPDX-License-Identifier: GPL-2.0
/* Sets of prefixes, against a comparison with each of them. */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "../../kmod/tuple.c"
#include "../../kmod/prefix_set.c"

#define MANY 3000

static int cmp(const void *a, const void *b)
{
	return klb_prefix_cmp(a, b);
}

static struct klb_prefix_set *build(struct kunit *test,
				    struct klb_prefixes *list)
{
	size_t size = klb_prefix_set_size(list);
	/* to the byte, so that KASAN sees what is written behind it */
	struct klb_prefix_set *set = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, set);
	sort(list->v, list->n, sizeof(*list->v), cmp, NULL);
	klb_prefix_set_fill(set, list);
	return set;
}

static bool bit(const union klb_addr *addr, unsigned int i)
{
	return ((const u8 *)addr)[i / 8] & 0x80 >> i % 8;
}

static bool in_prefix(const struct klb_prefix *p, u8 family,
		      const union klb_addr *addr)
{
	unsigned int i;

	if (p->family != family)
		return false;
	for (i = 0; i < p->len; i++)
		if (bit(&p->addr, i) != bit(addr, i))
			return false;
	return true;
}

static bool in_list(const struct klb_prefixes *list, u8 family,
		    const union klb_addr *addr)
{
	u32 i;

	for (i = 0; i < list->n; i++)
		if (in_prefix(&list->v[i], family, addr))
			return true;
	return false;
}

static void mask(struct klb_prefix *p)
{
	unsigned int i;

	for (i = p->len; i < 128; i++)
		((u8 *)&p->addr)[i / 8] &= ~(0x80 >> i % 8);
}

/* Few different bytes, so that prefixes lie in and next to each other. */
static void random_addr(struct rnd_state *rnd, u8 family, union klb_addr *addr)
{
	static const u8 bytes[] = { 0, 1, 10, 127, 128, 254, 255 };
	unsigned int i;

	memset(addr, 0, sizeof(*addr));
	for (i = 0; i < klb_addr_len(family); i++) {
		u32 r = prandom_u32_state(rnd);

		((u8 *)addr)[i] = r % 8 < ARRAY_SIZE(bytes) ? bytes[r % 8] :
							      r >> 8;
	}
}

static void random_prefix(struct rnd_state *rnd, struct klb_prefix *p)
{
	p->family = prandom_u32_state(rnd) % 2 ? AF_INET : AF_INET6;
	random_addr(rnd, p->family, &p->addr);
	p->len = klb_addr_len(p->family) * 8 - prandom_u32_state(rnd) % 20;
	if (!(prandom_u32_state(rnd) % 50))
		p->len = 3 + prandom_u32_state(rnd) % 8;
	mask(p);
}

/* Addresses inside, at both ends of and right outside of prefixes. */
static void near_addr(struct rnd_state *rnd, const struct klb_prefix *p,
		      union klb_addr *addr)
{
	unsigned int i, end = klb_addr_len(p->family) * 8;
	u32 how = prandom_u32_state(rnd) % 4;

	random_addr(rnd, p->family, addr);
	for (i = 0; i < end; i++) {
		u8 *byte = &((u8 *)addr)[i / 8], b = 0x80 >> i % 8;
		bool set = i < p->len ? bit(&p->addr, i) :
			   how == 2 ? *byte & b : how & 1;

		if (how == 3 && i == p->len - 1)
			set = !set;
		*byte = set ? *byte | b : *byte & ~b;
	}
}

static void agrees_with_each(struct kunit *test)
{
	static struct klb_prefix v[MANY];
	struct klb_prefixes list = { v };
	struct rnd_state rnd;
	u32 i, wrong = 0, in = 0, round;

	prandom_seed_state(&rnd, 7);
	for (round = 0; round < 24; round++) {
		const struct klb_prefix_set *set;

		list.n = round < 8 ? round : round < 23 ? round * 10 : MANY;
		for (i = 0; i < list.n; i++)
			random_prefix(&rnd, &v[i]);
		set = build(test, &list);
		for (i = 0; i < 400; i++) {
			u8 family = i % 2 ? AF_INET : AF_INET6;
			union klb_addr addr;
			bool has;

			random_addr(&rnd, family, &addr);
			if (i % 4 && list.n) {
				const struct klb_prefix *p = &v[i % list.n];

				family = p->family;
				near_addr(&rnd, p, &addr);
			}
			has = klb_prefix_set_has(set, family, &addr);
			in += has;
			wrong += has != in_list(&list, family, &addr);
		}
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GT(test, in, 1000);
}

static struct klb_prefix p4(u32 addr, u8 len)
{
	struct klb_prefix p = { .family = AF_INET, .len = len };

	p.addr.ip = htonl(addr);
	return p;
}

static bool has_ip(const struct klb_prefix_set *set, u32 ip)
{
	union klb_addr addr = { .ip = htonl(ip) };

	return klb_prefix_set_has(set, AF_INET, &addr);
}

static void all_and_nothing(struct kunit *test)
{
	struct klb_prefix v[] = { p4(0, 0), p4(0x0a000000, 8),
				  { .family = AF_INET6 } };
	struct klb_prefixes all = { v, 3 }, none = { v, 0 };
	struct klb_prefix_set *set = build(test, &all);
	union klb_addr six = { .w = { U64_MAX, U64_MAX } };

	KUNIT_EXPECT_EQ(test, set->n4, 1);
	KUNIT_EXPECT_TRUE(test, has_ip(set, 0));
	KUNIT_EXPECT_TRUE(test, has_ip(set, U32_MAX));
	KUNIT_EXPECT_TRUE(test, klb_prefix_set_has(set, AF_INET6, &six));
	set = build(test, &none);
	KUNIT_EXPECT_FALSE(test, has_ip(set, 0));
	KUNIT_EXPECT_FALSE(test, klb_prefix_set_has(set, AF_INET6, &six));
}

/* Neighbours become one range, also the last of all. */
static void neighbours_are_one(struct kunit *test)
{
	struct klb_prefix v[] = { p4(0x0a000000, 24), p4(0x0a000100, 24),
				  p4(0x0a000180, 25), p4(0x0a000300, 24),
				  p4(0xffffff00, 24), p4(0xffffff80, 25) };
	struct klb_prefixes list = { v, ARRAY_SIZE(v) };
	struct klb_prefix_set *set = build(test, &list);

	KUNIT_EXPECT_EQ(test, set->n4, 3);
	KUNIT_EXPECT_TRUE(test, has_ip(set, 0x0a0001ff));
	KUNIT_EXPECT_FALSE(test, has_ip(set, 0x0a000200));
	KUNIT_EXPECT_TRUE(test, has_ip(set, U32_MAX));
	KUNIT_EXPECT_FALSE(test, has_ip(set, 0x09ffffff));
}

static int longest(const struct klb_prefixes *list, u8 family, u32 ip)
{
	const union klb_addr addr = { .ip = htonl(ip) };
	const struct klb_prefix *p = klb_prefixes_find(list, family, &addr);

	return p ? p->len : -1;
}

/* As it was configured, whatever was made of it. */
static void the_longest_is_found(struct kunit *test)
{
	struct klb_prefix v[] = { p4(0x0a000000, 8), p4(0x0a000000, 24),
				  p4(0x0a000100, 32), p4(0x0a000200, 25),
				  { .family = AF_INET6 } };
	struct klb_prefixes list = { v, ARRAY_SIZE(v) }, none = {};

	KUNIT_EXPECT_EQ(test, longest(&list, AF_INET, 0x0a0000ff), 24);
	KUNIT_EXPECT_EQ(test, longest(&list, AF_INET, 0x0a000100), 32);
	KUNIT_EXPECT_EQ(test, longest(&list, AF_INET, 0x0a000280), 8);
	KUNIT_EXPECT_EQ(test, longest(&list, AF_INET, 0x0b000000), -1);
	KUNIT_EXPECT_EQ(test, longest(&list, AF_INET6, 0x0b000000), 0);
	KUNIT_EXPECT_EQ(test, longest(&none, AF_INET, 0), -1);
}

static struct kunit_case prefix_set_cases[] = {
	KUNIT_CASE(the_longest_is_found),
	KUNIT_CASE(agrees_with_each),
	KUNIT_CASE(all_and_nothing),
	KUNIT_CASE(neighbours_are_one),
	{}
};

static struct kunit_suite prefix_set_suite = {
	.name = "klb_prefix_set",
	.test_cases = prefix_set_cases,
};

kunit_test_suite(prefix_set_suite);

MODULE_DESCRIPTION("KUnit tests of klb's sets of prefixes");
MODULE_LICENSE("GPL");
