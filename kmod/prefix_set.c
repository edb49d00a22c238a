// SPDX-License-Identifier: GPL-2.0
#include "prefix_set.h"

#include <linux/kernel.h>
#include <linux/limits.h>

static int cmp128(struct klb_prefix_u128 a, struct klb_prefix_u128 b)
{
	if (a.hi != b.hi)
		return a.hi < b.hi ? -1 : 1;
	return a.lo < b.lo ? -1 : a.lo > b.lo;
}

static struct klb_prefix_u128 number6(const union klb_addr *addr)
{
	const __be64 *words = (const __be64 *)addr;

	return (struct klb_prefix_u128){ be64_to_cpu(words[0]),
					 be64_to_cpu(words[1]) };
}

/* Bits of a word of 64 that stand behind the first @len of it. */
static u64 behind(unsigned int len)
{
	return len >= 64 ? 0 : U64_MAX >> len;
}

static struct klb_range4 range4(const struct klb_prefix *p)
{
	u32 first = ntohl(p->addr.ip);

	return (struct klb_range4){ first, first | (u32)behind(32 + p->len) };
}

static struct klb_range6 range6(const struct klb_prefix *p)
{
	struct klb_prefix_u128 first = number6(&p->addr), last = first;

	last.hi |= behind(p->len);
	last.lo |= behind(p->len > 64 ? p->len - 64 : 0);
	return (struct klb_range6){ first, last };
}

/* They come in order of their first address: one that begins in the range
 * before it, or right behind, makes that longer.
 */
static void add4(struct klb_prefix_set *set, struct klb_range4 r)
{
	struct klb_range4 *before = &set->v4[set->n4] - 1;

	if (set->n4 && (before->last == U32_MAX || r.first <= before->last + 1))
		before->last = max(before->last, r.last);
	else
		set->v4[set->n4++] = r;
}

/* Ranges that merely touch are left alone: a carry is not worth it. */
static void add6(struct klb_prefix_set *set, struct klb_range6 r)
{
	struct klb_range6 *before = &set->v6[set->n6] - 1;

	if (!set->n6 || cmp128(r.first, before->last) > 0)
		set->v6[set->n6++] = r;
	else if (cmp128(r.last, before->last) > 0)
		before->last = r.last;
}

static u32 count6(const struct klb_prefixes *list)
{
	u32 i, n = 0;

	for (i = 0; i < list->n; i++)
		n += list->v[i].family == AF_INET6;
	return n;
}

size_t klb_prefix_set_size(const struct klb_prefixes *list)
{
	u32 n6 = count6(list);

	return sizeof(struct klb_prefix_set) +
	       n6 * sizeof(struct klb_range6) +
	       (size_t)(list->n - n6) * sizeof(struct klb_range4);
}

void klb_prefix_set_fill(struct klb_prefix_set *set,
			 const struct klb_prefixes *list)
{
	u32 i;

	set->n4 = 0;
	set->n6 = 0;
	set->v6 = set->room;
	set->v4 = (void *)(set->room + count6(list));
	for (i = 0; i < list->n; i++) {
		if (list->v[i].family == AF_INET)
			add4(set, range4(&list->v[i]));
		else
			add6(set, range6(&list->v[i]));
	}
}

/* Both look for the last range that begins at or before the address. */

static bool has4(const struct klb_prefix_set *set, u32 addr)
{
	const struct klb_range4 *v = set->v4;
	u32 n = set->n4;

	while (n > 1) {
		if (v[n / 2].first <= addr) {
			v += n / 2;
			n -= n / 2;
		} else {
			n /= 2;
		}
	}
	return n && v->first <= addr && addr <= v->last;
}

static bool has6(const struct klb_prefix_set *set, struct klb_prefix_u128 addr)
{
	const struct klb_range6 *v = set->v6;
	u32 n = set->n6;

	while (n > 1) {
		if (cmp128(v[n / 2].first, addr) <= 0) {
			v += n / 2;
			n -= n / 2;
		} else {
			n /= 2;
		}
	}
	return n && cmp128(v->first, addr) <= 0 && cmp128(addr, v->last) <= 0;
}

bool klb_prefix_set_has(const struct klb_prefix_set *set, u8 family,
			const union klb_addr *addr)
{
	return family == AF_INET ? has4(set, ntohl(addr->ip)) :
				   has6(set, number6(addr));
}

static bool prefix_has(const struct klb_prefix *p, const union klb_addr *addr)
{
	struct klb_range4 r4;
	struct klb_range6 r6;

	if (p->family == AF_INET) {
		r4 = range4(p);
		return r4.first <= ntohl(addr->ip) && ntohl(addr->ip) <= r4.last;
	}
	r6 = range6(p);
	return cmp128(r6.first, number6(addr)) <= 0 &&
	       cmp128(number6(addr), r6.last) <= 0;
}

const struct klb_prefix *klb_prefixes_find(const struct klb_prefixes *list,
					   u8 family,
					   const union klb_addr *addr)
{
	const struct klb_prefix *p, *best = NULL;

	for (p = list->v; p < list->v + list->n; p++)
		if (p->family == family && prefix_has(p, addr) &&
		    (!best || p->len > best->len))
			best = p;
	return best;
}
