/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_XLAT_H
#define KLB_XLAT_H

#include <linux/skbuff.h>

#include "conn.h"
#include "parse.h"
#include "xlat_head.h"

struct klb_net;

/* What a packet becomes in the other family. */
struct klb_xlat {
	struct klb_xlat_head head;	/* as read; ttl is not yet lowered. df: it
					 * must not be fragmented, nor may its
					 * segments
					 */
	u8 family;			/* AF_INET or AF_INET6: to be */
	u32 len;			/* bytes, from its network header on */
	u32 seg;			/* the same of the longest of its segments */
	u16 cut;			/* bytes by which segments get shorter */
};

/* Looks at a packet that has been parsed and checked. False: the other family
 * cannot express it.
 */
bool klb_xlat_look(const struct klb_pkt *pkt, u8 family, struct klb_xlat *x);
/* Whether it has to be segmented first: a super-packet of a kind that does not
 * stay one.
 */
bool klb_xlat_must_segment(const struct klb_pkt *pkt, const struct klb_xlat *x);
/* Whether it is within @mtu, each segment of it. Segments of TCP may get
 * shorter by what the longer header takes.
 */
bool klb_xlat_fits(const struct klb_pkt *pkt, struct klb_xlat *x, u32 mtu);
/* Makes it such a packet, with the addresses and ports of @to reversed, @from
 * being the side whose tuple it has. @room bytes are left for a link layer
 * header. False: no memory, and it is as before.
 */
bool klb_xlat(struct klb_net *kn, struct klb_pkt *pkt,
	      const struct klb_xlat *x, const struct klb_side *from,
	      const struct klb_side *to, u32 room, bool hop);

/* The same for an ICMP error, about a packet that goes the way of those of @to.
 * It is as long as it says. @l4: offset of the ICMP header, @inner: that of the
 * transport header in it. @mtu: of the way to whom it tells. 0; -EPROTO: there
 * is no such error there; -ENOMEM.
 */
int klb_xlat_icmp(struct sk_buff *skb, u32 l4, u32 inner,
		  const struct klb_side *from, const struct klb_side *to,
		  u32 mtu, u32 room, bool hop);

/* The first @old bytes become @new others of a header of @family, yet to be
 * written. What stands before the network header keeps its place there: whoever
 * gets the packet from tc after us expects it.
 */
void klb_xlat_change_head(struct sk_buff *skb, u32 old, u32 new, u8 family);
/* Room for that, and the packet's own copy of what is written. False: none. */
bool klb_xlat_make_room(struct sk_buff *skb, u32 old, u32 new, u32 room);

#endif
