/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TURNS_H
#define KLB_TURNS_H

#include <linux/types.h>

/* The order in which members take their turns, written down for a whole cycle:
 * who is next is then a matter of counting, whatever their number, without a
 * lock. Equal weights give 0, 1, 2 ...; others the order of nginx's smooth
 * weighted round robin, where the turns of each are spread over the cycle.
 * Pure arithmetic.
 */

/* Turns in a cycle at most, but for those that members are entitled to in any
 * case, one each. Weights with a greater sum, after what they have in common
 * was taken out, are brought down to it; and to an eighth of it at worst, if
 * there are so many different ones that KLB_TURNS_LOOKS would not do.
 */
#define KLB_TURNS_MAX	0x100000u

/* Looks at a member in all, which take a few tenths of a second. Enough for the
 * most different shares that an eighth of the turns leaves room for: 626, of
 * 65,535 members, in 196,606 turns.
 */
#define KLB_TURNS_LOOKS	0x8000000u

/* One of those who take turns, while the order is made. The first of those
 * with equal shares speaks for them all: among themselves, they are served one
 * after the other.
 */
struct klb_turns_member {
	u32 share;	/* turns in a cycle */
	u32 index;
	u32 alike;	/* so many with this share, here and behind */
	u32 served;	/* of them, in their present round */
	s64 credit;	/* of the one of them that is next */
};

struct klb_turns {
	u16 *slots;
	struct klb_turns_member *m;
	u32 n;		/* members */
	u32 size;	/* turns in a cycle */
	u32 done;	/* of them */
};

/* Turns in a cycle of @n members, 1..65535, with these weights, none 0; NULL:
 * all equal. @m, [n], is overwritten.
 */
u32 klb_turns_plan(struct klb_turns_member *m, const u16 *weights, u32 n);
/* Fills slots, [size], with members by what was planned: some at a time, a few
 * milliseconds. Returns whether there is more to do.
 */
void klb_turns_start(struct klb_turns *t, u16 *slots, u32 size,
		     struct klb_turns_member *m, u32 n);
bool klb_turns_some(struct klb_turns *t);

#endif
