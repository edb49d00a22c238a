// SPDX-License-Identifier: GPL-2.0
#include "least.h"

#include <linux/kernel.h>

/* What a turn costs a weight of 1. */
#define STRIDE	0x1000000u

size_t klb_least_size(u32 n)
{
	return sizeof(struct klb_least) +
	       (size_t)n * (sizeof(struct klb_least_entry) + sizeof(u16));
}

void klb_least_init(struct klb_least *l, u32 n)
{
	l->n = n;
	l->now = 0;
	l->e = (void *)(l + 1);
	l->won = (void *)(l->e + n);
}

/* Entries stand behind the matches: place i + n is entry i, and those at 2 p
 * and 2 p + 1 meet in match p.
 */
static u32 at(const struct klb_least *l, u32 place)
{
	return place < l->n ? l->won[place] : place - l->n;
}

static bool before(const struct klb_least *l, u32 a, u32 b)
{
	const struct klb_least_entry *x = &l->e[a], *y = &l->e[b];
	u64 p = (u64)x->load * y->weight, q = (u64)y->load * x->weight;

	if (p != q)
		return p < q;
	if (x->turn != y->turn)
		return (s64)(x->turn - y->turn) < 0;
	return a < b;
}

static void play(struct klb_least *l, u32 match)
{
	u32 a = at(l, 2 * match), b = at(l, 2 * match + 1);

	l->won[match] = before(l, a, b) ? a : b;
}

static void play_up(struct klb_least *l, u32 i)
{
	u32 match;

	for (match = (i + l->n) / 2; match; match /= 2)
		play(l, match);
}

void klb_least_start(struct klb_least *l)
{
	u32 match;

	for (match = l->n; match-- > 1;)
		play(l, match);
}

u32 klb_least_next(const struct klb_least *l)
{
	return at(l, 1);
}

/* Who had none for long does not get all that it missed. */
void klb_least_take(struct klb_least *l, u32 i)
{
	struct klb_least_entry *e = &l->e[i];

	if ((s64)(e->turn - l->now) > 0)
		l->now = e->turn;
	else
		e->turn = l->now;
	e->turn += STRIDE / e->weight;
	play_up(l, i);
}

void klb_least_set(struct klb_least *l, u32 i, u32 load)
{
	l->e[i].load = load;
	play_up(l, i);
}
