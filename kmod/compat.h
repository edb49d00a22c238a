/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_COMPAT_H
#define KLB_COMPAT_H

/* What differs between kernels that klb builds for, by capability and never by
 * version: stable kernels carry changes of later ones. Included before
 * everything else.
 */
#include <linux/netdevice.h>
#include <net/sch_generic.h>

#ifdef KLB_HAVE_TCX
#include <net/tcx.h>
#endif

/* A device whose transmit function takes no lock. */
static inline void klb_dev_set_lltx(struct net_device *dev)
{
#ifdef NETIF_F_LLTX
	dev->features |= NETIF_F_LLTX;
#else
	dev->lltx = true;
#endif
}

/* The sockets of UDP, which a namespace may have a table of its own for. A
 * macro: few files know the types.
 */
#ifdef KLB_HAVE_NET_UDP_TABLE
#define klb_udp_table(net)	((net)->ipv4.udp_table)
#else
#define klb_udp_table(net)	((void)(net), &udp_table)
#endif

/* The filters that a packet sent by @dev would meet, NULL if there are none.
 * False: there are other programs, of which we know nothing. RCU and BH held.
 */
static inline bool klb_egress_filters(const struct net_device *dev,
				      struct tcf_proto **filters)
{
	struct mini_Qdisc *mini;
#ifdef KLB_HAVE_TCX
	struct bpf_mprog_entry *entry = rcu_dereference_bh(dev->tcx_egress);

	*filters = NULL;
	if (!entry)
		return true;
	if (bpf_mprog_total(entry))
		return false;
	mini = rcu_dereference_bh(tcx_entry(entry)->miniq);
#else
	*filters = NULL;
	mini = rcu_dereference_bh(dev->miniq_egress);
#endif
	if (mini)
		*filters = READ_ONCE(mini->filter_list);
	return true;
}

/* What tc is told at egress of a packet that it must forget. Before tcx it had
 * no word for that there: it frees such a packet, and klb sends on a copy.
 */
#ifdef KLB_HAVE_TCX
#define KLB_EGRESS_COPIES	false
#define KLB_EGRESS_TAKEN	TC_ACT_CONSUMED
#else
#define KLB_EGRESS_COPIES	true
#define KLB_EGRESS_TAKEN	TC_ACT_STOLEN
#endif

#endif
