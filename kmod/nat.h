/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NAT_H
#define KLB_NAT_H

#include <linux/types.h>

struct klb_pkt;
struct klb_side;

/* Gives the packet the addresses and ports of @to reversed, @from being the
 * side whose tuple it has, and takes one from its time to live if @hop.
 * Checksums follow. False: no memory to make it writable, it is as before.
 */
bool klb_nat(struct klb_pkt *pkt, const struct klb_side *from,
	     const struct klb_side *to, bool hop);

#endif
