// SPDX-License-Identifier: GPL-2.0
/* The order of turns, against nginx's smooth weighted round robin done by the
 * book: everybody earns its weight, the richest pays the sum.
 */
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>

#include "../../kmod/turns.c"

#define MOST	300

struct by_the_book {
	s64 credit[MOST];
};

static u32 book_next(struct by_the_book *b, const u16 *weights, u32 n)
{
	u32 i, best = 0;
	s64 total = 0;

	for (i = 0; i < n; i++) {
		b->credit[i] += weights[i];
		total += weights[i];
		if (b->credit[i] > b->credit[best])
			best = i;
	}
	b->credit[best] -= total;
	return best;
}

static u16 *slots_of(struct kunit *test, const u16 *weights, u32 n, u32 *size)
{
	struct klb_turns_member *m;
	struct klb_turns t;
	u16 *slots;

	m = kunit_kmalloc_array(test, n, sizeof(*m), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m);
	*size = klb_turns_plan(m, weights, n);
	slots = kunit_kmalloc_array(test, *size, sizeof(*slots), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, slots);
	klb_turns_start(&t, slots, *size, m, n);
	while (klb_turns_some(&t))
		cond_resched();
	return slots;
}

static u32 differences(struct kunit *test, const u16 *weights, u32 n)
{
	static struct by_the_book book;
	u32 size, i, wrong = 0;
	u16 *slots = slots_of(test, weights, n, &size);

	memset(&book, 0, sizeof(book));
	for (i = 0; i < 2 * size; i++)
		wrong += slots[i % size] != book_next(&book, weights, n);
	return wrong;
}

static void known_order(struct kunit *test)
{
	static const u16 weights[] = { 5, 1, 1 }, doubled[] = { 10, 2, 2 };
	static const u16 want[] = { 0, 0, 1, 0, 2, 0, 0 };
	u32 size;
	u16 *slots = slots_of(test, weights, 3, &size);

	KUNIT_ASSERT_EQ(test, size, 7);
	KUNIT_EXPECT_EQ(test, memcmp(slots, want, sizeof(want)), 0);
	slots = slots_of(test, doubled, 3, &size);
	KUNIT_ASSERT_EQ(test, size, 7);
	KUNIT_EXPECT_EQ(test, memcmp(slots, want, sizeof(want)), 0);
}

static void as_by_the_book(struct kunit *test)
{
	static u16 weights[MOST];
	struct rnd_state rnd;
	u32 round, i, n;

	prandom_seed_state(&rnd, 11);
	for (round = 0; round < 40; round++) {
		u32 spread = round % 4 ? 5 : 60;

		n = round < 8 ? round + 1 : 1 + prandom_u32_state(&rnd) % 60;
		for (i = 0; i < n; i++)
			weights[i] = 1 + prandom_u32_state(&rnd) % spread;
		KUNIT_EXPECT_EQ(test, differences(test, weights, n), 0);
		cond_resched();
	}
}

static void equal_weights_in_order(struct kunit *test)
{
	u32 size, i, wrong = 0, n = 65535;
	u16 *slots = slots_of(test, NULL, n, &size);

	KUNIT_ASSERT_EQ(test, size, n);
	for (i = 0; i < n; i++)
		wrong += slots[i] != i;
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* The greatest weights with the least. */
static void one_in_65536(struct kunit *test)
{
	static const u16 weights[] = { 65535, 1 };
	u32 size, i, n = 0;
	u16 *slots = slots_of(test, weights, 2, &size);

	KUNIT_ASSERT_EQ(test, size, 65536);
	for (i = 0; i < size; i++)
		n += slots[i];
	KUNIT_EXPECT_EQ(test, n, 1);
	KUNIT_EXPECT_EQ(test, slots[32768], 1);
}

/* More than there is room for: shares within a hundredth where they are large,
 * and one for everybody.
 */
static void brought_down(struct kunit *test)
{
	u32 *share = kunit_kcalloc(test, 65535, sizeof(*share), GFP_KERNEL);
	u16 *weights = kunit_kcalloc(test, 65535, sizeof(*weights), GFP_KERNEL);
	u32 size, i, n = 5000, none = 0, wrong = 0;
	u64 total = 0;
	u16 *slots;

	KUNIT_ASSERT_NOT_NULL(test, share);
	KUNIT_ASSERT_NOT_NULL(test, weights);
	for (i = 0; i < n; i++) {
		weights[i] = i % 500 ? 30000 + i % 7 : 1;
		total += weights[i];
	}
	slots = slots_of(test, weights, n, &size);
	KUNIT_EXPECT_LE(test, size, KLB_TURNS_MAX + n);
	for (i = 0; i < size; i++)
		share[slots[i]]++;
	for (i = 0; i < n; i++) {
		u64 want = div64_u64((u64)weights[i] * size, total);

		none += !share[i];
		wrong += want > 50 && abs((s64)share[i] - (s64)want) * 50 >
				      (s64)want;
	}
	KUNIT_EXPECT_EQ(test, none, 0);
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* As many different ones as there are: that would be 1448 million looks. */
static void all_different(struct kunit *test)
{
	struct klb_turns_member *m;
	u32 n = 65535, size, i, groups = 0;
	u16 *weights;

	m = kunit_kcalloc(test, n, sizeof(*m), GFP_KERNEL);
	weights = kunit_kcalloc(test, n, sizeof(*weights), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_NOT_NULL(test, weights);
	for (i = 0; i < n; i++)
		weights[i] = i < 2000 ? 30000 + i * 17 : 1;
	size = klb_turns_plan(m, weights, n);
	for (i = 0; i < n; i += m[i].alike)
		groups++;
	KUNIT_EXPECT_GT(test, groups, 50);
	KUNIT_EXPECT_GE(test, size, KLB_TURNS_MAX / 8);
	KUNIT_EXPECT_LE(test, (u64)groups * size, KLB_TURNS_LOOKS);
}

static struct kunit_case turns_cases[] = {
	KUNIT_CASE(known_order),
	KUNIT_CASE(as_by_the_book),
	KUNIT_CASE(equal_weights_in_order),
	KUNIT_CASE(one_in_65536),
	KUNIT_CASE(brought_down),
	KUNIT_CASE(all_different),
	{}
};

static struct kunit_suite turns_suite = {
	.name = "klb_turns",
	.test_cases = turns_cases,
};

kunit_test_suite(turns_suite);

MODULE_DESCRIPTION("KUnit tests of klb's round robin");
MODULE_LICENSE("GPL");
