// SPDX-License-Identifier: GPL-2.0
/* New connections where making one takes more than establish.h has. */
#include "establish.h"

#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>

/* Connections without an entry may still be alive this long, in jiffies. */
#define OVERFLOW_LASTS	(300 * HZ)

/* Whether there may be connections that there was no room for. */
bool klb_overflowed(const struct klb_net *kn)
{
	unsigned long overflow = READ_ONCE(kn->conns.overflow);

	return overflow && time_before(jiffies, overflow + OVERFLOW_LASTS);
}

static struct klb_conn *passing_conn(struct klb_passing *p,
				     struct klb_endpoint *ep, u8 reply_family)
{
	memset(&p->conn, 0, sizeof(p->conn));
	p->conn.ep = ep;
	p->conn.reply_family = reply_family;
	return &p->conn;
}

/**
 * klb_pass_request() - do without room for a connection
 * @kn: namespace
 * @pkt: a client's packet
 * @c: what was chosen for it
 * @p: gets a connection for this packet alone
 *
 * Return: whether that is possible.
 */
bool klb_pass_request(struct klb_net *kn, const struct klb_pkt *pkt,
		      const struct klb_choice *c, struct klb_passing *p)
{
	u8 family = pkt->t.family;

	if (!klb_pass_possible(c))
		return false;
	klb_init_conn(kn, passing_conn(p, c->ep, klb_chosen_family(c, family)),
		      pkt, family, c);
	klb_conn_note_overflow(&kn->conns);
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

	if (!klb_service_stateless(svc) || ep->family != svc->key.family ||
	    READ_ONCE(svc->forward) != KLB_FORWARD_NAT ||
	    klb_addr_any(svc->key.family, &svc->key.addr))
		return false;
	asked(svc, t, orig);
	return klb_service_pick(svc, orig, orig->family) == ep;
}

static void set_sides(struct klb_net *kn, struct klb_conn *conn,
		      const struct klb_tuple *o, const struct klb_tuple *r)
{
	u8 family = o->family;

	klb_side_set(klb_conn_side(conn, family, KLB_DIR_ORIG), family,
		     o->proto, o->ports, &o->src, &o->dst);
	klb_side_set(klb_conn_side(conn, family, KLB_DIR_REPLY), family,
		     r->proto, r->ports, &r->src, &r->dst);
	klb_conn_settle(&kn->conns, conn);
}

/**
 * klb_pass_answer() - the connection that there was no room for
 * @kn: namespace
 * @pkt: a packet that belongs to no connection and is for no service
 * @p: gets a connection for this packet alone
 *
 * For some minutes after the table was full an endpoint's packet may be the
 * answer to one that was sent on without a connection. It is taken for that
 * if Maglev would have sent the question here. That may be wrong for a client
 * that talks to the endpoint past the service, from a port by which Maglev
 * happens to give the same endpoint.
 *
 * Return: whether it is such an answer.
 */
bool klb_pass_answer(struct klb_net *kn, const struct klb_pkt *pkt,
		     struct klb_passing *p)
{
	struct rhlist_head *list, *pos;
	struct klb_endpoint *ep;
	struct klb_tuple orig;

	if (!klb_overflowed(kn))
		return false;
	list = klb_endpoints_at(kn, &pkt->t);
	rhl_for_each_entry_rcu(ep, pos, list, peers) {
		if (!answers(ep, &pkt->t, &orig))
			continue;
		set_sides(kn, passing_conn(p, ep, ep->family), &orig, &pkt->t);
		return true;
	}
	return false;
}
