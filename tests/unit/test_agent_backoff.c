// SPDX-License-Identifier: GPL-2.0
#include "test.h"

#include "backoff.h"

#define MS	1000ull
#define SECOND	1000000ull

static void test_grows(void **state)
{
	static const uint64_t want[] = {
		800, 1600, 3200, 6400, 12800, 25600, 30000, 30000, 30000,
	};
	struct backoff b;
	uint64_t now = 5 * SECOND, wait;
	size_t i;

	backoff_init(&b, &backoff_default);
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		wait = backoff_next(&b, now, 0);
		assert_int_equal(wait, want[i] * MS);
		now += wait;
	}
}

static void test_jitter(void **state)
{
	struct backoff b;

	backoff_init(&b, &backoff_default);
	assert_int_equal(backoff_next(&b, 0, 1u << 31), 1200 * MS);
	assert_in_range(backoff_next(&b, 0, UINT32_MAX), 3199 * MS, 3200 * MS);
	while (b.delay < 30 * SECOND)
		backoff_next(&b, 0, 0);
	assert_in_range(backoff_next(&b, 0, UINT32_MAX), 59 * SECOND,
			60 * SECOND);
}

/* Two minutes count from the end of the wait, not from the failure. */
static void test_reset(void **state)
{
	struct backoff b;

	backoff_init(&b, &backoff_default);
	backoff_next(&b, 0, 0);
	assert_int_equal(backoff_next(&b, SECOND, 0), 1600 * MS);
	assert_int_equal(backoff_next(&b, 2600 * MS + 120 * SECOND - 1, 0),
			 3200 * MS);
	assert_int_equal(backoff_next(&b, 2600 * MS + 120 * SECOND - 1 +
				      3200 * MS + 120 * SECOND, 0), 800 * MS);
}

static void test_clock_back(void **state)
{
	struct backoff b;

	backoff_init(&b, &backoff_default);
	backoff_next(&b, 1000 * SECOND, 0);
	assert_int_equal(backoff_next(&b, SECOND, 0), 1600 * MS);
	assert_int_equal(backoff_next(&b, 0, 0), 3200 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_reset),
		cmocka_unit_test(test_clock_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
