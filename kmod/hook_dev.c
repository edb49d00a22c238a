// SPDX-License-Identifier: GPL-2.0
/* The klb network device: "ip link add klb0 type klb". What processes of this
 * host send to addresses that are routed to it goes through klb; the replies
 * are received on it.
 */
#include "hook_dev.h"

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>

#include "datapath.h"
#include "deliver.h"
#include "netns.h"
#include "parse.h"

#define KLB_DEV_FEATURES (NETIF_F_SG | NETIF_F_FRAGLIST | NETIF_F_HIGHDMA | \
			  NETIF_F_HW_CSUM | NETIF_F_GSO_SOFTWARE)

static netdev_tx_t klb_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct klb_net *kn = klb_net(dev_net(dev));
	unsigned int len = skb->len;
	enum klb_verdict verdict;

	skb_reset_network_header(skb);
	nf_reset_ct(skb);
	rcu_read_lock(); /* only its BH flavour is held */
	verdict = klb_run(kn, skb, KLB_HOOK_DEV);
	rcu_read_unlock();
	if (likely(verdict == KLB_TAKEN)) {
		dev_sw_netstats_tx_add(dev, 1, len);
		return NETDEV_TX_OK;
	}
	DEV_STATS_INC(dev, tx_dropped);
	kfree_skb(skb);
	return NETDEV_TX_OK;
}

static const struct net_device_ops klb_dev_ops = {
	.ndo_start_xmit	 = klb_xmit,
	.ndo_get_stats64 = dev_get_tstats64,
};

static void klb_dev_setup(struct net_device *dev)
{
	dev->netdev_ops = &klb_dev_ops;
	dev->needs_free_netdev = true;
	dev->pcpu_stat_type = NETDEV_PCPU_STAT_TSTATS;
	dev->type = ARPHRD_NONE;
	dev->flags = IFF_NOARP;
	dev->priv_flags |= IFF_NO_QUEUE;
	netif_keep_dst(dev);
	dev->features |= KLB_DEV_FEATURES;
	dev->hw_features |= KLB_DEV_FEATURES;
	dev->hw_enc_features |= KLB_DEV_FEATURES;
	klb_dev_set_lltx(dev);
	dev->mtu = ETH_DATA_LEN;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU;
	netif_set_tso_max_size(dev, GSO_MAX_SIZE);
}

static struct rtnl_link_ops klb_link_ops __read_mostly = {
	.kind		= KLB_DEV_KIND,
	.setup		= klb_dev_setup,
};

static bool is_klb(const struct net_device *dev)
{
	return dev->rtnl_link_ops == &klb_link_ops;
}

int klb_dev_after(struct net *net, int ifindex)
{
	const struct net_device *dev;
	int next = 0;

	rcu_read_lock();
	for_each_netdev_rcu(net, dev)
		if (is_klb(dev) && dev->ifindex > ifindex &&
		    (!next || dev->ifindex < next))
			next = dev->ifindex;
	rcu_read_unlock();
	return next;
}

int klb_dev_register(void)
{
	return rtnl_link_register(&klb_link_ops);
}

void klb_dev_unregister(void)
{
	rtnl_link_unregister(&klb_link_ops);
}
