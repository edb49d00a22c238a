// SPDX-License-Identifier: GPL-2.0
/* What is told, and to whom. */
#include <kunit/test.h>
#include <linux/module.h>

#include "../../kmod/tuple.c"
#include "../../kmod/steps.c"

static const union klb_addr addr = { .w = { U64_MAX, U64_MAX } };

static void nobody_asks(struct kunit *test)
{
	struct klb_steps untold = {};

	KUNIT_EXPECT_NULL(test, klb_tell(NULL, KLB_STEP_TURN));
	KUNIT_EXPECT_NULL(test, klb_tell(&untold, KLB_STEP_TURN));
	klb_tell_n(NULL, KLB_STEP_TURN, 1, 2);
	klb_tell_n(&untold, KLB_STEP_TURN, 1, 2);
	klb_tell_also(&untold, KLB_STEP_TURN, 1, 2);
	klb_tell_at(&untold, KLB_STEP_LOAD, AF_INET6, &addr, 1);
	KUNIT_EXPECT_EQ(test, untold.n, 0);
}

static void as_much_as_there_is_room_for(struct kunit *test)
{
	struct klb_told told[3];
	struct klb_steps s = { .max = 2, .v = told };

	memset(told, 0xaa, sizeof(told));
	klb_tell_at(&s, KLB_STEP_LOAD, AF_INET, &addr, htons(80));
	klb_tell_also(&s, KLB_STEP_LOAD, 0, 7);
	KUNIT_EXPECT_EQ(test, told[0].addr.ip, htonl(U32_MAX));
	KUNIT_EXPECT_EQ(test, told[0].addr.w[1], 0);
	KUNIT_EXPECT_TRUE(test, told[0].counts);
	KUNIT_EXPECT_FALSE(test, told[0].prefix);
	KUNIT_EXPECT_EQ(test, told[0].of, 7);
	KUNIT_EXPECT_NOT_NULL(test, klb_tell(&s, KLB_STEP_DSR));
	KUNIT_EXPECT_FALSE(test, told[1].counts);
	/* full: neither a third one, nor what belongs to it */
	klb_tell_at(&s, KLB_STEP_LOAD, AF_INET, &addr, 0);
	klb_tell_also(&s, KLB_STEP_LOAD, 9, 9);
	KUNIT_EXPECT_EQ(test, s.n, 2);
	KUNIT_EXPECT_FALSE(test, told[1].counts);
	KUNIT_EXPECT_EQ(test, told[2].kind, 0xaa);
}

static void both_ends(struct kunit *test)
{
	struct klb_tuple t = {
		.src = addr, .dst = { .w = { 1, 2 } }, .ports.src = htons(1),
		.ports.dst = htons(2), .family = AF_INET6,
	};
	struct klb_told told;
	struct klb_steps s = { .max = 1, .v = &told };

	klb_tell_tuple(&s, KLB_STEP_GUE, &t);
	KUNIT_EXPECT_EQ(test, told.kind, KLB_STEP_GUE);
	KUNIT_EXPECT_EQ(test, told.family, AF_INET6);
	KUNIT_EXPECT_EQ(test, told.to_family, AF_INET6);
	KUNIT_EXPECT_EQ(test, told.to.w[1], 2);
	KUNIT_EXPECT_EQ(test, told.port, htons(1));
	KUNIT_EXPECT_EQ(test, told.to_port, htons(2));
}

static struct kunit_case steps_cases[] = {
	KUNIT_CASE(nobody_asks),
	KUNIT_CASE(as_much_as_there_is_room_for),
	KUNIT_CASE(both_ends),
	{}
};

static struct kunit_suite steps_suite = {
	.name = "klb_steps",
	.test_cases = steps_cases,
};

kunit_test_suite(steps_suite);

MODULE_DESCRIPTION("KUnit tests of the steps that explain tells");
MODULE_LICENSE("GPL");
