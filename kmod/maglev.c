// SPDX-License-Identifier: GPL-2.0
#include "maglev.h"

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/string.h>

/* Just below the powers of two, so that slots fill whole pages. */
static const u32 klb_maglev_primes[] = {
	251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071, 262139,
	524287, 1048573, 2097143, 4194301, KLB_MAGLEV_SIZE_MAX,
};

/* Slots for each member if nobody says how many: with 100 the largest share
 * is at most 1 % above the smallest (section 3.4 of the paper).
 */
#define KLB_MAGLEV_SLOTS_PER_MEMBER	100

/* Steps of one klb_maglev_build_some(): a few milliseconds. */
#define KLB_MAGLEV_BUDGET		262144

/**
 * klb_maglev_size() - how many slots a table shall have
 * @members: 0..65535
 * @wanted: slots asked for, 0: enough for the number of members
 *
 * Return: a prime of a fixed list, at least @members and 251, at most
 * KLB_MAGLEV_SIZE_MAX; 0 if there are no members.
 */
u32 klb_maglev_size(u32 members, u32 wanted)
{
	u64 least = max(members, wanted);
	int i;

	if (!members)
		return 0;
	if (!wanted)
		least = (u64)members * KLB_MAGLEV_SLOTS_PER_MEMBER;
	for (i = 0; i < ARRAY_SIZE(klb_maglev_primes) - 1; i++)
		if (klb_maglev_primes[i] >= least)
			break;
	return klb_maglev_primes[i];
}

/* Spreads every bit of a key over all bits: the finaliser of MurmurHash3. */
static u64 klb_maglev_mix(u64 key)
{
	key = (key ^ key >> 33) * 0xff51afd7ed558ccdULL;
	key = (key ^ key >> 33) * 0xc4ceb9fe1a85ec53ULL;
	return key ^ key >> 33;
}

/* The order of the turns. In a round every member earns its weight and pays
 * the largest weight for a turn, so that with equal weights a round is one
 * turn for everybody, as in the paper. With very unequal ones it would be a
 * turn for hardly anybody; so rounds are taken 2^shift at a time, with shift
 * such that they hand out at least n / 4 turns: a whole table costs O(size)
 * whatever the weights. Towards the end, shift falls, lest a heavy member
 * takes in one go what others still have a right to.
 *
 * Of the sum of the weights, only shift depends, and that jumps only when the
 * mean weight passes the largest one divided by a power of two: a member that
 * comes, goes or changes leaves the order of the others alone.
 */
static bool klb_maglev_round_exceeds(const struct klb_maglev_build *b,
				     u32 turns)
{
	return b->total_weight << b->shift > (u64)turns * b->max_weight;
}

static void klb_maglev_next_round(struct klb_maglev_build *b)
{
	while (!klb_maglev_round_exceeds(b, b->n / 4))
		b->shift++;
	while (b->shift && klb_maglev_round_exceeds(b, b->left))
		b->shift--;
	b->turn = 0;
}

static void klb_maglev_earn(struct klb_maglev_build *b)
{
	struct klb_maglev_member *m = &b->m[b->turn];

	m->credit += (u64)m->weight << b->shift;
}

static void klb_maglev_next_turn(struct klb_maglev_build *b)
{
	if (++b->turn == b->n)
		klb_maglev_next_round(b);
	klb_maglev_earn(b);
}

static void klb_maglev_weigh(struct klb_maglev_build *b)
{
	u32 i;

	for (i = 0; i < b->n; i++) {
		b->total_weight += b->m[i].weight;
		b->max_weight = max(b->max_weight, b->m[i].weight);
	}
}

static void klb_maglev_init_member(const struct klb_maglev_build *b,
				   struct klb_maglev_member *m)
{
	u64 hash = klb_maglev_mix(m->key);

	m->next = (u32)hash % b->size;
	m->skip = (u32)(hash >> 32) % (b->size - 1) + 1;
	/* The first round, whose shift is 0, is one turn for everybody. */
	m->credit = m->weight ? b->max_weight - m->weight : 0;
}

