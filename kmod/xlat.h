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
	struct klb_xlat_head head;	/* as read; ttl is not yet lowered */
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
/* Whether it may be fragmented, by the rules of the family it comes from. */
bool klb_xlat_may_fragment(const struct klb_pkt *pkt, const struct klb_xlat *x);

/* Makes it such a packet, with the addresses and ports of @to reversed, @from
 * being the side whose tuple it has. @room bytes are left for a link layer
 * header. False: no memory, and it is as before.
 */
bool klb_xlat(struct klb_net *kn, struct klb_pkt *pkt,
	      const struct klb_xlat *x, const struct klb_side *from,
	      const struct klb_side *to, u32 room, bool hop);

#endif
