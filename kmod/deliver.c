// SPDX-License-Identifier: GPL-2.0
#include "deliver.h"

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/rtnetlink.h>

#include "forward.h"
#include "parse.h"
#include "route.h"

/* With the output route to a local address a packet skips the input route
 * look-up, and so the checks of its source address, as on loopback.
 */
static void attach(struct sk_buff *skb, struct klb_route *rt)
{
	dst_hold(rt->dst);
	skb_dst_drop(skb);
	skb_dst_set(skb, rt->dst);
}

/* br_netfilter replaces the route of what goes through a bridge, which is to
 * be kept: such a packet is received where the bridge would have led it.
 */
static struct net_device *past_bridge(const struct sk_buff *skb, u8 hook)
{
	if (hook != KLB_HOOK_INGRESS || !netif_is_bridge_port(skb->dev))
		return NULL;
	return netdev_master_upper_dev_get_rcu(skb->dev);
}

/* What leaves by a device would go on the wire. By loopback it comes back. */
static struct net_device *not_out(const struct sk_buff *skb, u8 hook)
{
	if (hook != KLB_HOOK_EGRESS || skb->dev->flags & IFF_LOOPBACK)
		return NULL;
	return dev_net(skb->dev)->loopback_dev;
}

static void count(struct net_device *dev, unsigned int len)
{
	if (dev->flags & IFF_LOOPBACK)
		dev_lstats_add(dev, len);
	else
		dev_sw_netstats_rx_add(dev, len);
}

static void receive(struct sk_buff *skb, u8 hook, struct net_device *dev)
{
	skb_orphan(skb);
	nf_reset_ct(skb);
	skb_clear_tstamp(skb);
	skb->dev = dev;
	skb->pkt_type = PACKET_HOST;
	if (!dev->hard_header_len) {
		skb_reset_mac_header(skb);
		skb_reset_mac_len(skb);
	}
	count(dev, skb->len);
	if (hook == KLB_HOOK_INGRESS)
		netif_receive_skb(skb);
	else
		netif_rx(skb);
}

enum klb_verdict klb_deliver(struct sk_buff *skb, u8 hook,
			     struct klb_route *rt, struct net_device *dev,
			     bool trusted)
{
	/* A connection knows its device by index, which may be another's now */
	if (dev && (!dev->rtnl_link_ops ||
		    strcmp(dev->rtnl_link_ops->kind, KLB_DEV_KIND)))
		dev = NULL;
	/* What a bridge leads through has no route yet and is nobody's whom we
	 * know: it is asked where it may come from.
	 */
	if (trusted || dev || skb_dst(skb))
		attach(skb, rt);
	if (!dev)
		dev = not_out(skb, hook);
	if (trusted && !dev)
		dev = past_bridge(skb, hook);
	if (!dev)
		return KLB_PASS;
	if (skb_orphan_frags_rx(skb, GFP_ATOMIC))
		return KLB_DROP;
	skb = klb_forward_take(skb, hook);
	if (!skb)
		return KLB_DROP;
	receive(skb, hook, dev);
	return KLB_TAKEN;
}
