/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_FORWARD_H
#define KLB_FORWARD_H

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <net/gso.h>
#include <net/neighbour.h>
#include <linux/klb_reason.h>

#include "netns.h"
#include "parse.h"
#include "route.h"

/* The packet that klb is sending just now on this CPU; its egress filters
 * leave it alone.
 */
DECLARE_PER_CPU(struct sk_buff *, klb_sending);

/* The peer that packets for @rt are handed to, or NULL: they are sent. RCU
 * and BH held.
 */
struct net_device *klb_forward_peer(const struct klb_net *kn,
				    const struct klb_route *rt);

/* Gives a packet to the peer of @rt's device, as klb_forward() does. */
enum klb_reason klb_forward_hand_over(struct sk_buff *skb, u8 hook,
				      struct klb_route *rt,
				      struct net_device *peer);
enum klb_reason klb_forward_no_memory(struct sk_buff *skb);

/* klb_forward_fits() for a packet that is larger than the MTU of @rt. */
bool klb_forward_fits_large(const struct sk_buff *skb, u32 len,
			    struct klb_route *rt);

/* Whether the packet is within the MTU of @rt, each segment of it. */
static __always_inline bool klb_forward_fits(const struct klb_pkt *pkt,
					     struct klb_route *rt)
{
	/* either value will do while it changes */
	if (likely(pkt->len <= data_race(rt->mtu)))
		return true;
	return klb_forward_fits_large(pkt->skb, pkt->len, rt);
}

/* What a device's transmit function may expect of a forwarded packet. Few
 * look at its route: those that do have said so.
 */
static __always_inline bool klb_forward_prepare(const struct klb_route *rt,
						struct sk_buff *skb)
{
	struct net_device *dev = rt->dev;

	if (unlikely(skb_headroom(skb) < rt->headroom) &&
	    pskb_expand_head(skb, HH_DATA_ALIGN(rt->headroom), 0, GFP_ATOMIC))
		return false;
	if (unlikely(skb->ip_summed & CHECKSUM_COMPLETE))
		skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb_dst_drop(skb);
	if (unlikely(!(dev->priv_flags & IFF_XMIT_DST_RELEASE)))
		skb_dst_set_noref(skb, rt->dst);
	skb->dev = dev;
	return true;
}

/* neigh_output() for the most common of link layers, of which less has to be
 * asked: a header of 14 bytes, and klb_forward_prepare() has seen to the room.
 */
static __always_inline int klb_forward_neigh(const struct klb_route *rt,
					     struct sk_buff *skb)
{
	struct neighbour *n = rt->neigh;
	const struct hh_cache *hh = &n->hh;
	unsigned int seq;

	if (unlikely(rt->foreign_hop || !(READ_ONCE(n->nud_state) &
					  NUD_CONNECTED) ||
		     READ_ONCE(hh->hh_len) != ETH_HLEN))
		return neigh_output(n, skb, rt->foreign_hop);
	do {
		seq = read_seqbegin(&hh->hh_lock);
		memcpy(skb->data - HH_DATA_MOD, hh->hh_data, HH_DATA_MOD);
	} while (read_seqretry(&hh->hh_lock, seq));
	__skb_push(skb, ETH_HLEN);
	return dev_queue_xmit(skb);
}

/* Whoever sends within sending, as tunnels do, restores the outer packet. */
static __always_inline int klb_forward_send(const struct klb_route *rt,
					    struct sk_buff *skb)
{
	struct sk_buff *outer = __this_cpu_read(klb_sending);
	int ret;

	__this_cpu_write(klb_sending, skb);
	ret = klb_forward_neigh(rt, skb);
	__this_cpu_write(klb_sending, outer);
	return ret;
}

/* The packet becomes ours alone. NULL: no memory, and it is still tc's. */
static __always_inline struct sk_buff *klb_forward_take(struct sk_buff *skb,
							u8 hook)
{
	if (!KLB_EGRESS_COPIES || likely(hook != KLB_HOOK_EGRESS))
		return skb;
	return skb_clone(skb, GFP_ATOMIC);
}

/* klb_forward() for a packet that klb_forward_take() has given. */
static __always_inline enum klb_reason
klb_forward_taken(const struct klb_net *kn, struct sk_buff *skb, u8 hook,
		  struct klb_route *rt)
{
	int ret;

	/* racy, as any setting */
	if (rt->veth && data_race(kn->veth_peer)) {
		struct net_device *peer = klb_forward_peer(kn, rt);

		if (peer)
			return klb_forward_hand_over(skb, hook, rt, peer);
	}
	if (unlikely(!klb_forward_prepare(rt, skb)))
		return klb_forward_no_memory(skb);
	ret = klb_forward_send(rt, skb);
	if (unlikely(ret && ret != NET_XMIT_CN))
		return KLB_REASON_SEND;
	return KLB_REASON_FORWARDED;
}

/* Sends a packet whose network header says where it goes, and that fits.
 * Consumes it. RCU and BH held. Returns the reason to count, in most cases one
 * that the compiler knows.
 */
static __always_inline enum klb_reason
klb_forward(const struct klb_net *kn, struct sk_buff *skb, u8 hook,
	    struct klb_route *rt)
{
	skb = klb_forward_take(skb, hook);
	if (unlikely(!skb))
		return KLB_REASON_NO_MEMORY;
	return klb_forward_taken(kn, skb, hook, rt);
}

/* Whether a packet is under way that this is the reason of. */
static inline bool klb_was_sent(enum klb_reason reason)
{
	switch (reason) {
	case KLB_REASON_FORWARDED:
	case KLB_REASON_VETH_PEER:
	case KLB_REASON_FRAGMENTED:
	case KLB_REASON_DSR:
	case KLB_REASON_ENCAPSULATED:
		return true;
	default:
		return false;
	}
}

/* How each fragment of a packet is sent. */
struct klb_sender {
	enum klb_reason (*send)(const struct klb_sender *s,
				struct sk_buff *skb, u8 hook);
	struct klb_net *kn;
	struct klb_route *rt;
};

/* Sends a packet in fragments of @max bytes at most; klb_whole in none larger
 * than those that came, and it is none any more. Consumes it.
 */
enum klb_reason klb_forward_split(const struct klb_sender *s,
				  struct sk_buff *skb, u8 hook, u32 max);

/* klb_forward() in fragments that fit: for klb_whole, and for IPv6 that was a
 * client's IPv4.
 */
enum klb_reason klb_forward_whole(struct klb_net *kn, struct sk_buff *skb,
				  u8 hook, struct klb_route *rt);

/* klb_forward() for an IPv4 packet that does not fit and may be fragmented. */
enum klb_reason klb_forward_fragments(struct klb_net *kn, struct sk_buff *skb,
				      u8 hook, struct klb_route *rt);

#endif
