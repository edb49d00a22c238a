/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_LEAST_H
#define KLB_LEAST_H

#include <linux/types.h>

/* Which of many has the least load for its weight: a knockout tournament, of
 * which only the matches of one whose load has changed are played again, as
 * many as the logarithm of their number. Pure arithmetic; the caller has a lock.
 *
 * Among equally loaded ones turns are taken by weight (stride scheduling), so
 * that short connections, which leave nobody with a load, are spread too.
 */
struct klb_least_entry {
	u32 load;
	u32 weight;	/* 1..65535 */
	u64 turn;	/* goes before those with a later one; it wraps */
};

struct klb_least {
	u32 n;
	u64 now;	/* turn of the last that was chosen */
	u16 *won;	/* [n], of the matches from 1 on: the winner */
	struct klb_least_entry *e;	/* [n] */
};

/* Bytes for @n entries, with room for both arrays. */
size_t klb_least_size(u32 n);
/* Of as many bytes; the caller sets the entries and then starts. */
void klb_least_init(struct klb_least *l, u32 n);
void klb_least_start(struct klb_least *l);
/* The one that is to be chosen next. */
u32 klb_least_next(const struct klb_least *l);
/* Entry @i was chosen: its turn is over. */
void klb_least_take(struct klb_least *l, u32 i);
/* Entry @i has another load. */
void klb_least_set(struct klb_least *l, u32 i, u32 load);

#endif
