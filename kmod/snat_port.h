/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SNAT_PORT_H
#define KLB_SNAT_PORT_H

#include <linux/types.h>

/* Ports from low to high in an order of its own: every port once. Pure. */
struct klb_port_walk {
	u32 low;	/* the first port */
	u32 n;		/* how many */
	u32 at;		/* offset of the next */
	u32 stride;
	u32 left;	/* ports not yet given */
};

void klb_port_walk_init(struct klb_port_walk *w, u16 low, u16 high, u32 seed);
/* The next port, 0 after the last. */
u16 klb_port_walk_next(struct klb_port_walk *w);

#endif
