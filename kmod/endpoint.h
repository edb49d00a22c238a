/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ENDPOINT_H
#define KLB_ENDPOINT_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/klb.h>

#include "sched.h"
#include "tuple.h"

struct klb_net;
struct klb_route;
struct klb_service;

/* Packets and bytes by direction, and the connections they came in. */
struct klb_totals {
	u64 packets[2];		/* [enum klb_dir] */
	u64 bytes[2];
	u64 conns;
};

struct klb_endpoint {
	/* read by every packet */
	struct klb_route __rcu *route;	/* how to reach it, renewed on use */
	struct klb_service *svc;	/* a reference is held */
	union klb_addr addr;		/* never changes, nor does port */
	__be16 port;
	u16 weight;			/* under klb_net.lock */
	u8 state;			/* enum klb_endpoint_state, likewise */
	bool removed;			/* no more in the configuration */
	bool serving;			/* neither that nor down: a UDP flow
					 * stays only while it is
					 */
	u8 family;			/* of addr; never changes, nor does way */
	u8 way;				/* enum klb_way of its routes */
	u8 scope;			/* enum klb_scope, as weight */
	/* As in struct klb_side, of packets to this endpoint whose source is
	 * kept; not for a service with any address.
	 */
	u16 addr_delta;
	u16 l4_delta;
	/* When no source was free to replace a client's with, jiffies; 0: not
	 * since a connection of the endpoint ended. It holds for a second:
	 * sources are freed by connections of other services to the same place
	 * as well. See klb_source_used_up().
	 */
	u32 used_up;

	/* under klb_net.lock */
	struct rb_node node;		/* klb_service.endpoints */
	struct rhlist_head peers;	/* klb_service_table.endpoints */
	struct list_head all;		/* klb_service.all_endpoints */
	struct klb_totals ended;
	struct klb_totals live;		/* as klb_conn_account() found them */

	/* One for the configuration, one for each connection. Written for
	 * new and ended connections, so not on the line that packets read.
	 */
	atomic_t refs ____cacheline_aligned_in_smp;
	u32 active;	/* connections; under klb_service.sched_lock, which is
			 * for the next two as well
			 */
	u32 place[KLB_CLIENTS];	/* in tables with klb_table.least */
	u64 turn[KLB_CLIENTS];	/* ahead of klb_least.now in the last one */
	u64 born;		/* klb_net.births when it was made */
	struct rcu_head rcu;
};

/* What a message wants of an endpoint. */
struct klb_endpoint_conf {
	union klb_addr addr;
	__be16 port;
	u8 family;	/* of addr; perhaps not the service's */
	bool has_weight, has_state, has_scope;
	u16 weight;
	u8 state;
	u8 scope;
};

/* Where an endpoint is; the order of a service's endpoints: by family, then
 * address, then port.
 */
struct klb_endpoint_id {
	u8 family;
	__be16 port;
	const union klb_addr *addr;
};

static inline struct klb_endpoint_id
klb_endpoint_conf_id(const struct klb_endpoint_conf *conf)
{
	return (struct klb_endpoint_id){ conf->family, conf->port,
					 &conf->addr };
}

static inline struct klb_endpoint_id
klb_endpoint_id(const struct klb_endpoint *ep)
{
	return (struct klb_endpoint_id){ ep->family, ep->port, &ep->addr };
}

/* Whether an endpoint gets packets as the client sent them. */
static inline bool klb_forward_direct(u8 forward)
{
	return forward == KLB_FORWARD_DSR || forward == KLB_FORWARD_IPIP ||
	       forward == KLB_FORWARD_GUE;
}

/* How packets get to an endpoint of @family: enum klb_way. An endpoint whose
 * way is to be another is replaced, and its connections keep the old one.
 */
u8 klb_endpoint_way(const struct klb_service *svc, u8 forward, u8 family);
struct klb_endpoint *klb_endpoint_alloc(struct klb_service *svc, u8 forward,
					const struct klb_endpoint_conf *conf);
int klb_endpoint_id_cmp(struct klb_endpoint_id a, struct klb_endpoint_id b);
struct klb_endpoint *klb_endpoint_find(const struct klb_service *svc,
				       struct klb_endpoint_id id);
struct klb_endpoint *klb_endpoint_first(const struct klb_service *svc);
struct klb_endpoint *klb_endpoint_after(const struct klb_service *svc,
					struct klb_endpoint_id id);
static inline struct klb_endpoint *klb_endpoint_next(struct klb_endpoint *ep)
{
	return rb_entry_safe(rb_next(&ep->node), struct klb_endpoint, node);
}

/* Endpoints that are at the source of a packet, of any service: under RCU. */
struct rhlist_head *klb_endpoints_at(struct klb_net *kn,
				     const struct klb_tuple *t);
void klb_endpoint_insert(struct klb_endpoint *ep);
void klb_endpoint_set_state(struct klb_endpoint *ep, u8 state);
void klb_endpoint_remove(struct klb_endpoint *ep);

/* A reference for a connection: under RCU, false if it is being freed. */
static inline bool klb_endpoint_tryget(struct klb_endpoint *ep)
{
	return atomic_inc_not_zero(&ep->refs);
}

/* Process context, klb_net.lock held. */
void klb_endpoint_put(struct klb_endpoint *ep);

#endif
