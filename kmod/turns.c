// SPDX-License-Identifier: GPL-2.0
#include "turns.h"

#include <linux/gcd.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sort.h>

/* Looks at a member of one klb_turns_some(). */
#define BUDGET	1000000

static u32 common_divisor(const u16 *weights, u32 n)
{
	u32 i, common = weights[0];

	for (i = 1; i < n && common > 1; i++)
		common = gcd(common, weights[i]);
	return common;
}

/* Rounded, and nobody comes away empty. */
static u32 share_of(u32 weight, u64 total, u32 max)
{
	if (total <= max)
		return weight;
	return max_t(u32, 1, div64_u64((u64)weight * max + total / 2, total));
}

static int cmp(const void *a, const void *b)
{
	const struct klb_turns_member *x = a, *y = b;

	if (x->share != y->share)
		return x->share < y->share ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

/* Who is alike, in order. Returns how many are not. */
static u32 group(struct klb_turns_member *m, u32 n)
{
	u32 i = n, groups = 0;

	sort(m, n, sizeof(*m), cmp, NULL);
	while (i--) {
		bool more = i + 1 < n && m[i + 1].share == m[i].share;

		m[i].alike = more ? m[i + 1].alike + 1 : 1;
		m[i].served = 0;
		m[i].credit = m[i].share;
		groups += !more;
	}
	return groups;
}

u32 klb_turns_plan(struct klb_turns_member *m, const u16 *weights, u32 n)
{
	u32 common = weights ? common_divisor(weights, n) : 1, i, size;
	u32 max = KLB_TURNS_MAX;
	u64 total = 0, looks;

	for (i = 0; i < n; i++)
		total += weights ? weights[i] / common : 1;
	do {
		size = 0;
		for (i = 0; i < n; i++) {
			m[i].index = i;
			m[i].share = !weights ? 1 :
				     share_of(weights[i] / common, total, max);
			size += m[i].share;
		}
		looks = (u64)group(m, n) * size;
		max /= 2;
	} while (looks > KLB_TURNS_LOOKS);
	return size;
}

void klb_turns_start(struct klb_turns *t, u16 *slots, u32 size,
		     struct klb_turns_member *m, u32 n)
{
	*t = (struct klb_turns){
		.slots = slots,
		.m = m,
		.n = n,
		.size = size,
	};
}

static u32 next_of(const struct klb_turns_member *first)
{
	return first[first->served].index;
}

/* At each turn everybody earns its share and the one with the most pays for
 * the turn what all have earned. Of equals the first one.
 */
static struct klb_turns_member *richest(const struct klb_turns *t, u32 *looks)
{
	struct klb_turns_member *m = t->m, *best = m;

	for (; m < t->m + t->n; m += m->alike) {
		if (m->credit > best->credit || (m->credit == best->credit &&
						 next_of(m) < next_of(best)))
			best = m;
		(*looks)++;
	}
	return best;
}

static void earn(struct klb_turns *t)
{
	struct klb_turns_member *m = t->m;

	for (; m < t->m + t->n; m += m->alike)
		m->credit += m->share;
}

/* When all that are alike have had a turn, all have paid. */
static void serve(struct klb_turns *t, struct klb_turns_member *m)
{
	t->slots[t->done++] = next_of(m);
	if (++m->served < m->alike)
		return;
	m->served = 0;
	m->credit -= t->size;
}

bool klb_turns_some(struct klb_turns *t)
{
	u32 looks = 0;

	while (t->done < t->size && looks < BUDGET) {
		serve(t, richest(t, &looks));
		earn(t);
	}
	return t->done < t->size;
}
