/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_FRAG_HEAD_H
#define KLB_FRAG_HEAD_H

#include <linux/types.h>

#include "tuple.h"

/* Bytes of a fragment that are looked at; longer header chains are no packet
 * for a service.
 */
#define KLB_FRAG_HEAD_MAX	256

/* What the network header of a fragment says. */
struct klb_frag_head {
	union klb_addr src, dst;	/* all of both is set */
	u32 id;
	u16 hlen;	/* bytes before the payload, fragment header included */
	u16 names;	/* IPv6: offset of the byte that announces it */
	u32 len;	/* of the packet */
	u32 from, to;	/* of the payload, in the datagram's */
	u8 family;
	u8 proto;	/* of the payload */
	u8 ecn;		/* the field, 0 to 3 */
	bool more;	/* it is not the last */
	bool df;
};

enum klb_frag_kind {
	KLB_FRAG_NONE,		/* no fragment, or its header is not there */
	KLB_FRAG_BAD,		/* of no datagram; src and dst are known */
	KLB_FRAG_GOOD,
};

/* @p has @linear bytes of a packet of @len. */
enum klb_frag_kind
klb_frag_head_read(struct klb_frag_head *h, u8 family, const u8 *p, u32 linear,
		   u32 len);

/* The transport header must not be cut: what every packet of @proto has. */
u32 klb_frag_least(u8 proto);

#endif
