// SPDX-License-Identifier: GPL-2.0
#include "forward.h"

#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/netfilter.h>
#include <net/gso.h>
#include <net/ip.h>
#include <net/neighbour.h>
#include <net/sch_generic.h>

#include "netns.h"
#include "parse.h"
#include "split.h"

DEFINE_PER_CPU(struct sk_buff *, klb_sending);

enum klb_reason klb_forward_no_memory(struct sk_buff *skb)
{
	kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
	return KLB_REASON_NO_MEMORY;
}

/* To the peer of a veth device */

static bool only_klb(const struct tcf_proto *tp)
{
	for (; tp; tp = rcu_dereference_bh(tp->next))
		if (tp->ops->owner != THIS_MODULE)
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

/* A program of the driver would run in veth's receive function, which the
 * packet does not see; a generic one runs later.
 */
static bool has_xdp(const struct net_device *dev)
{
	const struct bpf_xdp_entity *xdp = &dev->xdp_state[XDP_MODE_DRV];

	return READ_ONCE(xdp->prog) || READ_ONCE(xdp->link);
}

struct net_device *klb_forward_peer(const struct klb_net *kn,
				    const struct klb_route *rt)
{
	struct net_device *peer;

	if (!rt->veth || !READ_ONCE(kn->veth_peer) ||
	    !nothing_on_egress(rt->dev))
		return NULL;
	peer = rt->dev->netdev_ops->ndo_get_peer_dev(rt->dev);
	/* behind a bridge or the like it is the frame's address that counts */
	if (!peer || !(peer->flags & IFF_UP) || !(rt->dev->flags & IFF_UP) ||
	    rcu_access_pointer(peer->rx_handler) || has_xdp(peer))
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

/* Hand-overs that are under way within each other: two namespaces whose
 * services point at each other would go on until the stack ends. Beyond some
 * it is a softirq of its own that goes on.
 */
#define DEPTH_MAX	3
static DEFINE_PER_CPU(int, depth);

static void receive(struct sk_buff *skb, u8 hook)
{
	if (likely(hook == KLB_HOOK_INGRESS &&
		   __this_cpu_inc_return(depth) <= DEPTH_MAX)) {
		netif_receive_skb(skb);
		__this_cpu_dec(depth);
		return;
	}
	if (hook == KLB_HOOK_INGRESS)
		__this_cpu_dec(depth);
	else
		skb_orphan(skb); /* a lock of the sending socket may be held */
	netif_rx(skb);
}

static void count_veth(struct net_device *peer, unsigned int len)
{
	if (peer->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS)
		dev_sw_netstats_rx_add(peer, len);
}

enum klb_reason klb_forward_hand_over(struct sk_buff *skb, u8 hook,
				      struct klb_route *rt,
				      struct net_device *peer)
{
	if (unlikely(skb_orphan_frags_rx(skb, GFP_ATOMIC) ||
		     !frame(skb, rt->dev, peer)))
		return klb_forward_no_memory(skb);
	skb_scrub_packet(skb, !net_eq(dev_net(rt->dev), dev_net(peer)));
	skb->dev = peer;
	count_veth(peer, skb->len + ETH_HLEN);
	receive(skb, hook);
	return KLB_REASON_VETH_PEER;
}

/* Size */

static bool fits(const struct sk_buff *skb, u32 len, u32 mtu)
{
	return len <= mtu ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/* The MTU of a path was learned for some minutes, after which the dst has a
 * larger one without becoming another: before a packet is refused it is asked.
 */
bool klb_forward_fits_large(const struct sk_buff *skb, u32 len,
			    struct klb_route *rt)
{
	u32 mtu;

	if (fits(skb, len, READ_ONCE(rt->mtu)))
		return true;
	mtu = dst_mtu(rt->dst);
	WRITE_ONCE(rt->mtu, mtu);
	return fits(skb, len, mtu);
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

/* A CRC32c that is left to the device: ip_do_fragment() would put a sum of IP in
 * its place.
 */
static bool settle_crc(struct sk_buff *skb)
{
	return skb->ip_summed != CHECKSUM_PARTIAL || !skb_csum_is_sctp(skb) ||
	       !skb_csum_hwoffload_help(skb, 0);
}

static int fragment(struct klb_net *kn, struct sk_buff *skb)
{
	if (!settle_crc(skb)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return -ENOMEM;
	}
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

enum klb_reason klb_forward_fragments(struct klb_net *kn, struct sk_buff *skb,
				      u8 hook, struct klb_route *rt)
{
	int ret;

	skb = klb_forward_take(skb, hook);
	if (!skb)
		return KLB_REASON_NO_MEMORY;
	if (!klb_forward_prepare(rt, skb))
		return klb_forward_no_memory(skb);
	if (!skb_dst(skb))
		skb_dst_set_noref(skb, rt->dst);
	ret = skb_is_gso(skb) ? fragment_gso(kn, skb) : fragment(kn, skb);
	return ret ? KLB_REASON_SEND : KLB_REASON_FRAGMENTED;
}

/* What it is split into is ours alone, and the packet is freed unless tc does
 * that. NULL: no memory.
 */
static struct sk_buff *split(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			     u32 max)
{
	struct sk_buff *list = NULL;
	bool df = false;

	if (klb_is_whole(skb)) {
		max = min(max, __this_cpu_read(klb_whole.max));
		df = __this_cpu_read(klb_whole.df);
		__this_cpu_write(klb_whole.skb, NULL);
	}
	if (skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb))
		list = klb_split(skb, max, klb_split_id(kn->net, skb), df);
	if (!KLB_EGRESS_COPIES || hook != KLB_HOOK_EGRESS)
		consume_skb(skb);
	return list;
}

enum klb_reason klb_forward_split(const struct klb_sender *s,
				  struct sk_buff *skb, u8 hook, u32 max)
{
	struct sk_buff *frag = split(s->kn, skb, hook, max), *next;
	enum klb_reason reason, how;

	reason = frag ? KLB_REASON_FRAGMENTED : KLB_REASON_NO_MEMORY;
	if (hook == KLB_HOOK_EGRESS)
		hook = KLB_HOOK_DEV;
	skb_list_walk_safe(frag, frag, next) {
		skb_mark_not_on_list(frag);
		how = s->send(s, frag, hook);
		if (!klb_was_sent(how))
			reason = how;
	}
	return reason;
}

static enum klb_reason send(const struct klb_sender *s, struct sk_buff *skb,
			    u8 hook)
{
	return klb_forward(s->kn, skb, hook, s->rt);
}

enum klb_reason klb_forward_whole(struct klb_net *kn, struct sk_buff *skb,
				  u8 hook, struct klb_route *rt)
{
	struct klb_sender s = { .send = send, .kn = kn, .rt = rt };

	return klb_forward_split(&s, skb, hook, READ_ONCE(rt->mtu));
}
