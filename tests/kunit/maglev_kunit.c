// SPDX-License-Identifier: GPL-2.0
/* Maglev tables: size, completeness, shares, agreement between nodes, and how
 * little a change moves.
 */
#include <kunit/test.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "../../kmod/maglev.c"

static const u32 primes[] = {
	251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071, 262139,
	524287, 1048573, 2097143, 4194301, 8388593,
};

/* ---- size ---- */

static bool is_prime(u32 n)
{
	u32 i;

	for (i = 2; i * i <= n; i++)
		if (n % i == 0)
			return false;
	return n > 1;
}

static void size_list_is_prime(struct kunit *test)
{
	int i;

	KUNIT_ASSERT_EQ(test, ARRAY_SIZE(primes),
			ARRAY_SIZE(klb_maglev_primes));
	for (i = 0; i < ARRAY_SIZE(primes); i++) {
		KUNIT_EXPECT_EQ(test, primes[i], klb_maglev_primes[i]);
		KUNIT_EXPECT_TRUE(test, is_prime(primes[i]));
	}
}

static void size_boundaries(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(primes) - 1; i++) {
		u32 p = primes[i], next = primes[i + 1];

		KUNIT_EXPECT_EQ(test, klb_maglev_size(1, p - 1), p);
		KUNIT_EXPECT_EQ(test, klb_maglev_size(1, p), p);
		KUNIT_EXPECT_EQ(test, klb_maglev_size(1, p + 1), next);
		/* automatic */
		KUNIT_EXPECT_EQ(test, klb_maglev_size(p / 100, 0), p);
		KUNIT_EXPECT_EQ(test, klb_maglev_size(p / 100 + 1, 0), next);
	}
}

static const struct size_case {
	const char *name;
	u32 members, wanted, size;
} size_cases[] = {
	{ "nobody", 0, 0, 0 },
	{ "nobody, size wanted", 0, 4093, 0 },
	{ "one", 1, 0, 251 },
	{ "three", 3, 0, 509 },
	{ "most members", 65535, 0, 8388593 },
	{ "wanted 1", 1, 1, 251 },
	{ "wanted less than members", 300, 251, 509 },
	{ "wanted as many as members", 509, 509, 509 },
	{ "wanted a power of two", 10, 65536, 131071 },
	{ "wanted the largest", 1, 8388593, 8388593 },
	{ "wanted more than the largest", 1, 8388594, 8388593 },
	{ "wanted U32_MAX", 65535, U32_MAX, 8388593 },
	{ "members U32_MAX", U32_MAX, 0, 8388593 },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, name);

static void size_rule(struct kunit *test)
{
	const struct size_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klb_maglev_size(c->members, c->wanted), c->size);
}

/* ---- tables ---- */

/* A table with all that made it. */
struct table {
	u16 *slots;
	struct klb_maglev_member *m;
	u32 *count;
	u32 size, n;
};

static struct table *table_alloc(struct kunit *test, u32 size, u32 n)
{
	struct table *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->slots = kunit_kcalloc(test, size, sizeof(*t->slots), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->slots);
	t->m = kunit_kcalloc(test, n + 1, sizeof(*t->m), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->m);
	t->count = kunit_kcalloc(test, n + 1, sizeof(*t->count), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->count);
	t->size = size;
	t->n = n;
	return t;
}

static u64 key_of(struct rnd_state *rnd)
{
	u64 high = prandom_u32_state(rnd);

	return high << 32 | prandom_u32_state(rnd);
}

/* Ways to weigh members. */
enum weighing {
	EQUAL,
	EQUAL_HEAVY,
	ONE_HEAVY,	/* 65535 and the others 1 */
	ONE_LIGHT,	/* 1 and the others 65535 */
	UNIFORM,	/* 1..100 */
	POWERS,		/* 1, 2, 4 ... 32768 */
	HALF,		/* every other twice as much */
};

static u32 weight_of(enum weighing how, u32 i, struct rnd_state *rnd)
{
	switch (how) {
	case EQUAL_HEAVY:
		return 65535;
	case ONE_HEAVY:
		return i == 1 ? 65535 : 1;
	case ONE_LIGHT:
		return i == 1 ? 1 : 65535;
	case UNIFORM:
		return 1 + prandom_u32_state(rnd) % 100;
	case POWERS:
		return 1 << prandom_u32_state(rnd) % 16;
	case HALF:
		return 1 + i % 2;
	default:
		return 1;
	}
}

