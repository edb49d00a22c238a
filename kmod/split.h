/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SPLIT_H
#define KLB_SPLIT_H

#include <linux/percpu.h>
#include <linux/skbuff.h>

/* The datagram that klb is working on just now on this CPU and that came in
 * fragments. Wherever it goes from here it goes in fragments again, that are no
 * larger: the links behind have been measured by those.
 */
struct klb_whole {
	struct sk_buff *skb;	/* NULL: none */
	u32 max;		/* length of the largest fragment */
	__be32 id;		/* as they had it; IPv4: in the first 16 bits */
	bool df;		/* do not make smaller ones */
};

DECLARE_PER_CPU(struct klb_whole, klb_whole);

/* Whether @skb is that datagram. BH off. */
static inline bool klb_is_whole(const struct sk_buff *skb)
{
	return __this_cpu_read(klb_whole.skb) == skb;
}

/* Whether that datagram must not be sent by a way of @mtu. */
bool klb_whole_too_big(u8 family, u32 mtu);

/* Fragments of a whole IP packet, IPv4 or IPv6, each of @max bytes at most,
 * linked by skb->next; the packet stays as it is. NULL: no memory, or @max has
 * no room for a header.
 */
struct sk_buff *klb_split(struct sk_buff *skb, u32 max, __be32 id, bool df);

/* An id for fragments of @skb that goes well with what else goes from its
 * source to its destination.
 */
__be32 klb_split_id(struct net *net, const struct sk_buff *skb);

#endif
