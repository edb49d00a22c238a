/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ENCAP_H
#define KLB_ENCAP_H

#include <linux/klb_reason.h>
#include <linux/types.h>

#include "parse.h"

struct klb_endpoint;
struct klb_net;
struct klb_route;

/* Packets that an endpoint gets as the client sent them, because it has the
 * service's address itself and answers the client directly: in a frame of
 * their own (KLB_WAY_DSR), or within an IP header (KLB_WAY_IPIP), or within
 * UDP and GUE (KLB_WAY_GUE; draft-ietf-intarea-gue, variant 0, no options).
 */

/* How a packet gets through. */
enum klb_fit {
	KLB_FIT_WHOLE,
	KLB_FIT_FRAGMENTS,	/* in fragments, each in a header of its own */
	KLB_FIT_OUTER,		/* whole, and the outer packet in fragments */
	KLB_FIT_NOT,		/* the client has to send less at a time */
};

/* Bytes that a client's packet may have by the way of @rt. The dst is asked
 * each time: nobody tells when a path's MTU shrinks.
 */
u32 klb_encap_mtu(const struct klb_route *rt);
/* The same as a client of a family may be told. */
u32 klb_encap_mtu_told(const struct klb_route *rt, u8 family);
/* skb->data is at the network header. */
enum klb_fit klb_encap_fit(const struct sk_buff *skb,
			   const struct klb_route *rt);

/* The UDP port that the outer packets of a flow come from, see @flow below. */
__be16 klb_encap_port(u32 flow);

/* The address that they come from: one of the pool of @ep's service, or if it
 * has none of the outer family, that of @rt. RCU.
 */
void klb_encap_source(const struct klb_endpoint *ep,
		      const struct klb_route *rt, u32 flow,
		      union klb_addr *source);

/* Takes one from the packet's time to live, which is more than that. False:
 * no memory to make it writable.
 */
bool klb_encap_hop(struct klb_pkt *pkt);

/* Sends a client's packet to @ep, as KLB_FIT_NOT is not what @fit says.
 * Consumes it. @flow: equal for all packets of a flow, of which nothing is
 * given away. RCU and BH held. Returns the reason to count.
 */
enum klb_reason klb_encap_send(struct klb_net *kn, struct sk_buff *skb,
			       u8 hook, struct klb_route *rt,
			       const struct klb_endpoint *ep, u32 flow,
			       enum klb_fit fit);

#endif
