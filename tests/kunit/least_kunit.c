// SPDX-License-Identifier: GPL-2.0
/* The least loaded of many, against a look at all of them. */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "../../kmod/least.c"

static struct klb_least *make(struct kunit *test, u32 n, const u16 *weights)
{
	struct klb_least *l = kunit_kzalloc(test, klb_least_size(n),
					    GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, l);
	klb_least_init(l, n);
	for (i = 0; i < n; i++)
		l->e[i] = (struct klb_least_entry){
			.weight = weights ? weights[i] : 1,
		};
	klb_least_start(l);
	return l;
}

static u32 by_hand(const struct klb_least *l)
{
	u32 i, best = 0;

	for (i = 1; i < l->n; i++)
		if (before(l, i, best))
			best = i;
	return best;
}

static void connect(struct klb_least *l, u32 i)
{
	klb_least_take(l, i);
	klb_least_set(l, i, l->e[i].load + 1);
}

/* Connections come and go at random. */
static void agrees_with_all(struct kunit *test)
{
	static const u32 sizes[] = { 1, 2, 3, 4, 5, 7, 8, 9, 31, 100, 257 };
	static u16 weights[257];
	struct rnd_state rnd;
	u32 s, i, wrong = 0;

	prandom_seed_state(&rnd, 3);
	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		struct klb_least *l;

		for (i = 0; i < sizes[s]; i++)
			weights[i] = 1 + prandom_u32_state(&rnd) % 9;
		l = make(test, sizes[s], weights);
		for (i = 0; i < 2000; i++) {
			u32 any = prandom_u32_state(&rnd) % l->n;

			wrong += klb_least_next(l) != by_hand(l);
			if (i % 3)
				connect(l, klb_least_next(l));
			else if (l->e[any].load)
				klb_least_set(l, any, l->e[any].load - 1);
		}
		cond_resched();
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* Connections that stay are shared by weight to within one. */
static void loads_follow_weights(struct kunit *test)
{
	static const u16 weights[] = { 1, 2, 3, 4 };
	struct klb_least *l = make(test, 4, weights);
	u32 i;

	for (i = 0; i < 1000; i++)
		connect(l, klb_least_next(l));
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_GE(test, l->e[i].load + 1, 100 * weights[i]);
		KUNIT_EXPECT_LE(test, l->e[i].load, 100 * weights[i] + 1);
	}
}

/* So are those that are over before the next one comes. */
static void turns_follow_weights(struct kunit *test)
{
	static const u16 weights[] = { 1, 2, 3, 4 };
	struct klb_least *l = make(test, 4, weights);
	u32 i, got[4] = {};

	for (i = 0; i < 1000; i++) {
		u32 next = klb_least_next(l);

		klb_least_take(l, next);
		got[next]++;
	}
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_GE(test, got[i] + 2, 100 * weights[i]);
		KUNIT_EXPECT_LE(test, got[i], 100 * weights[i] + 2);
	}
}

static void idle_ones_in_order(struct kunit *test)
{
	struct klb_least *l = make(test, 65535, NULL);
	u32 i, wrong = 0;

	for (i = 0; i < 2 * 65535; i++) {
		wrong += klb_least_next(l) != i % 65535;
		klb_least_take(l, i % 65535);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* One that was busy for long is not made to catch up. */
static void no_catching_up(struct kunit *test)
{
	struct klb_least *l = make(test, 3, NULL);
	u32 i, got = 0;

	klb_least_set(l, 1, 5);
	for (i = 0; i < 1000; i++)
		klb_least_take(l, klb_least_next(l));
	klb_least_set(l, 1, 0);
	for (i = 0; i < 30; i++) {
		u32 next = klb_least_next(l);

		got += next == 1;
		klb_least_take(l, next);
	}
	KUNIT_EXPECT_GE(test, got, 10);
	KUNIT_EXPECT_LE(test, got, 11);
}

static struct kunit_case least_cases[] = {
	KUNIT_CASE(agrees_with_all),
	KUNIT_CASE(loads_follow_weights),
	KUNIT_CASE(turns_follow_weights),
	KUNIT_CASE(idle_ones_in_order),
	KUNIT_CASE(no_catching_up),
	{}
};

static struct kunit_suite least_suite = {
	.name = "klb_least",
	.test_cases = least_cases,
};

kunit_test_suite(least_suite);

MODULE_DESCRIPTION("KUnit tests of klb's least connections");
MODULE_LICENSE("GPL");
