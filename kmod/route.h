/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ROUTE_H
#define KLB_ROUTE_H

#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <net/dst.h>

#include "tuple.h"

struct klb_net;
struct neighbour;

#define KLB_ROUTE_BITS	8

/* A way to a neighbour or to this host, shared by all that go it. Packets use
 * it under RCU; who keeps it holds a reference. It is not used any more, and
 * its holder gets another one, when the kernel has changed its mind about
 * the route, or the device goes (dead).
 */
struct klb_route {
	struct dst_entry *dst;		/* a reference is held */
	struct neighbour *neigh;	/* likewise; NULL: local */
	struct net_device *dev;		/* kept by neigh and dst */
	u32 cookie;			/* IPv6, for dst->ops->check() */
	u32 mtu;			/* bytes of the network packet */
	u16 headroom;			/* for the link layer header */
	u8 family;
	bool local;			/* for a process of this host */
	bool foreign_hop;		/* the neighbour is of the other family */
	bool dead;			/* the device goes */
	union klb_addr source;		/* address of ours to send with */

	refcount_t refs;
	struct hlist_node node;		/* klb_route_table, under its lock */
	struct klb_net *kn;
	struct rcu_head rcu;
};

/* Routes in use, so that all clients behind one router share one. */
struct klb_route_table {
	spinlock_t lock;
	struct hlist_head head[1 << KLB_ROUTE_BITS];
};

void klb_routes_init(struct klb_net *kn);
/* Drops all that keeps @dev alive. RTNL held. */
void klb_routes_forget_dev(struct klb_net *kn, const struct net_device *dev);

/* The route in *@slot if it is still good, else a new one to @addr, which is
 * left there. NULL if there is no route. Under RCU and BH.
 */
struct klb_route *klb_route_use(struct klb_net *kn,
				struct klb_route __rcu **slot, u8 family,
				const union klb_addr *addr);
void klb_route_put(struct klb_route *rt);

#endif