static void table_members(struct table *t, enum weighing how, u64 seed)
{
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, seed);
	for (i = 0; i < t->n; i++) {
		t->m[i].key = key_of(&rnd);
		t->m[i].weight = weight_of(how, i, &rnd);
	}
}

static void table_fill(struct table *t)
{
	klb_maglev_fill(t->slots, t->size, t->m, t->n);
}

/* Every slot belongs to somebody, and counts whose they are. */
static void table_count(struct kunit *test, struct table *t)
{
	u32 i, bad = 0;

	memset(t->count, 0, t->n * sizeof(*t->count));
	for (i = 0; i < t->size; i++) {
		if (t->slots[i] < t->n)
			t->count[t->slots[i]]++;
		else
			bad++;
	}
	KUNIT_ASSERT_EQ(test, bad, 0);
	cond_resched();
}

static struct table *table_make(struct kunit *test, u32 size, u32 n,
				enum weighing how, u64 seed)
{
	struct table *t = table_alloc(test, size, n);

	table_members(t, how, seed);
	table_fill(t);
	table_count(test, t);
	return t;
}

static u64 total_weight(const struct table *t)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < t->n; i++)
		sum += t->m[i].weight;
	return sum;
}

/* ---- shares ---- */

static const struct share_case {
	const char *name;
	u32 size, n;
	enum weighing how;
} share_cases[] = {
	{ "one", 251, 1, EQUAL },
	{ "one, heaviest", 251, 1, EQUAL_HEAVY },
	{ "two", 251, 2, EQUAL },
	{ "two, 1 and 65535", 251, 2, ONE_HEAVY },
	{ "two, 1 and 65535, large", 131071, 2, ONE_HEAVY },
	{ "3 of 4093", 4093, 3, UNIFORM },
	{ "100 of 16381", 16381, 100, EQUAL },
	{ "100 of 16381, heaviest", 16381, 100, EQUAL_HEAVY },
	{ "100 of 16381, one heavy", 16381, 100, ONE_HEAVY },
	{ "100 of 16381, one light", 16381, 100, ONE_LIGHT },
	{ "100 of 16381, 1..100", 16381, 100, UNIFORM },
	{ "100 of 16381, powers of two", 16381, 100, POWERS },
	{ "100 of 16381, halves", 16381, 100, HALF },
	{ "600 of 65521", 65521, 600, EQUAL },
	{ "600 of 65521, powers of two", 65521, 600, POWERS },
	{ "600 of 65521, one heavy", 65521, 600, ONE_HEAVY },
	{ "10000 of 65521, powers of two", 65521, 10000, POWERS },
	{ "as many as slots", 251, 251, EQUAL },
	{ "as many as slots, one heavy", 251, 251, ONE_HEAVY },
	{ "as many as slots, powers of two", 1021, 1021, POWERS },
	{ "most members", 131071, 65535, EQUAL },
	{ "most members, one heavy", 131071, 65535, ONE_HEAVY },
	{ "most members, 1..100", 131071, 65535, UNIFORM },
};

KUNIT_ARRAY_PARAM_DESC(share, share_cases, name);

/* At most a slot more than its weight gives it, and less by no more than all
 * the others together were rounded up; never nothing. In thousandths of a
 * slot.
 */
static bool share_right(const struct table *t, u32 i, u64 weights)
{
	s64 ideal = div64_u64(1000ULL * t->size * t->m[i].weight, weights);
	s64 rounded = div64_s64(2 * ideal * t->n, t->size);
	s64 has = 1000LL * t->count[i];

	return has && has <= ideal + 1000 && has >= ideal - 1000 - rounded;
}

static void share_follows_weight(struct kunit *test)
{
	const struct share_case *c = test->param_value;
	struct table *t = table_make(test, c->size, c->n, c->how, 1);
	u64 weights = total_weight(t);
	u32 i;

	for (i = 0; i < t->n; i++)
		if (!share_right(t, i, weights))
			break;
	KUNIT_EXPECT_EQ_MSG(test, i, t->n, "weight %u has %u slots",
			    t->m[i].weight, t->count[i]);
}

/* Equal weights: everybody has the same number of slots, the rest goes to the
 * first, and the table does not depend on what the weight is.
 */
