/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ICMP_INNER_H
#define KLB_ICMP_INNER_H

#include <linux/types.h>

#include "tuple.h"

/* Bytes of an ICMP error's content that are looked at: more than the longest
 * header chain that a router would let through.
 */
#define KLB_INNER_MAX	256

/* The packet that an ICMP error is about. */
struct klb_inner {
	struct klb_tuple t;	/* as it stands there */
	u16 l4;			/* offset of its transport header */
	bool ports;		/* t has them, and 8 bytes of the transport
				 * header are there
				 */
	bool intact;		/* IPv4: the header's checksum is right */
};

/* Reads it from @len bytes at @p. False: not even its addresses and protocol
 * are there.
 */
bool klb_inner_parse(struct klb_inner *in, u8 family, const u8 *p,
		     unsigned int len);

#endif
