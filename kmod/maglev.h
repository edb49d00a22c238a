/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_MAGLEV_H
#define KLB_MAGLEV_H

#include <linux/types.h>

/* Maglev hashing with weights: Eisenbud et al., "Maglev: A Fast and Reliable
 * Software Network Load Balancer", NSDI 2016, section 3.4. Pure arithmetic:
 * nothing here sleeps, locks or allocates.
 */

#define KLB_MAGLEV_EMPTY	0xffff	/* a slot that nobody owns */
#define KLB_MAGLEV_SIZE_MAX	8388593	/* the largest prime of the list */

/* One endpoint while a table is built. The caller fills key and weight. */
struct klb_maglev_member {
	u64 key;	/* hash of address, port and protocol with the seed */
	u32 weight;	/* 1..65535, share of the slots */
	u32 next;	/* scratch: next slot of its permutation */
	u32 skip;	/* scratch: stride of its permutation */
	u64 credit;	/* scratch: what it has to pay turns with */
};

/* A table that is being filled. */
struct klb_maglev_build {
	u16 *slots;
	unsigned long *taken;	/* bitmap of slots; may be NULL */
	struct klb_maglev_member *m;
	u32 size;	/* slots */
	u32 n;		/* members */
	u32 left;	/* free slots */
	u32 turn;	/* member that is next */
	u32 max_weight;
	u32 shift;	/* rounds are taken 2^shift at a time */
	u64 total_weight;
};

u32 klb_maglev_size(u32 members, u32 wanted);
void klb_maglev_fill(u16 *slots, u32 size, struct klb_maglev_member *m, u32 n);

/* The same in parts of a few milliseconds, for large tables. */
void klb_maglev_build_start(struct klb_maglev_build *b, u16 *slots, u32 size,
			    struct klb_maglev_member *m, u32 n);
/* After the start: the same table in less time, by means of @size zero bits. */
void klb_maglev_build_with(struct klb_maglev_build *b, unsigned long *taken);
bool klb_maglev_build_some(struct klb_maglev_build *b);

#endif