static void share_of_equals(struct kunit *test)
{
	struct table *one = table_make(test, 16381, 100, EQUAL, 2);
	struct table *max = table_make(test, 16381, 100, EQUAL_HEAVY, 2);
	u32 i;

	for (i = 0; i < one->n; i++)
		KUNIT_EXPECT_EQ(test, one->count[i] - 16381 / 100,
				i < 16381 % 100);
	KUNIT_EXPECT_MEMEQ(test, one->slots, max->slots, 2 * one->size);
}

static void share_of_weight_zero(struct kunit *test)
{
	struct table *t = table_alloc(test, 1021, 5);

	table_members(t, EQUAL, 3);
	t->m[0].weight = 0;
	t->m[4].weight = 0;
	table_fill(t);
	table_count(test, t);
	KUNIT_EXPECT_EQ(test, t->count[0], 0);
	KUNIT_EXPECT_EQ(test, t->count[4], 0);
	KUNIT_EXPECT_GE(test, t->count[2], 340);
}

static void share_of_nobody(struct kunit *test)
{
	struct table *t = table_alloc(test, 251, 3);

	table_members(t, EQUAL, 4);
	t->m[0].weight = 0;
	t->m[1].weight = 0;
	t->m[2].weight = 0;
	table_fill(t);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(t->slots, 0xff, 2 * 251), NULL);

	memset(t->slots, 0, 2 * 251);
	klb_maglev_fill(t->slots, t->size, t->m, 0);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(t->slots, 0xff, 2 * 251), NULL);
}

static void share_of_same_keys(struct kunit *test)
{
	struct table *t = table_alloc(test, 1021, 4);
	u32 i;

	table_members(t, EQUAL, 5);
	for (i = 0; i < t->n; i++)
		t->m[i].key = 42;
	table_fill(t);
	table_count(test, t);
	for (i = 0; i < t->n; i++)
		KUNIT_EXPECT_GE(test, t->count[i], 1021 / 4);
}

/* ---- what the paper says ---- */

/* Pseudocode 1 of the paper, word by word, from the permutations on. */
static void fill_as_in_paper(u16 *entry, u32 size,
			     const struct klb_maglev_member *m, u32 *next,
			     u32 n)
{
	u32 i, filled = 0;

	memset(entry, 0xff, 2 * size);
	memset(next, 0, n * sizeof(*next));
	for (i = 0; filled < size; i = (i + 1) % n) {
		u64 hash = klb_maglev_mix(m[i].key);
		u64 offset = (u32)hash % size;
		u64 skip = (u32)(hash >> 32) % (size - 1) + 1, c;

		do {
			c = (offset + next[i]++ * skip) % size;
		} while (entry[c] != KLB_MAGLEV_EMPTY);
		entry[c] = i;
		filled++;
	}
	cond_resched();
}

