/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ROUTE_H
#define KLB_ROUTE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <net/dst.h>
#include <net/neighbour.h>
#include <net/net_namespace.h>

#include "tuple.h"

struct klb_net;

#define KLB_ROUTE_BITS	8

/* What is done to packets that go a route beside plain translation. */
enum klb_way {
	KLB_WAY_PLAIN,		/* nothing: sent to a neighbour */
	KLB_WAY_LOCAL,		/* for a process of this host */
	KLB_WAY_XLAT,		/* the other side is of the other family */
	KLB_WAY_DSR,		/* sent as it is */
	KLB_WAY_IPIP,		/* sent in an IP header */
	KLB_WAY_GUE,		/* sent in UDP */
};

/* Whether packets that go it are left as the client sent them. */
static inline bool klb_way_direct(u8 way)
{
	return way >= KLB_WAY_DSR;
}

/* A way to a neighbour or to this host, shared by all that go it. Packets use
 * it under RCU; who keeps it holds a reference. It is not used any more, and
 * its holder gets another one, when the kernel has changed its mind about
 * the route, or the device goes (dead).
 */
struct klb_route {
	struct dst_entry *dst;		/* a reference is held */
	struct neighbour *neigh;	/* likewise; NULL: local */
	struct net_device *dev;		/* kept by neigh and dst */
	int genid;			/* IPv4: rt_genid of dst */
	u32 cookie;			/* IPv6, for dst->ops->check() */
	u32 mtu;			/* bytes of the network packet */
	u16 headroom;			/* for the link layer header */
	u8 family;
	u8 way;				/* enum klb_way; hot: asked for 0 */
	bool local;			/* for a process of this host */
	bool gateway;			/* the neighbour is a router */
	bool foreign_hop;		/* the neighbour is of the other family */
	bool veth;			/* the device may have a peer */
	bool dead;			/* the device goes */
	union klb_addr source;		/* address of ours to send with */

	refcount_t refs;
	struct hlist_node node;		/* klb_route_table, under its lock */
	struct klb_net *kn;
	struct rcu_head rcu;
};

/* Routes in use, so that all clients behind one router share one. */
struct klb_route_table {
	spinlock_t lock;	/* of the lists; packets and configuration */
	struct hlist_head head[1 << KLB_ROUTE_BITS];
};

void klb_routes_init(struct klb_net *kn);
/* Drops all that keeps @dev alive. RTNL held. */
void klb_routes_forget_dev(struct klb_net *kn, const struct net_device *dev);

/* The route in *@slot if it is still good, else a new one to @addr, which is
 * left there. NULL if there is none. @way: KLB_WAY_PLAIN becomes KLB_WAY_LOCAL
 * where the route is local. Under RCU and BH.
 */
struct klb_route *klb_route_renew(struct klb_net *kn,
				  struct klb_route __rcu **slot, u8 family,
				  u8 way, const union klb_addr *addr);
void klb_route_put(struct klb_route *rt);

/* Whether the kernel would still give this route: what dst_check() asks, for
 * IPv4 without the indirect call, and whether the neighbour is still known.
 * @family is that of the packet. Where it is IPv4, a route of IPv6 is never
 * good, and klb_route_renew() looks again. One that changes its mind a moment
 * later makes no difference, and a load that is not volatile is one with the
 * comparison.
 */
static __always_inline bool klb_route_good(const struct net *net,
					   const struct klb_route *rt,
					   u8 family)
{
	struct dst_entry *dst = rt->dst;

	/* racy: see above */
	if (unlikely(data_race(rt->dead)))
		return false;
	/* racy: see above */
	if (family == AF_INET && unlikely(data_race(dst->obsolete) !=
					  DST_OBSOLETE_FORCE_CHK))
		return false;
	if (family == AF_INET ? unlikely(rt->genid != rt_genid_ipv4(net)) :
				unlikely(!dst_check(dst, rt->cookie)))
		return false;
	/* racy: see above */
	return rt->local || likely(!data_race(rt->neigh->dead));
}

#endif
