/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NETNS_H
#define KLB_NETNS_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "conn.h"
#include "route.h"
#include "service.h"
#include "sieve.h"
#include "stats.h"

/* Everything klb keeps for a network namespace. */
struct klb_net {
	/* read by every packet */
	struct klb_sieve_table __rcu *sieve;
	struct klb_stats __percpu *stats;
	struct net *net;
	bool veth_peer;		/* setting: hand over to veth peers */
	u32 conn_max;		/* setting */

	struct klb_conn_table conns;
	struct klb_service_table services;
	struct klb_route_table routes;

	/* Serialises configuration: services, endpoints, settings, the sieve,
	 * totals of connections that ended. Never taken by packets. Taken
	 * with no other lock of klb held, and inside RTNL where both are
	 * needed.
	 */
	struct mutex lock;
	u32 config_seq;		/* counts changes, under lock */

	/* Filters attached, under filter_lock; see hook_tc.c */
	struct list_head filters;
	struct mutex filter_lock;
};

extern unsigned int klb_net_id;

static inline struct klb_net *klb_net(const struct net *net)
{
	return net_generic(net, klb_net_id);
}

int klb_net_register(void);
void klb_net_unregister(void);

#endif
