/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_XLAT_HEAD_H
#define KLB_XLAT_HEAD_H

#include <linux/in6.h>
#include <linux/types.h>

#include "tuple.h"

/* Headers of one address family made from those of the other, RFC 7915. Pure. */

/* Every link that has IPv6 takes packets of that size. */
#define KLB_XLAT_MIN6	1280
/* An IPv6 header is so much longer than one of IPv4 without options. */
#define KLB_XLAT_GROWTH	20

/* What the headers of both families can say. */
struct klb_xlat_head {
	u32 len;	/* bytes behind all headers */
	u32 id;		/* of the datagram; 0 where none was told */
	u16 offset;	/* of a fragment, bytes; the last bit says "more" */
	u8 tos;		/* type of service, traffic class */
	u8 ttl;		/* time to live, hop limit */
	u8 proto;	/* what follows */
	bool df;	/* IPv4 only: not to be fragmented on the way */
	bool frag;	/* IPv6: there is a fragment header; IPv4: there has
			 * to be one
			 */
};

/* Reads the headers of a packet. @data has them all, up to @l4, where the
 * transport header begins; @len bytes are claimed from there on. False: there
 * is a source route that has not been gone to its end, which the other family
 * cannot express.
 */
bool klb_xlat_read4(const void *data, u32 l4, u32 len, struct klb_xlat_head *h);
bool klb_xlat_read6(const void *data, u32 l4, u32 len, struct klb_xlat_head *h);

/* Bytes that the header takes in a packet of @family. */
static inline u32 klb_xlat_head_len(u8 family, const struct klb_xlat_head *h)
{
	return family == AF_INET ? 20 : h->frag ? 48 : 40;
}

/* Writes klb_xlat_head_len() bytes. A packet that is longer than 64 KiB says
 * that its length is 0.
 */
void klb_xlat_write4(void *data, const struct klb_xlat_head *h, __be32 src,
		     __be32 dst);
void klb_xlat_write6(void *data, const struct klb_xlat_head *h,
		     const union klb_addr *src, const union klb_addr *dst);

/* The size that a sender of packets of @family has to keep so that they fit
 * @mtu in the other family. IPv6 hosts do not go below 1280: what is less is
 * fragmented as IPv4.
 */
static inline u32 klb_xlat_mtu(u8 family, u32 mtu)
{
	if (family == AF_INET)
		return mtu > KLB_XLAT_GROWTH ? mtu - KLB_XLAT_GROWTH : 0;
	return mtu + KLB_XLAT_GROWTH > KLB_XLAT_MIN6 ? mtu + KLB_XLAT_GROWTH :
						       KLB_XLAT_MIN6;
}

/* Whether a packet of @len bytes that was IPv6 and is IPv4 may be fragmented
 * on the way: RFC 7915, section 5.1.
 */
static inline bool klb_xlat_may_fragment4(u32 len)
{
	return len <= KLB_XLAT_MIN6 - KLB_XLAT_GROWTH;
}

/* An error message. */
struct klb_xlat_error {
	u8 type, code;
	u32 info;	/* MTU of "too big", pointer of "parameter problem" */
};

/* Turns an ICMP error into one of ICMPv6 and the other way round: RFC 7915,
 * sections 4.2 and 5.2. @len: bytes that the packet in question says to have,
 * for routers that tell no MTU. False: there is no such error there.
 */
bool klb_xlat_error6(struct klb_xlat_error *e, u32 len);
bool klb_xlat_error4(struct klb_xlat_error *e);

#endif
