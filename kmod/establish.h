/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ESTABLISH_H
#define KLB_ESTABLISH_H

#include <linux/netdevice.h>
#include <linux/types.h>
#include <linux/klb_reason.h>

#include "conn.h"
#include "netns.h"
#include "parse.h"
#include "source.h"

/* What becomes of a client's packet that has no connection. */
struct klb_choice {
	struct klb_endpoint *ep;
	struct klb_route *rt;		/* to the endpoint */
	bool plain;			/* the endpoint's own deltas will do */
	bool fullnat;			/* the source is to be replaced */
	bool any;			/* of a service with any address */
	bool counted;			/* see klb_select() */
	union klb_addr source;		/* with fullnat; the endpoint's family */
	const struct klb_pool *pool;	/* with fullnat; NULL: source it is */
};

/* Of the flags that mean something here a client begins with SYN alone. An
 * ACK is taken too: another node had the connection before, and chose the
 * endpoint as we do.
 */
static __always_inline bool klb_may_begin(const struct klb_pkt *pkt)
{
	u8 flags = pkt->tcp_flags & (KLB_TCP_SYN | KLB_TCP_ACK | KLB_TCP_RST |
				     KLB_TCP_FIN);

	return pkt->t.proto != IPPROTO_TCP || flags == KLB_TCP_SYN ||
	       flags == KLB_TCP_ACK;
}

/* The endpoint would see itself as the client and answer within itself. */
static __always_inline bool klb_hairpin(const struct klb_tuple *t, u8 family,
					const struct klb_choice *c)
{
	return !c->rt->local && klb_addr_equal(family, &t->src, &c->ep->addr);
}

/* For a plain service. False: it is to be dropped for *@reason. RCU and BH held;
 * changes nothing but cached routes.
 */
static __always_inline bool klb_choose(struct klb_net *kn,
				       const struct klb_service *svc,
				       const struct klb_tuple *t, u8 family,
				       struct klb_choice *c,
				       enum klb_reason *reason)
{
	*reason = KLB_REASON_NO_ENDPOINT;
	c->ep = klb_service_pick(svc, t, family);
	if (unlikely(!c->ep))
		return false;
	*reason = KLB_REASON_NO_ROUTE;
	c->rt = klb_endpoint_route(kn, c->ep, family);
	if (unlikely(!c->rt))
		return false;
	*reason = KLB_REASON_NO_SOURCE;
	c->any = false;
	c->pool = NULL;
	c->counted = false;
	c->fullnat = klb_hairpin(t, family, c);
	c->plain = !c->fullnat;
	if (likely(c->plain))
		return true;
	c->source = c->rt->source;
	return !klb_addr_any(family, &c->source);
}

static __always_inline bool klb_chose_direct(const struct klb_choice *c)
{
	return !c->plain && klb_way_direct(c->ep->way);
}

/* Family of the reply to a client of @family. */
static __always_inline u8 klb_chosen_family(const struct klb_choice *c,
					    u8 family)
{
	return c->plain || klb_way_direct(c->ep->way) ? family : c->ep->family;
}

/* The tuples of both directions, by the client's and what was chosen. */
static __always_inline void klb_init_sides(struct klb_net *kn,
					   struct klb_conn *conn,
					   const struct klb_pkt *pkt,
					   u8 family,
					   const struct klb_choice *c)
{
	struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	const struct klb_endpoint *ep = c->ep;
	u8 back = klb_chosen_family(c, family);
	struct klb_side *r = klb_conn_side(conn, back, KLB_DIR_REPLY);
	const struct klb_tuple *t = &pkt->t;
	union klb_ports ports = { .src = ep->port, .dst = t->ports.src };
	union klb_addr source;

	klb_side_set(o, family, t->proto, t->ports, &t->src, &t->dst);
	klb_side_set_hash(o, pkt->hash, KLB_DIR_ORIG);
	if (unlikely(klb_chose_direct(c))) {
		klb_side_set(r, family, t->proto, klb_ports_reverse(t->ports),
			     &t->dst, &t->src);
		klb_conn_settle(&kn->conns, conn);
		return;
	}
	if (unlikely(!c->plain)) {
		source = c->fullnat ? c->source : t->src;
		klb_side_set(r, back, t->proto, ports, &ep->addr, &source);
		klb_conn_settle(&kn->conns, conn);
		return;
	}
	klb_side_set(r, family, t->proto, ports, &ep->addr, &t->src);
	klb_conn_hash_reply(&kn->conns, conn, family);
	klb_side_set_deltas(o, r, ep->addr_delta, ep->l4_delta);
}

/* All of a new connection but its place in the table. */
static __always_inline void klb_init_conn(struct klb_net *kn,
					  struct klb_conn *conn,
					  const struct klb_pkt *pkt, u8 family,
					  const struct klb_choice *c)
{
	if (unlikely(pkt->hook == KLB_HOOK_DEV)) {
		conn->flags |= KLB_CONN_KLB_DEV;
		conn->klb_ifindex = pkt->skb->dev->ifindex;
	}
	if (klb_chose_direct(c))
		conn->flags |= KLB_CONN_DIRECT;
	klb_init_sides(kn, conn, pkt, family, c);
	if (pkt->t.proto == IPPROTO_TCP)
		klb_conn_set_state(conn, klb_tcp_first(pkt->tcp_flags));
	else
		klb_conn_start_state(conn, KLB_CONN_STATE_UNREPLIED,
				     KLB_UNREPLIED_TIMEOUT);
}

/* Gives the connection its place, with the client's own port unless that is to
 * be replaced. Errors as those of klb_conn_insert().
 */
static __always_inline int klb_establish(struct klb_net *kn,
					 struct klb_conn *conn, u8 family,
					 bool fullnat,
					 const struct klb_pool *pool)
{
	int err;

	if (unlikely(fullnat))
		return klb_source_insert(kn, conn, pool, true);
	err = klb_conn_insert(kn, conn, family);
	if (unlikely(err == -EADDRINUSE))
		return klb_source_insert(kn, conn, NULL, false);
	return err;
}

/* A connection that lasts as long as the packet in hand, with its sides around
 * it as elsewhere.
 */
struct klb_passing {
	u8 reply[sizeof(struct klb_side)];
	struct klb_conn conn;
	u8 orig[sizeof(struct klb_side)];
} __aligned(8);

bool klb_overflowed(const struct klb_net *kn);

/* Whether what was chosen by Maglev, which gives the next packet the same
 * endpoint, does without a connection: a source that was replaced would need
 * memory, and which address of ours was asked is nothing that an answer tells.
 */
static inline bool klb_pass_possible(const struct klb_choice *c)
{
	return !c->fullnat && !c->any && c->rt->way != KLB_WAY_XLAT;
}

bool klb_pass_request(struct klb_net *kn, const struct klb_pkt *pkt,
		      const struct klb_choice *c, struct klb_passing *p);
bool klb_pass_answer(struct klb_net *kn, const struct klb_pkt *pkt,
		     struct klb_passing *p);

#endif