/**
 * klb_maglev_build_start() - get ready to fill a table
 * @b: written
 * @slots: of @size, overwritten from here on
 * @size: from klb_maglev_size()
 * @m: sorted by the caller by what is the same on all nodes
 * @n: 0..65535
 */
void klb_maglev_build_start(struct klb_maglev_build *b, u16 *slots, u32 size,
			    struct klb_maglev_member *m, u32 n)
{
	u32 i;

	*b = (struct klb_maglev_build){
		.slots = slots,
		.size = size,
		.m = m,
		.n = n,
	};
	memset(slots, 0xff, size * sizeof(*slots));
	klb_maglev_weigh(b);
	for (i = 0; i < n; i++)
		klb_maglev_init_member(b, &m[i]);
	if (!b->max_weight)
		return;
	b->left = size;
	klb_maglev_earn(b);
}

/**
 * klb_maglev_build_with() - lend memory to a build
 * @b: just started
 * @taken: as many bits as there are slots, all zero; until the table is full
 *
 * Towards the end nearly every slot looked at is taken. Where that is told by
 * a bit, not by 16, all of a large table's fit into the cache.
 */
void klb_maglev_build_with(struct klb_maglev_build *b, unsigned long *taken)
{
	b->taken = taken;
}

static inline u32 klb_maglev_step(u32 slot, u32 skip, u32 size)
{
	slot += skip;
	return slot >= size ? slot - size : slot;
}

/* Walks @m's permutation to its first free slot, from where it stands. Gives
 * up after *@budget slots, to go on from there the next time.
 */
static u32 klb_maglev_probe(const struct klb_maglev_build *b,
			    const struct klb_maglev_member *m, u32 *budget)
{
	const u32 size = b->size, skip = m->skip;
	const unsigned long *const taken = b->taken;
	const u16 *const slots = b->slots;
	u32 slot = m->next, n = *budget;

	if (taken)
		while (test_bit(slot, taken) && --n)
			slot = klb_maglev_step(slot, skip, size);
	else
		while (slots[slot] != KLB_MAGLEV_EMPTY && --n)
			slot = klb_maglev_step(slot, skip, size);
	*budget = n;
	return slot;
}

/* Takes the next free slot for @m. Returns what is left of @budget; if that is
 * nothing it may not have got there yet.
 */
static u32 klb_maglev_take(struct klb_maglev_build *b,
			   struct klb_maglev_member *m, u32 budget)
{
	u32 slot = klb_maglev_probe(b, m, &budget);

	m->next = slot;
	if (!budget)
		return 0;
	b->slots[slot] = b->turn;
	if (b->taken)
		__set_bit(slot, b->taken);
	b->left--;
	m->credit -= b->max_weight;
	return budget - 1;
}

/**
 * klb_maglev_build_some() - fill a part of a table
 * @b: from klb_maglev_build_start()
 *
 * A table of millions of slots takes seconds. This does some milliseconds of
 * them, so that the caller can let others run in between.
 *
 * Return: whether there is more to do.
 */
bool klb_maglev_build_some(struct klb_maglev_build *b)
{
	u32 budget = KLB_MAGLEV_BUDGET;

	while (b->left && budget) {
		struct klb_maglev_member *m = &b->m[b->turn];

		if (m->credit >= b->max_weight) {
			budget = klb_maglev_take(b, m, budget);
		} else {
			klb_maglev_next_turn(b);
			budget--;
		}
	}
	return b->left;
}

/**
 * klb_maglev_fill() - fill a whole table
 * @slots: of @size; each gets the index of its member, or KLB_MAGLEV_EMPTY
 *	   if no member has a weight
 * @size: from klb_maglev_size()
 * @m: sorted by the caller by what is the same on all nodes
 * @n: 0..65535
 *
 * The same members in the same order give the same table everywhere. Each
 * share is what its weight asks for, rounded up: so every member with a weight
 * has a slot, and the heaviest ones lack together at most @n.
 */
void klb_maglev_fill(u16 *slots, u32 size, struct klb_maglev_member *m, u32 n)
{
	struct klb_maglev_build b;

	klb_maglev_build_start(&b, slots, size, m, n);
	while (klb_maglev_build_some(&b))
		;
}
