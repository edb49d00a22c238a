/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SNAT_PORT_H
#define KLB_SNAT_PORT_H

#include <linux/types.h>

/* From low to high, but for those from omit_low to omit_high; 0 and 0: all. */
struct klb_port_set {
	u16 low, high;
	u16 omit_low, omit_high;
};

/* Ports of a set in an order of its own: every port once. Pure. */
struct klb_port_walk {
	u32 low;	/* the first port */
	u32 gap_at;	/* offset of those that are left out */
	u32 gap;	/* how many they are */
	u32 n;		/* how many are left in */
	u32 at;		/* offset of the next, without the gap */
	u32 stride;
	u32 left;	/* ports not yet given */
};

void klb_port_walk_init(struct klb_port_walk *w, const struct klb_port_set *set,
			u32 seed);
/* Leaves out what the next @n calls of klb_port_walk_next() would give. */
void klb_port_walk_skip(struct klb_port_walk *w, u32 n);
/* The next port, 0 after the last. */
u16 klb_port_walk_next(struct klb_port_walk *w);

#endif
