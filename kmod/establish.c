// SPDX-License-Identifier: GPL-2.0
#include "establish.h"

#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>

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
static bool hairpin(const struct klb_tuple *t, const struct klb_choice *c)
{
	return !c->rt->local &&
	       klb_addr_equal(t->family, &t->src, &c->ep->addr);
}

static void set_reply(const struct klb_tuple *t, struct klb_choice *c)
{
	struct klb_tuple *r = &c->reply;

	r->src = c->ep->addr;
	klb_addr_copy(t->family, &r->dst, c->fullnat ? &c->rt->source :
						      &t->src);
	r->ports.src = c->ep->port;
	r->ports.dst = t->ports.src;
	r->proto = t->proto;
	r->family = t->family;
}

bool klb_choose(struct klb_net *kn, const struct klb_service *svc,
		const struct klb_tuple *t, struct klb_choice *c,
		enum klb_reason *reason)
{
	*reason = KLB_REASON_NO_ENDPOINT;
	c->ep = klb_service_pick(svc, t);
	if (!c->ep)
		return false;
	*reason = KLB_REASON_NO_ROUTE;
	c->rt = klb_route_use(kn, kn->net, &c->ep->route, t->family,
			      &c->ep->addr);
	if (!c->rt)
		return false;
	c->fullnat = READ_ONCE(svc->forward) == KLB_FORWARD_FULLNAT ||
		     hairpin(t, c);
	*reason = KLB_REASON_NO_SOURCE;
	if (c->fullnat && klb_addr_any(t->family, &c->rt->source))
		return false;
	set_reply(t, c);
	return true;
}

/* A source port for which the reply tuple is nobody else's. */
static int insert_any_port(struct klb_net *kn, struct klb_conn *conn,
			   const struct klb_tuple *orig,
			   struct klb_tuple *reply)
{
	u32 seed = klb_conn_side(conn, orig->family, KLB_DIR_ORIG)->hash;
	struct klb_endpoint *ep = conn->ep;
	struct klb_port_walk walk;
	u16 port;
	int err;

	klb_port_walk_init(&walk, SNAT_PORT_LOW, SNAT_PORT_HIGH, seed);
	conn->flags |= KLB_CONN_SNAT;
	while ((port = klb_port_walk_next(&walk))) {
		reply->ports.dst = htons(port);
		if (klb_conn_reply_used(kn, reply))
			continue;
		klb_conn_set_reply(kn, conn, reply);
		err = klb_conn_insert(kn, conn);
		if (err != -EADDRINUSE)
			return err;
	}
	WRITE_ONCE(ep->ports_full, true);
	return -EADDRINUSE;
}

/* The client's own port first, unless the service replaces it. The tuples
 * are set for that.
 */
static int insert(struct klb_net *kn, struct klb_conn *conn,
		  const struct klb_tuple *orig, struct klb_choice *c)
{
	int err;

	if (!c->fullnat) {
		err = klb_conn_insert(kn, conn);
		if (likely(err != -EADDRINUSE))
			return err;
	}
	return insert_any_port(kn, conn, orig, &c->reply);
}

static void init_conn(struct klb_net *kn, struct klb_conn *conn,
		      const struct klb_pkt *pkt, const struct klb_choice *c)
{
	if (pkt->hook == KLB_HOOK_DEV) {
		conn->flags |= KLB_CONN_KLB_DEV;
		conn->klb_ifindex = pkt->skb->dev->ifindex;
	}
	klb_conn_set_orig(conn, pkt->hash, &pkt->t);
	klb_conn_set_reply(kn, conn, &c->reply);
	klb_conn_set_state(conn, pkt->t.proto == IPPROTO_TCP ?
				 klb_tcp_first(pkt->tcp_flags) :
				 KLB_CONN_STATE_UNREPLIED);
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
 * next one the same endpoint; a source that was replaced would need memory.
 */
static bool establish_stateless(struct klb_net *kn, const struct klb_pkt *pkt,
				const struct klb_choice *c, bool full,
				struct klb_new *new)
{
	new->reason = full ? KLB_REASON_CONN_MAX : KLB_REASON_NO_MEMORY;
	if (c->fullnat)
		return false;
	init_conn(kn, passing_conn(new, c->ep), pkt, c);
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
	return klb_service_pick(svc, orig) == ep;
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
	struct klb_conn *conn;
	struct klb_tuple orig;

	if (!overflowed(kn))
		return false;
	list = klb_endpoints_at(kn, &pkt->t);
	rhl_for_each_entry_rcu(ep, pos, list, peers) {
		if (!answers(ep, &pkt->t, &orig))
			continue;
		conn = passing_conn(new, ep);
		klb_conn_set_orig(conn, 0, &orig);
		klb_conn_set_reply(kn, conn, &pkt->t);
		return true;
	}
	return false;
}

/* Another CPU has made the connection, with the same packet or the next. */
static bool use_winner(struct klb_net *kn, const struct klb_pkt *pkt,
		       struct klb_new *new)
{
	struct klb_side *side = klb_conn_lookup(kn, &pkt->t);

	new->reason = KLB_REASON_NO_PORT;
	if (!side || side->dir != KLB_DIR_ORIG)
		return false;
	new->conn = klb_side_conn(side, pkt->t.family);
	return true;
}

static bool establish(struct klb_net *kn, const struct klb_pkt *pkt,
		      struct klb_choice *c, struct klb_new *new)
{
	struct klb_conn *conn;
	bool full;
	int err;

	conn = klb_conn_alloc(kn, &pkt->t, c->ep, &full);
	if (unlikely(!conn))
		return establish_stateless(kn, pkt, c, full, new);
	init_conn(kn, conn, pkt, c);
	if (unlikely(!klb_endpoint_tryget(c->ep))) {
		klb_conn_free_unseen(kn, conn);
		new->reason = KLB_REASON_NO_ENDPOINT;
		return false;
	}
	err = insert(kn, conn, &pkt->t, c);
	new->conn = conn;
	if (likely(!err))
		return true;
	klb_conn_discard(kn, conn);
	return use_winner(kn, pkt, new);
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
	bool begins = may_begin(pkt);
	struct klb_choice c;

	new->stateless = false;
	new->reason = KLB_REASON_NOT_SYN;
	if (unlikely(!begins && !overflowed(kn)))
		return false;
	if (unlikely(!klb_choose(kn, svc, &pkt->t, &c, &new->reason)))
		return false;
	if (unlikely(!begins))
		return establish_stateless(kn, pkt, &c, true, new);
	new->reason = KLB_REASON_NO_PORT;
	if (unlikely(c.fullnat && READ_ONCE(c.ep->ports_full)))
		return false;
	return establish(kn, pkt, &c, new);
}
