/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NETNS_H
#define KLB_NETNS_H

#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rhashtable-types.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "affinity.h"
#include "conn.h"
#include "frag_table.h"
#include "prefix_rcu.h"
#include "route.h"
#include "service.h"
#include "sieve.h"
#include "stats.h"

/* Why a packet that is for no service of an own address may still be ours. */
enum klb_wide {
	KLB_WIDE_ANY = 1,	/* there are services with any address */
	KLB_WIDE_GUARD = 2,	/* there are guarded prefixes */
	KLB_WIDE_SCTP = 4,	/* there are services of SCTP: an end of an
				 * association may send from any address
				 */
};

/* Everything klb keeps for a network namespace. */
struct klb_net {
	/* read by every packet */
	struct klb_sieve_table __rcu *sieve;
	struct klb_stats __percpu *stats;
	struct net *net;
	bool veth_peer;		/* setting: hand over to veth peers */
	u8 wide;		/* enum klb_wide; written under lock */
	u32 conn_max;		/* setting */

	struct klb_conn_table conns;
	struct klb_service_table services;
	struct klb_route_table routes;
	struct klb_frags frags;
	struct klb_sctp_table __rcu *sctp;	/* NULL: no service yet */
	struct klb_affinity_table affinity;
	u64 births;		/* endpoints ever made; written under lock */
	/* addresses inside beside this host's, of pods; NULL: none */
	struct klb_prefix_set __rcu *pod_set;
	/* what is rejected if it is for no service; NULL: nothing */
	struct klb_prefix_set __rcu *guard_set;
	/* own addresses of services with any; NULL: all but loopback */
	struct klb_prefix_set __rcu *nodeport_set;
	struct rhashtable vips;	/* addresses of services, see vip.c */
	struct list_head pools;	/* under lock; in order of names */

	/* Serialises configuration: services, endpoints, settings, the sieve,
	 * totals of connections that ended. Never taken by packets. Taken
	 * with no other lock of klb held, and inside RTNL where both are
	 * needed.
	 */
	struct mutex lock;
	u32 config_seq;		/* counts changes, under lock */

	/* settings as configured, under lock */
	struct klb_prefixes pods;	/* inside, as this host */
	struct klb_prefixes nodeports;	/* none: all but loopback */
	struct klb_prefixes guard;
	bool echo;			/* answer pings to services */
	__be16 gue_port;

	/* Filters attached, under filter_lock; see hook_tc.c */
	struct list_head filters;
	struct mutex filter_lock;	/* inside RTNL */
};

extern unsigned int klb_net_id;

static inline struct klb_net *klb_net(const struct net *net)
{
	return net_generic(net, klb_net_id);
}

/* The route to an endpoint, for a packet of @family. NULL: there is none. Under
 * RCU and BH.
 */
static __always_inline struct klb_route *
klb_endpoint_route(struct klb_net *kn, struct klb_endpoint *ep, u8 family)
{
	struct klb_route *rt = rcu_dereference(ep->route);

	if (likely(rt && klb_route_good(kn->net, rt, family)))
		return rt;
	return klb_route_renew(kn, &ep->route, ep->family, ep->way, &ep->addr);
}

/**
 * klb_service_lookup() - the service that a packet is for
 * @kn: namespace
 * @t: the packet's tuple
 * @family: of @t
 *
 * Return: the service, valid under the caller's RCU, or NULL. One with the
 * very address goes before one with any address.
 */
static __always_inline struct klb_service *
klb_service_lookup(struct klb_net *kn, const struct klb_tuple *t, u8 family)
{
	const struct klb_service_index *ix = rcu_dereference(kn->services.index);
	u32 rest = klb_service_rest(t->ports.dst, t->proto, family);
	struct klb_service *svc;

	if (unlikely(!ix))
		return NULL;
	if (family == AF_INET)
		svc = klb_service_at(ix, klb_addr_word4(&t->dst), 0, rest);
	else
		svc = klb_service_at(ix, t->dst.w[0], t->dst.w[1], rest);
	if (likely(svc) || !(READ_ONCE(kn->wide) & KLB_WIDE_ANY))
		return svc;
	return klb_service_any(kn, family, t->dst, rest);
}

int klb_net_register(void);
void klb_net_unregister(void);

#endif
