// SPDX-License-Identifier: GPL-2.0
/* Orders of source ports: every port once, and few probes in a full table. */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "../../kmod/snat_port.c"

#define LOW	1024
#define HIGH	65535

static const struct klb_port_set all = { .low = LOW, .high = HIGH };

static const struct range_case {
	const char *name;
	struct klb_port_set set;
	u32 n;
} range_cases[] = {
	{ "1024-65535", { LOW, HIGH }, 64512 },
	{ "all but 0", { 1, 65535 }, 65535 },
	{ "one", { 4242, 4242 }, 1 },
	{ "the last", { 65535, 65535 }, 1 },
	{ "two", { 1024, 1025 }, 2 },
	{ "three", { 1024, 1026 }, 3 },
	{ "a power of two", { 32768, 65535 }, 32768 },
	{ "a prime", { 1, 65521 }, 65521 },
	{ "an even number", { 20000, 29999 }, 10000 },
	{ "Linux's own", { 32768, 60999 }, 28232 },
	{ "without Linux's own", { LOW, HIGH, 32768, 60999 }, 36280 },
	{ "without the first", { LOW, HIGH, 1, 60999 }, 4536 },
	{ "without the last", { 1, 65535, 32768, 65535 }, 32767 },
	{ "without one in the middle", { 1, 3, 2, 2 }, 2 },
	{ "without what is not there", { 100, 199, 200, 300 }, 100 },
	{ "none", { 40000, 40003, 32768, 60999 }, 0 },
	{ "none of all", { 1, 65535, 1, 65535 }, 0 },
};

KUNIT_ARRAY_PARAM_DESC(range, range_cases, name);

static const u32 seeds[] = {
	0, 1, 2, 3, 4, 5, 6, 7, 0x7fffffff, 0x80000000, 0xdeadbeef,
	0xfffffff8, 0xfffffffe, 0xffffffff,
};

/* How many ports of the set a walk has met; U32_MAX if one was twice there or
 * outside.
 */
static u32 ports_met(unsigned long *met, const struct range_case *c, u32 seed)
{
	struct klb_port_walk w;
	u32 n = 0;
	u16 port;

	bitmap_zero(met, 65536);
	klb_port_walk_init(&w, &c->set, seed);
	while ((port = klb_port_walk_next(&w))) {
		if (port < c->set.low || port > c->set.high || n > 65536 ||
		    (port >= c->set.omit_low && port <= c->set.omit_high) ||
		    __test_and_set_bit(port, met))
			return U32_MAX;
		n++;
	}
	return n;
}

static void every_port_once(struct kunit *test)
{
	const struct range_case *c = test->param_value;
	unsigned long *met = kunit_kzalloc(test, 65536 / 8, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, met);
	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		KUNIT_EXPECT_EQ(test, ports_met(met, c, seeds[i]),
				c->n);
		cond_resched();
	}
}

static void none_after_the_last(struct kunit *test)
{
	static const struct klb_port_set set = { .low = 7, .high = 9 };
	struct klb_port_walk w;
	int i;

	klb_port_walk_init(&w, &set, 12345);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_NE(test, klb_port_walk_next(&w), 0);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, klb_port_walk_next(&w), 0);
}

static void same_seed_same_order(struct kunit *test)
{
	struct klb_port_walk a, b;
	int i;

	klb_port_walk_init(&a, &all, 0x12345678);
	klb_port_walk_init(&b, &all, 0x12345678);
	for (i = 0; i < 1000; i++)
		KUNIT_ASSERT_EQ(test, klb_port_walk_next(&a),
				klb_port_walk_next(&b));
}

/* To leave out some is to ask for them and not to look. */
static void skips_as_it_walks(struct kunit *test)
{
	const struct range_case *c = test->param_value;
	struct klb_port_walk a, b;
	int i, k;

	for (i = 0; i < ARRAY_SIZE(seeds); i++) {
		klb_port_walk_init(&a, &c->set, seeds[i]);
		klb_port_walk_init(&b, &c->set, seeds[i]);
		for (k = 0; k < 70000; k += 997) {
			klb_port_walk_skip(&a, 996);
			for (int n = 0; n < 996; n++)
				klb_port_walk_next(&b);
			KUNIT_ASSERT_EQ(test, klb_port_walk_next(&a),
					klb_port_walk_next(&b));
		}
		cond_resched();
	}
}