static void equals_paper(struct kunit *test)
{
	static const u32 sizes[][2] = {
		{ 251, 1 }, { 251, 2 }, { 251, 251 }, { 4093, 50 },
		{ 16381, 100 }, { 65521, 1000 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct table *t = table_make(test, sizes[i][0], sizes[i][1],
					     EQUAL, i);
		u16 *ref = kunit_kcalloc(test, t->size, 2, GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, ref);
		fill_as_in_paper(ref, t->size, t->m, t->count, t->n);
		KUNIT_EXPECT_MEMEQ(test, t->slots, ref, 2 * t->size);
	}
}

/* ---- agreement between nodes ---- */

static int cmp_key(const void *a, const void *b)
{
	const struct klb_maglev_member *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static void sort_members(struct table *t)
{
	sort(t->m, t->n, sizeof(*t->m), cmp_key, NULL);
}

/* Two nodes that learnt of the members in another order. */
static void order_of_arrival_is_nothing(struct kunit *test)
{
	struct table *a = table_alloc(test, 16381, 77);
	struct table *b = table_alloc(test, 16381, 77);
	u32 i;

	table_members(a, UNIFORM, 6);
	for (i = 0; i < a->n; i++) {
		b->m[a->n - 1 - i] = a->m[i];
		b->m[a->n - 1 - i].next = i;
		b->m[a->n - 1 - i].skip = 5 * i;
		b->m[a->n - 1 - i].credit = ~0ULL - i;
	}
	sort_members(a);
	sort_members(b);
	table_fill(a);
	table_fill(b);
	KUNIT_EXPECT_MEMEQ(test, a->slots, b->slots, 2 * a->size);
}

/* Nor does what scratch fields and slots held before, nor in how many parts a
 * table is filled.
 */
static void parts_are_the_whole(struct kunit *test)
{
	struct table *t = table_make(test, 131071, 1000, UNIFORM, 8);
	u16 *before = kunit_kmalloc(test, 2 * t->size, GFP_KERNEL);
	struct klb_maglev_build b;
	int parts = 1;

	KUNIT_ASSERT_NOT_NULL(test, before);
	memcpy(before, t->slots, 2 * t->size);
	klb_maglev_build_start(&b, t->slots, t->size, t->m, t->n);
	while (klb_maglev_build_some(&b))
		parts++;
	KUNIT_EXPECT_GT(test, parts, 2);
	KUNIT_EXPECT_FALSE(test, klb_maglev_build_some(&b));
	KUNIT_EXPECT_MEMEQ(test, t->slots, before, 2 * t->size);
}

/* Memory that is lent to a build makes no difference but in time. */
static void bits_change_nothing(struct kunit *test)
{
	struct table *t = table_make(test, 131071, 1000, UNIFORM, 8);
	u16 *before = kunit_kmalloc(test, 2 * t->size, GFP_KERNEL);
	unsigned long *taken = kunit_kcalloc(test, BITS_TO_LONGS(t->size),
					     sizeof(*taken), GFP_KERNEL);
	struct klb_maglev_build b;

	KUNIT_ASSERT_NOT_NULL(test, before);
	KUNIT_ASSERT_NOT_NULL(test, taken);
	memcpy(before, t->slots, 2 * t->size);
	klb_maglev_build_start(&b, t->slots, t->size, t->m, t->n);
	klb_maglev_build_with(&b, taken);
	while (klb_maglev_build_some(&b))
		;
	KUNIT_EXPECT_MEMEQ(test, t->slots, before, 2 * t->size);
}

/* Sum of a table that notices order, FNV-1a over little endian slots. */
static u64 table_sum(const struct table *t)
{
	u64 sum = 0xcbf29ce484222325ULL;
	u32 i;

	for (i = 0; i < t->size; i++) {
		sum = (sum ^ (t->slots[i] & 0xff)) * 0x100000001b3ULL;
		sum = (sum ^ (t->slots[i] >> 8)) * 0x100000001b3ULL;
	}
	return sum;
}

static const struct known_case {
	const char *name;
	u32 size, n;
	enum weighing how;
	u64 sum;
} known_cases[] = {
	{ "7 of 1021", 1021, 7, EQUAL, 0x1387424496afcdebULL },
	{ "100 of 16381, halves", 16381, 100, HALF, 0x9eb54e9426edfa60ULL },
	{ "30 of 4093, one heavy", 4093, 30, ONE_HEAVY, 0x0d1046293c50aa5dULL },
};

KUNIT_ARRAY_PARAM_DESC(known, known_cases, name);

/* Nodes that share clients may run different releases of klb: a change of
 * these sums breaks connections that move from one to the other.
 */
static void table_is_for_ever(struct kunit *test)
{
	const struct known_case *c = test->param_value;
	struct table *t = table_alloc(test, c->size, c->n);
	u32 i;

	for (i = 0; i < t->n; i++) {
		t->m[i].key = (i + 1) * 0x9e3779b97f4a7c15ULL;
		t->m[i].weight = weight_of(c->how, i, NULL);
	}
	table_fill(t);
	KUNIT_EXPECT_EQ(test, table_sum(t), c->sum);
}

/* ---- how little a change moves ---- */

/* Members of @t less one. */
static struct table *table_without(struct kunit *test, const struct table *t,
				   u32 gone)
{
	struct table *less = table_alloc(test, t->size, t->n - 1);

	memcpy(less->m, t->m, gone * sizeof(*t->m));
	memcpy(less->m + gone, t->m + gone + 1,
	       (t->n - 1 - gone) * sizeof(*t->m));
	table_fill(less);
	table_count(test, less);
	return less;
}

/* Slots that changed hands although their owner stayed. */
static u32 moved_needlessly(const struct table *t, const struct table *less,
			    u32 gone)
{
	u32 i, moved = 0;

	for (i = 0; i < t->size; i++) {
		u32 now = less->slots[i] + (less->slots[i] >= gone);

		if (t->slots[i] != gone && now != t->slots[i])
			moved++;
	}
	return moved;
}

/* The mean of @runs tables, in hundredths of a percent of the slots. */
static u32 mean_moved(struct kunit *test, u32 size, u32 n, enum weighing how,
		      u32 runs)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < runs; i++) {
		u32 gone = (i * 37 + 2) % n;
		struct table *t = table_make(test, size, n, how, 100 + i);
		struct table *less = table_without(test, t, gone);

		sum += moved_needlessly(t, less, gone);
	}
	return div64_u64(sum * 10000, (u64)runs * size);
}

