/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_FORWARD_H
#define KLB_FORWARD_H

#include <linux/percpu.h>
#include <linux/klb_reason.h>

struct klb_net;
struct klb_pkt;
struct klb_route;
struct net_device;
struct sk_buff;

/* The packet that klb is sending just now on this CPU; its egress filters
 * leave it alone.
 */
DECLARE_PER_CPU(struct sk_buff *, klb_sending);

/* The peer that packets for @rt are handed to, or NULL: they are sent. RCU
 * and BH held.
 */
struct net_device *klb_forward_peer(const struct klb_net *kn,
				    const struct klb_route *rt);

/* Whether the packet is within the MTU of @rt, each segment of it. */
bool klb_forward_fits(const struct klb_pkt *pkt, const struct klb_route *rt);

/* Sends a packet whose network header says where it goes, and that fits.
 * Consumes it. RCU and BH held. Returns the reason to count.
 */
enum klb_reason klb_forward(const struct klb_net *kn, struct klb_pkt *pkt,
			    struct klb_route *rt);

/* The same for an IPv4 packet that does not fit and may be fragmented. */
enum klb_reason klb_forward_fragments(struct klb_net *kn, struct klb_pkt *pkt,
				      struct klb_route *rt);

#endif