/* First ports of random seeds are spread over the range: 64 parts of it get
 * 1024 each, give or take five standard deviations of 32.
 */
static void starts_are_spread(struct kunit *test)
{
	u32 part[64] = {}, i;
	struct klb_port_walk w;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	for (i = 0; i < 65536; i++) {
		klb_port_walk_init(&w, &all, prandom_u32_state(&rnd));
		part[(klb_port_walk_next(&w) - LOW) / 1008]++;
	}
	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_GT(test, part[i], 1024 - 160);
		KUNIT_EXPECT_LT(test, part[i], 1024 + 160);
	}
}

/* Takes a port that is free. Returns how many it had to look at. */
static u32 take(unsigned long *taken, u32 seed)
{
	struct klb_port_walk w;
	u32 looked = 0;
	u16 port;

	klb_port_walk_init(&w, &all, seed);
	while ((port = klb_port_walk_next(&w))) {
		looked++;
		if (!__test_and_set_bit(port, taken))
			return looked;
	}
	return 0;
}

/* One after the other, connections to one endpoint take all its ports. The
 * mean number of looks while @from to @to hundredths are taken.
 */
static u32 mean_looks(unsigned long *taken, struct rnd_state *rnd, u32 from,
		      u32 to)
{
	u32 ports = HIGH - LOW + 1, i, sum = 0;

	bitmap_zero(taken, 65536);
	for (i = 0; i < ports * to / 100; i++) {
		u32 looked = take(taken, prandom_u32_state(rnd));

		if (i >= ports * from / 100)
			sum += looked;
	}
	return sum / (ports * (to - from) / 100);
}

/* Half full a random order takes 2 looks, 90 % full 10, 98 % full 50. */
static void few_looks_when_crowded(struct kunit *test)
{
	unsigned long *taken = kunit_kzalloc(test, 65536 / 8, GFP_KERNEL);
	struct rnd_state rnd;

	KUNIT_ASSERT_NOT_NULL(test, taken);
	prandom_seed_state(&rnd, 2);
	KUNIT_EXPECT_LE(test, mean_looks(taken, &rnd, 49, 51), 3);
	KUNIT_EXPECT_LE(test, mean_looks(taken, &rnd, 89, 91), 15);
	KUNIT_EXPECT_LE(test, mean_looks(taken, &rnd, 97, 99), 80);
}

/* The last port is found, and then none. */
static void all_ports_can_be_had(struct kunit *test)
{
	unsigned long *taken = kunit_kzalloc(test, 65536 / 8, GFP_KERNEL);
	struct rnd_state rnd;
	u32 i, failed = 0;

	KUNIT_ASSERT_NOT_NULL(test, taken);
	prandom_seed_state(&rnd, 3);
	for (i = LOW; i <= HIGH; i++)
		failed += !take(taken, prandom_u32_state(&rnd));
	KUNIT_EXPECT_EQ(test, failed, 0);
	KUNIT_EXPECT_EQ(test, bitmap_weight(taken, 65536), HIGH - LOW + 1);
	KUNIT_EXPECT_EQ(test, take(taken, 99), 0);
}

static struct kunit_case snat_port_cases[] = {
	KUNIT_CASE_PARAM(every_port_once, range_gen_params),
	KUNIT_CASE_PARAM(skips_as_it_walks, range_gen_params),
	KUNIT_CASE(none_after_the_last),
	KUNIT_CASE(same_seed_same_order),
	KUNIT_CASE(starts_are_spread),
	KUNIT_CASE(few_looks_when_crowded),
	KUNIT_CASE(all_ports_can_be_had),
	{}
};

static struct kunit_suite snat_port_suite = {
	.name = "klb_snat_port",
	.test_cases = snat_port_cases,
};

kunit_test_suite(snat_port_suite);

MODULE_DESCRIPTION("KUnit tests of klb's choice of source ports");
MODULE_LICENSE("GPL");
