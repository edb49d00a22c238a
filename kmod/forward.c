// SPDX-License-Identifier: GPL-2.0
#include "forward.h"

#include <linux/etherdevice.h>
#include <linux/netfilter.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/neighbour.h>
#include <net/sch_generic.h>

#include "hook_tc.h"
#include "netns.h"
#include "parse.h"

DEFINE_PER_CPU(struct sk_buff *, klb_sending);

/* To a neighbour */

/* Whoever sends within sending, as tunnels do, restores the outer packet. */
static __always_inline int neigh_send(struct klb_route *rt,
				      struct sk_buff *skb)
{
	struct sk_buff *outer = __this_cpu_read(klb_sending);
	int ret;

	__this_cpu_write(klb_sending, skb);
	ret = neigh_output(rt->neigh, skb, rt->foreign_hop);
	__this_cpu_write(klb_sending, outer);
	return ret;
}

/* What a device's transmit function may expect of a forwarded packet. */
static __always_inline bool prepare(struct klb_route *rt, struct sk_buff *skb)
{
	if (unlikely(skb_headroom(skb) < rt->headroom) &&
	    pskb_expand_head(skb, HH_DATA_ALIGN(rt->headroom), 0, GFP_ATOMIC))
		return false;
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, rt->dst);
	skb->dev = rt->dev;
	return true;
}

static enum klb_reason send(struct klb_route *rt, struct sk_buff *skb)
{
	int ret;

	if (unlikely(!prepare(rt, skb))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return KLB_REASON_NO_MEMORY;
	}
	ret = neigh_send(rt, skb);
	return likely(!net_xmit_eval(ret)) ? KLB_REASON_FORWARDED :
					     KLB_REASON_SEND;
}

/* To the peer of a veth device */

static bool only_klb(const struct tcf_proto *tp)
{
	for (; tp; tp = rcu_dereference_bh(tp->next))
		if (tp->ops != &klb_tc_ops)
			return false;
	return true;
}

/* The way over the device would do nothing but change sides: no queue, no
 * filter but klb's own.
 */
static bool nothing_on_egress(struct net_device *dev)
{
	const struct netdev_queue *txq = netdev_get_tx_queue(dev, 0);
	struct tcf_proto *filters;

	if (rcu_dereference_bh(txq->qdisc)->enqueue)
		return false;
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return false;
#endif
	return klb_egress_filters(dev, &filters) && only_klb(filters);
}

struct net_device *klb_forward_peer(const struct klb_net *kn,
				    const struct klb_route *rt)
{
	const struct net_device_ops *ops = rt->dev->netdev_ops;
	struct net_device *peer;

	if (!ops->ndo_get_peer_dev || !READ_ONCE(kn->veth_peer) ||
	    !nothing_on_egress(rt->dev))
		return NULL;
	peer = ops->ndo_get_peer_dev(rt->dev);
	/* behind a bridge or the like it is the frame's address that counts */
	if (!peer || !(peer->flags & IFF_UP) || !(rt->dev->flags & IFF_UP) ||
	    rcu_access_pointer(peer->rx_handler))
		return NULL;
	return peer;
}

/* A frame that had no Ethernet header gets one, for those who look. */
static bool frame(struct sk_buff *skb, const struct net_device *from,
		  const struct net_device *to)
{
	struct ethhdr *eth;

	if (skb_mac_header_was_set(skb) &&
	    skb_mac_header_len(skb) == ETH_HLEN)
		return true;
	if (skb_cow_head(skb, ETH_HLEN))
		return false;
	eth = skb_push(skb, ETH_HLEN);
	ether_addr_copy(eth->h_dest, to->dev_addr);
	ether_addr_copy(eth->h_source, from->dev_addr);
	eth->h_proto = skb->protocol;
	skb_reset_mac_header(skb);
	__skb_pull(skb, ETH_HLEN);
	return true;
}

static void count_veth(struct net_device *peer, unsigned int len)
{
	if (peer->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS)
		dev_sw_netstats_rx_add(peer, len);
}

static enum klb_reason hand_over(struct klb_pkt *pkt, struct klb_route *rt,
				 struct net_device *peer)
{
	struct sk_buff *skb = pkt->skb;

	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC) ||
		     !frame(skb, rt->dev, peer))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return KLB_REASON_NO_MEMORY;
	}
	skb_scrub_packet(skb, !net_eq(dev_net(rt->dev), dev_net(peer)));
	skb->dev = peer;
	count_veth(peer, skb->len + ETH_HLEN);
	if (likely(pkt->hook == KLB_HOOK_INGRESS)) {
		netif_receive_skb(skb);
	} else {
		/* a lock of the sending socket may be held */
		skb_orphan(skb);
		netif_rx(skb);
	}
	return KLB_REASON_VETH_PEER;
}

/* The packet becomes ours alone. */
static __always_inline bool take(struct klb_pkt *pkt)
{
	if (!KLB_EGRESS_COPIES || likely(pkt->hook != KLB_HOOK_EGRESS))
		return true;
	pkt->skb = skb_clone(pkt->skb, GFP_ATOMIC);
	return pkt->skb;
}

enum klb_reason klb_forward(const struct klb_net *kn, struct klb_pkt *pkt,
			    struct klb_route *rt)
{
	struct net_device *peer = klb_forward_peer(kn, rt);

	if (unlikely(!take(pkt)))
		return KLB_REASON_NO_MEMORY;
	if (peer)
		return hand_over(pkt, rt, peer);
	return send(rt, pkt->skb);
}

/* Size */

bool klb_forward_fits(const struct klb_pkt *pkt, const struct klb_route *rt)
{
	if (likely(pkt->len <= rt->mtu))
		return true;
	return skb_is_gso(pkt->skb) &&
	       skb_gso_validate_network_len(pkt->skb, rt->mtu);
}

/* Each fragment carries the route of the whole. */
static int send_fragment(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct sk_buff *outer = __this_cpu_read(klb_sending);
	struct rtable *rt = skb_rtable(skb);
	bool foreign = false;
	struct neighbour *n;
	int ret = -ENOMEM;

	skb->dev = rt->dst.dev;
	n = ip_neigh_for_gw(rt, skb, &foreign);
	if (IS_ERR(n) || skb_cow_head(skb, LL_RESERVED_SPACE(skb->dev))) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NEIGH_CREATEFAIL);
		return ret;
	}
	__this_cpu_write(klb_sending, skb);
	ret = neigh_output(n, skb, foreign);
	__this_cpu_write(klb_sending, outer);
	return ret;
}

static int fragment(struct klb_net *kn, struct sk_buff *skb)
{
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	return ip_do_fragment(kn->net, skb->sk, skb, send_fragment);
}

/* Segments first: a super-packet is no packet to be fragmented. */
static int fragment_gso(struct klb_net *kn, struct sk_buff *skb)
{
	struct sk_buff *segs, *next;
	int ret = 0;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, segs, next) {
		skb_mark_not_on_list(segs);
		ret |= fragment(kn, segs);
	}
	return ret;
}

enum klb_reason klb_forward_fragments(struct klb_net *kn, struct klb_pkt *pkt,
				      struct klb_route *rt)
{
	struct sk_buff *skb;
	int ret;

	if (!take(pkt))
		return KLB_REASON_NO_MEMORY;
	skb = pkt->skb;
	if (!prepare(rt, skb)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return KLB_REASON_NO_MEMORY;
	}
	ret = skb_is_gso(skb) ? fragment_gso(kn, skb) : fragment(kn, skb);
	return ret ? KLB_REASON_SEND : KLB_REASON_FRAGMENTED;
}