static const struct move_case {
	const char *name;
	u32 size, n;
	enum weighing how;
	/* hundredths of a percent that move besides the slots of the member
	 * that goes, measured with an implementation of its own: 20 runs
	 */
	u32 known;
} move_cases[] = {
	{ "10 of 16381", 16381, 10, EQUAL, 52 },
	{ "50 of 16381", 16381, 50, EQUAL, 101 },
	{ "100 of 16381", 16381, 100, EQUAL, 137 },
	{ "500 of 16381", 16381, 500, EQUAL, 102 },
	{ "50 of 4093", 4093, 50, EQUAL, 226 },
	{ "100 of 4093", 4093, 100, EQUAL, 294 },
	{ "10 of 65521", 65521, 10, EQUAL, 24 },
	{ "100 of 65521", 65521, 100, EQUAL, 56 },
	{ "500 of 65521", 65521, 500, EQUAL, 90 },
	/* weights may not make it worse */
	{ "100 of 16381, 1..100", 16381, 100, UNIFORM, 137 },
	{ "100 of 16381, halves", 16381, 100, HALF, 137 },
	{ "100 of 16381, powers of two", 16381, 100, POWERS, 137 },
	{ "100 of 16381, one heavy", 16381, 100, ONE_HEAVY, 137 },
};

KUNIT_ARRAY_PARAM_DESC(move, move_cases, name);

static void removal_moves_little(struct kunit *test)
{
	const struct move_case *c = test->param_value;
	u32 moved = mean_moved(test, c->size, c->n, c->how, 5);

	kunit_info(test, "moved %u.%02u %%, known %u.%02u %%\n", moved / 100,
		   moved % 100, c->known / 100, c->known % 100);
	KUNIT_EXPECT_LE(test, moved, c->known * 3 / 2);
}

/* One of a hundred gets twice its weight. What moves is its second share and
 * no more besides than a removal moves.
 */
static void weight_change_moves_little(struct kunit *test)
{
	struct table *a = table_make(test, 16381, 100, HALF, 9);
	struct table *b = table_alloc(test, 16381, 100);
	u32 i, moved = 0, needless;

	memcpy(b->m, a->m, a->n * sizeof(*a->m));
	b->m[10].weight = 2;
	table_fill(b);
	table_count(test, b);
	for (i = 0; i < a->size; i++)
		moved += a->slots[i] != b->slots[i];
	needless = moved - (b->count[10] - a->count[10]);
	KUNIT_EXPECT_GT(test, b->count[10], a->count[10]);
	KUNIT_EXPECT_LE(test, needless, 16381 * 2 / 100);
}

static struct kunit_case maglev_cases[] = {
	KUNIT_CASE(size_list_is_prime),
	KUNIT_CASE(size_boundaries),
	KUNIT_CASE_PARAM(size_rule, size_gen_params),
	KUNIT_CASE_PARAM(share_follows_weight, share_gen_params),
	KUNIT_CASE(share_of_equals),
	KUNIT_CASE(share_of_weight_zero),
	KUNIT_CASE(share_of_nobody),
	KUNIT_CASE(share_of_same_keys),
	KUNIT_CASE(equals_paper),
	KUNIT_CASE(order_of_arrival_is_nothing),
	KUNIT_CASE(parts_are_the_whole),
	KUNIT_CASE(bits_change_nothing),
	KUNIT_CASE_PARAM(table_is_for_ever, known_gen_params),
	KUNIT_CASE_PARAM(removal_moves_little, move_gen_params),
	KUNIT_CASE(weight_change_moves_little),
	{}
};

static struct kunit_suite maglev_suite = {
	.name = "klb_maglev",
	.test_cases = maglev_cases,
};

kunit_test_suite(maglev_suite);

MODULE_DESCRIPTION("KUnit tests of klb's Maglev tables");
MODULE_LICENSE("GPL");
