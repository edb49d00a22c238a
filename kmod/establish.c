// SPDX-License-Identifier: GPL-2.0
#include "establish.h"

#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <net/ip.h>

#include "netns.h"
#include "parse.h"
#include "snat_port.h"

/* Source ports that klb may give a connection. */
#define SNAT_PORT_LOW	1024
#define SNAT_PORT_HIGH	65535

/* Connections without an entry may still be alive this long, in jiffies. */
#define OVERFLOW_LASTS	(300 * HZ)

/* Of the flags that mean something here a client begins with SYN alone. An
 * ACK is taken too: another node had the connection before, and chose the
 * endpoint as we do.
 */
static bool may_begin(const struct klb_pkt *pkt)
{
	u8 flags = pkt->tcp_flags & (KLB_TCP_SYN | KLB_TCP_ACK | KLB_TCP_RST |
				     KLB_TCP_FIN);

	return pkt->t.proto != IPPROTO_TCP || flags == KLB_TCP_SYN ||
	       flags == KLB_TCP_ACK;
}

/* The endpoint would see itself as the client and answer within itself. */
static __always_inline bool hairpin(const struct klb_tuple *t, u8 family,
				    const struct klb_choice *c)
{
	return !c->rt->local && klb_addr_equal(family, &t->src, &c->ep->addr);
}

static __always_inline bool choose(struct klb_net *kn,
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
	c->rt = klb_route_use(kn, kn->net, &c->ep->route, family,
			      &c->ep->addr);
	if (unlikely(!c->rt))
		return false;
	c->fullnat = READ_ONCE(svc->forward) == KLB_FORWARD_FULLNAT ||
		     hairpin(t, family, c);
	*reason = KLB_REASON_NO_SOURCE;
	return !c->fullnat || !klb_addr_any(family, &c->rt->source);
}

bool klb_choose(struct klb_net *kn, const struct klb_service *svc,
		const struct klb_tuple *t, struct klb_choice *c,
		enum klb_reason *reason)
{
	return choose(kn, svc, t, t->family, c, reason);
}

static __always_inline void init_sides(struct klb_net *kn,
				       struct klb_conn *conn,
				       const struct klb_pkt *pkt, u8 family,
				       const struct klb_choice *c)
{
	struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	const struct klb_tuple *t = &pkt->t;
	union klb_ports ports = { .src = c->ep->port, .dst = t->ports.src };

	klb_side_set(o, family, KLB_DIR_ORIG, t->proto, t->ports, &t->src,
		     &t->dst);
	o->hash = pkt->hash;
	klb_side_set(klb_conn_side(conn, family, KLB_DIR_REPLY), family,
		     KLB_DIR_REPLY, t->proto, ports, &c->ep->addr,
		     c->fullnat ? &c->rt->source : &t->src);
	klb_conn_settle(&kn->conns, conn, family);
}

static __always_inline void init_conn(struct klb_net *kn,
				      struct klb_conn *conn,
				      const struct klb_pkt *pkt, u8 family,
				      const struct klb_choice *c)
{
	if (pkt->hook == KLB_HOOK_DEV) {
		conn->flags |= KLB_CONN_KLB_DEV;
		conn->klb_ifindex = pkt->skb->dev->ifindex;
	}
	init_sides(kn, conn, pkt, family, c);
	klb_conn_set_state(conn, pkt->t.proto == IPPROTO_TCP ?
				 klb_tcp_first(pkt->tcp_flags) :
				 KLB_CONN_STATE_UNREPLIED);
}

/* Tries the ports that processes of this host are given by the kernel, or
 * those that they are not: they may be talking to the endpoint as well.
 */
static int insert_port_of(struct klb_net *kn, struct klb_conn *conn, u8 family,
			  bool local)
{
	struct klb_side *r = klb_conn_side(conn, family, KLB_DIR_REPLY);
	u32 seed = klb_conn_side(conn, family, KLB_DIR_ORIG)->hash;
	struct klb_port_walk walk;
	int err, low, high;
	u16 port;

	inet_get_local_port_range(kn->net, &low, &high);
	klb_port_walk_init(&walk, SNAT_PORT_LOW, SNAT_PORT_HIGH, seed);
	while ((port = klb_port_walk_next(&walk))) {
		if ((port >= low && port <= high) != local)
			continue;
		r->ports.dst = htons(port);
		klb_conn_settle(&kn->conns, conn, family);
		if (klb_conn_reply_used(kn, conn, family))
			continue;
		err = klb_conn_insert(kn, conn, family);
		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRINUSE;
}

/* A source port for which the reply tuple is nobody else's. */
static noinline int insert_any_port(struct klb_net *kn, struct klb_conn *conn,
				    u8 family)
{
	int err;

	conn->flags |= KLB_CONN_SNAT;
	err = insert_port_of(kn, conn, family, false);
	if (err == -EADDRINUSE)
		err = insert_port_of(kn, conn, family, true);
	if (err == -EADDRINUSE)
		WRITE_ONCE(conn->ep->ports_full, true);
	return err;
}

/* The client's own port first, unless the service replaces it. */
static __always_inline int insert(struct klb_net *kn, struct klb_conn *conn,
				  u8 family, const struct klb_choice *c)
{
	int err;

	if (!c->fullnat) {
		err = klb_conn_insert(kn, conn, family);
		if (likely(err != -EADDRINUSE))
			return err;
	}
	return insert_any_port(kn, conn, family);
}

static bool overflowed(const struct klb_net *kn)
{
	unsigned long overflow = READ_ONCE(kn->conns.overflow);

	return unlikely(overflow) &&
	       time_before(jiffies, overflow + OVERFLOW_LASTS);
}

static struct klb_conn *passing_conn(struct klb_new *new,
				     struct klb_endpoint *ep)
{
	new->stateless = true;
	new->conn = &new->passing;
	memset(new->conn, 0, sizeof(*new->conn));
	new->conn->ep = ep;
	return new->conn;
}

/* Without room for a connection: for this packet alone. Maglev gives the
 * next one the same endpoint; a source that was replaced would need memory,
 * and which address of ours was asked is nothing that an answer tells.
 */
static noinline bool establish_stateless(struct klb_net *kn,
					 const struct klb_pkt *pkt,
					 const struct klb_choice *c, bool full,
					 struct klb_new *new)
{
	const struct klb_service_key *key = &c->ep->svc->key;

	new->reason = full ? KLB_REASON_CONN_MAX : KLB_REASON_NO_MEMORY;
	if (c->fullnat || klb_addr_any(key->family, &key->addr))
		return false;
	init_conn(kn, passing_conn(new, c->ep), pkt, pkt->t.family, c);
	if (READ_ONCE(kn->conns.overflow) != jiffies)
		WRITE_ONCE(kn->conns.overflow, jiffies);
	return true;
}

/* The tuple of the packet that @t would be the answer to, as sent to @svc. */
static void asked(const struct klb_service *svc, const struct klb_tuple *t,
		  struct klb_tuple *orig)
{
	klb_tuple_reverse(orig, t);
	orig->dst = svc->key.addr;
	orig->ports.dst = svc->key.port;
}

/* Whether @ep, had it been asked through its service, would have been asked
 * by a packet that @t is the answer to.
 */
static bool answers(const struct klb_endpoint *ep, const struct klb_tuple *t,
		    struct klb_tuple *orig)
{
	const struct klb_service *svc = ep->svc;

	if (READ_ONCE(svc->forward) != KLB_FORWARD_NAT ||
	    klb_addr_any(svc->key.family, &svc->key.addr))
		return false;
	asked(svc, t, orig);
	return klb_service_pick(svc, orig, orig->family) == ep;
}

static void pass_answer(struct klb_net *kn, struct klb_conn *conn,
			const struct klb_tuple *o, const struct klb_tuple *r)
{
	u8 family = o->family;

	klb_side_set(klb_conn_side(conn, family, KLB_DIR_ORIG), family,
		     KLB_DIR_ORIG, o->proto, o->ports, &o->src, &o->dst);
	klb_side_set(klb_conn_side(conn, family, KLB_DIR_REPLY), family,
		     KLB_DIR_REPLY, r->proto, r->ports, &r->src, &r->dst);
	klb_conn_settle(&kn->conns, conn, family);
}

/**
 * klb_establish_answer() - the connection that there was no room for
 * @kn: namespace
 * @pkt: a packet that belongs to no connection and is for no service
 * @new: gets a connection for this packet alone
 *
 * For some minutes after the table was full an endpoint's packet may be the
 * answer to one that was sent on without a connection. It is taken for that
 * if Maglev would have sent the question here. That may be wrong for a client
 * that talks to the endpoint past the service, from a port by which Maglev
 * happens to give the same endpoint.
 *
 * Return: whether it is such an answer.
 */
bool klb_establish_answer(struct klb_net *kn, const struct klb_pkt *pkt,
			  struct klb_new *new)
{
	struct rhlist_head *list, *pos;
	struct klb_endpoint *ep;
	struct klb_tuple orig;

	if (!overflowed(kn))
		return false;
	list = klb_endpoints_at(kn, &pkt->t);
	rhl_for_each_entry_rcu(ep, pos, list, peers) {
		if (!answers(ep, &pkt->t, &orig))
			continue;
		pass_answer(kn, passing_conn(new, ep), &orig, &pkt->t);
		return true;
	}
	return false;
}

/* Another CPU has made the connection, with the same packet or the next. */
static noinline bool use_winner(struct klb_net *kn, const struct klb_pkt *pkt,
		       struct klb_new *new)
{
	struct klb_side *side = klb_conn_lookup(kn, &pkt->t);

	new->reason = KLB_REASON_NO_PORT;
	if (!side || side->dir != KLB_DIR_ORIG)
		return false;
	new->conn = klb_side_conn(side, pkt->t.family);
	return true;
}

static __always_inline bool make(struct klb_net *kn, const struct klb_pkt *pkt,
				 u8 family, struct klb_choice *c,
				 struct klb_new *new)
{
	struct klb_conn *conn;
	bool full;
	int err;

	conn = klb_conn_alloc(kn, family, c->ep, &full);
	if (unlikely(!conn))
		return establish_stateless(kn, pkt, c, full, new);
	init_conn(kn, conn, pkt, family, c);
	if (unlikely(!klb_endpoint_tryget(c->ep))) {
		klb_conn_free_unseen(kn, conn);
		new->reason = KLB_REASON_NO_ENDPOINT;
		return false;
	}
	err = insert(kn, conn, family, c);
	new->conn = conn;
	if (likely(!err))
		return true;
	klb_conn_discard(kn, conn);
	return use_winner(kn, pkt, new);
}

static __always_inline bool establish(struct klb_net *kn,
				      struct klb_service *svc,
				      const struct klb_pkt *pkt, u8 family,
				      struct klb_new *new)
{
	bool begins = may_begin(pkt);
	struct klb_choice c;

	new->stateless = false;
	new->reason = KLB_REASON_NOT_SYN;
	if (unlikely(!begins && !overflowed(kn)))
		return false;
	if (unlikely(!choose(kn, svc, &pkt->t, family, &c, &new->reason)))
		return false;
	if (unlikely(!begins))
		return establish_stateless(kn, pkt, &c, true, new);
	new->reason = KLB_REASON_NO_PORT;
	if (unlikely(c.fullnat && READ_ONCE(c.ep->ports_full)))
		return false;
	return make(kn, pkt, family, &c, new);
}

/**
 * klb_establish() - the connection of a client's first packet
 * @kn: namespace
 * @svc: the service that the packet is for
 * @pkt: the packet, checked
 * @new: gets the connection, or the reason to drop the packet for
 *
 * RCU and BH held. Without memory, or with conn-max reached, the connection
 * may be one for this packet alone (stateless).
 *
 * Return: whether there is one.
 */
bool klb_establish(struct klb_net *kn, struct klb_service *svc,
		   const struct klb_pkt *pkt, struct klb_new *new)
{
	if (likely(pkt->t.family == AF_INET))
		return establish(kn, svc, pkt, AF_INET, new);
	return establish(kn, svc, pkt, AF_INET6, new);
}
