// SPDX-License-Identifier: GPL-2.0
/* The way of a packet. Every exit counts exactly one reason. */
#include "datapath.h"

#include <linux/etherdevice.h>
#include <linux/ip.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <net/ip.h>

#include "deliver.h"
#include "establish.h"
#include "forward.h"
#include "icmp.h"
#include "nat.h"
#include "netns.h"
#include "parse.h"

static enum klb_verdict count(struct klb_net *kn, const struct klb_pkt *pkt,
			      enum klb_reason reason, enum klb_verdict verdict)
{
	klb_count(kn->stats, pkt->skb, reason);
	return verdict;
}

static enum klb_verdict drop(struct klb_net *kn, const struct klb_pkt *pkt,
			     enum klb_reason reason)
{
	return count(kn, pkt, reason, KLB_DROP);
}

static enum klb_verdict bystander(struct klb_net *kn,
				  const struct klb_pkt *pkt)
{
	return count(kn, pkt, KLB_REASON_BYSTANDER, KLB_PASS);
}

/* Whether nothing but empty look-ups can come of an IPv6 packet, which
 * klb_glance() has not looked at.
 */
static bool sieve_stops(const struct klb_net *kn, const struct klb_tuple *t)
{
	const struct klb_sieve_table *s = rcu_dereference(kn->sieve);

	return !s ||
	       !(klb_sieve_has(s, klb_sieve_fold(AF_INET6, &t->dst),
			       t->ports.dst, t->proto) ||
		 klb_sieve_has(s, klb_sieve_fold(AF_INET6, &t->src),
			       t->ports.src, t->proto) ||
		 klb_sieve_has(s, 0, t->ports.dst, t->proto));
}

/* A port of a bridge sees what goes from neighbour to neighbour. Answers
 * among it are klb's to translate; what a client sends is only if the frame
 * is for the bridge, else another balancer is meant.
 */
static noinline bool not_for_us(const struct sk_buff *skb, u8 dir)
{
	const struct net_device *master;

	if (skb->pkt_type != PACKET_OTHERHOST ||
	    !netif_is_bridge_port(skb->dev))
		return true;
	if (dir == KLB_DIR_REPLY)
		return false;
	master = netdev_master_upper_dev_get_rcu(skb->dev);
	return !master || !skb_mac_header_was_set(skb) ||
	       !ether_addr_equal(eth_hdr(skb)->h_dest, master->dev_addr);
}

static __always_inline bool foreign(const struct klb_pkt *pkt, u8 dir)
{
	return pkt->hook == KLB_HOOK_INGRESS &&
	       unlikely(pkt->skb->pkt_type != PACKET_HOST) &&
	       not_for_us(pkt->skb, dir);
}

/* The route to the endpoint or to the client. */
static __always_inline struct klb_route *
route_of(struct klb_net *kn, struct klb_conn *conn, u8 family, u8 dir)
{
	struct klb_endpoint *ep = conn->ep;
	const struct klb_side *o;
	union klb_addr client;

	if (dir == KLB_DIR_ORIG)
		return klb_route_use(kn, &ep->route, family, &ep->addr);
	o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	if (family == AF_INET)
		client.ip = o->addr.ip.src;
	else
		client = o->addr.ip6.src;
	return klb_route_use(kn, &conn->back, family, &client);
}

static __always_inline void touch(struct klb_conn *conn)
{
	WRITE_ONCE(conn->expires, (u32)jiffies + READ_ONCE(conn->timeout));
}

static noinline void step(struct klb_conn *conn, u8 state)
{
	klb_conn_set_state(conn, state);
}

/* State machine, and what the packet adds to the counters. */
static __always_inline void advance(struct klb_conn *conn,
				    const struct klb_pkt *pkt, u8 dir)
{
	u8 state = READ_ONCE(conn->state), next = state;

	if (pkt->t.proto == IPPROTO_TCP) {
		if (state != KLB_CONN_STATE_ESTABLISHED ||
		    pkt->tcp_flags & (KLB_TCP_SYN | KLB_TCP_FIN | KLB_TCP_RST))
			next = klb_tcp_next(state, dir, pkt->tcp_flags);
	} else if (dir == KLB_DIR_REPLY) {
		next = KLB_CONN_STATE_REPLIED;
	}
	if (unlikely(next != state))
		step(conn, next);
	else
		touch(conn);
}

static __always_inline void count_in_conn(struct klb_conn *conn,
					  const struct klb_pkt *pkt, u8 dir)
{
	u32 packets = 1;

	if (unlikely(skb_is_gso(pkt->skb)))
		packets = max_t(u32, 1, skb_shinfo(pkt->skb)->gso_segs);
	WRITE_ONCE(conn->packets[dir], conn->packets[dir] + packets);
	WRITE_ONCE(conn->bytes[dir], conn->bytes[dir] + pkt->len);
}

static bool may_fragment(const struct klb_pkt *pkt)
{
	return pkt->t.family == AF_INET &&
	       !(klb_ip(pkt)->frag_off & htons(IP_DF));
}

static __always_inline u8 ttl(const struct klb_pkt *pkt)
{
	if (pkt->t.family == AF_INET)
		return klb_ip(pkt)->ttl;
	return klb_ip6(pkt)->hop_limit;
}

static noinline enum klb_verdict refuse(struct klb_net *kn,
					struct klb_pkt *pkt,
					struct klb_conn *conn, u8 dir,
					enum klb_reason reason, u32 mtu)
{
	struct klb_route *back = route_of(kn, conn, pkt->t.family, !dir);

	if (back && reason == KLB_REASON_TTL)
		klb_icmp_ttl(pkt, back);
	else if (back)
		klb_icmp_too_big(pkt, back, mtu);
	return drop(kn, pkt, reason);
}

static noinline enum klb_verdict deliver(struct klb_net *kn,
					 struct klb_pkt *pkt,
					 struct klb_conn *conn, u8 dir,
					 struct klb_route *rt)
{
	struct net_device *dev = NULL;
	bool trusted = dir == KLB_DIR_REPLY || conn->flags & KLB_CONN_SNAT;
	enum klb_verdict verdict;

	if (pkt->hook == KLB_HOOK_DEV)
		dev = pkt->skb->dev;
	else if (dir == KLB_DIR_REPLY && conn->flags & KLB_CONN_KLB_DEV)
		dev = dev_get_by_index_rcu(kn->net, conn->klb_ifindex);
	verdict = klb_deliver(pkt, rt, dev, trusted);
	return count(kn, pkt, verdict == KLB_DROP ? KLB_REASON_NO_MEMORY :
						    KLB_REASON_DELIVERED,
		     verdict);
}

static enum klb_verdict fragments(struct klb_net *kn, struct klb_pkt *pkt,
				  struct klb_route *rt)
{
	const void *skb = pkt->skb;
	enum klb_reason reason = klb_forward_fragments(kn, pkt, rt);

	klb_count(kn->stats, skb, reason);
	return KLB_TAKEN;
}

/* The reply of a process of this host: its route was found before. */
static noinline enum klb_verdict
translate_on_egress(struct klb_net *kn, struct klb_pkt *pkt,
		    struct klb_conn *conn, const struct klb_side *side)
{
	if (!klb_nat(pkt, side, klb_conn_side(conn, pkt->t.family,
					      KLB_DIR_ORIG), false))
		return drop(kn, pkt, KLB_REASON_NO_MEMORY);
	advance(conn, pkt, KLB_DIR_REPLY);
	count_in_conn(conn, pkt, KLB_DIR_REPLY);
	return count(kn, pkt, KLB_REASON_REPLIED_LOCAL, KLB_PASS);
}

/* A packet that belongs to @conn and has the tuple of @side: to the other end.
 * Nothing is passed up on the way unless it has been translated.
 */
static __always_inline enum klb_verdict
translate(struct klb_net *kn, struct klb_pkt *pkt, struct klb_conn *conn,
	  const struct klb_side *side, u8 family)
{
	u8 dir = side->dir;
	const void *skb = pkt->skb;
	enum klb_reason reason;
	struct klb_route *rt;
	bool fits, hop;

	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return translate_on_egress(kn, pkt, conn, side);
	rt = route_of(kn, conn, family, dir);
	if (unlikely(!rt))
		return drop(kn, pkt, KLB_REASON_NO_ROUTE);
	fits = rt->local || klb_forward_fits(pkt, rt);
	if (unlikely(!fits) && !may_fragment(pkt))
		return refuse(kn, pkt, conn, dir, KLB_REASON_TOO_BIG, rt->mtu);
	hop = pkt->hook == KLB_HOOK_INGRESS && !rt->local;
	if (unlikely(hop && ttl(pkt) <= 1))
		return refuse(kn, pkt, conn, dir, KLB_REASON_TTL, 0);
	if (unlikely(!klb_nat(pkt, side, klb_conn_side(conn, family, !dir),
			      hop)))
		return drop(kn, pkt, KLB_REASON_NO_MEMORY);
	advance(conn, pkt, dir);
	count_in_conn(conn, pkt, dir);
	if (unlikely(rt->local))
		return deliver(kn, pkt, conn, dir, rt);
	if (unlikely(!fits))
		return fragments(kn, pkt, rt);
	reason = klb_forward(kn, pkt, rt);
	klb_count(kn->stats, skb, reason);
	return KLB_TAKEN;
}

/* Whether a packet of the client shows that its connection is over and this
 * is a new one with the same tuple, or that its endpoint is gone.
 */
static __always_inline bool outlived(const struct klb_pkt *pkt,
				     const struct klb_conn *conn)
{
	if (unlikely(klb_conn_expired(conn, (u32)jiffies)))
		return true;
	if (pkt->t.proto == IPPROTO_UDP)
		return !klb_endpoint_serving(conn->ep);
	return unlikely((pkt->tcp_flags & (KLB_TCP_SYN | KLB_TCP_ACK |
					   KLB_TCP_RST)) == KLB_TCP_SYN) &&
	       klb_tcp_reopens(READ_ONCE(conn->state));
}

/* A packet for which there is no room in the table. */
static noinline enum klb_verdict stateless(struct klb_net *kn,
					   struct klb_pkt *pkt,
					   struct klb_conn *conn,
					   const struct klb_side *side)
{
	u8 family = pkt->t.family, dir = side->dir;
	struct klb_route *rt = route_of(kn, conn, family, dir);
	const void *skb = pkt->skb;
	enum klb_reason reason;

	if (!rt)
		return drop(kn, pkt, KLB_REASON_NO_ROUTE);
	if (!rt->local && !klb_forward_fits(pkt, rt))
		return refuse(kn, pkt, conn, dir, KLB_REASON_TOO_BIG, rt->mtu);
	if (!klb_nat(pkt, side, klb_conn_side(conn, family, !dir), false))
		return drop(kn, pkt, KLB_REASON_NO_MEMORY);
	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return count(kn, pkt, KLB_REASON_STATELESS, KLB_PASS);
	if (rt->local)
		return deliver(kn, pkt, conn, dir, rt);
	reason = klb_forward(kn, pkt, rt);
	klb_count(kn->stats, skb, reason == KLB_REASON_SEND ?
				  reason : KLB_REASON_STATELESS);
	return KLB_TAKEN;
}

static enum klb_verdict pass_through(struct klb_net *kn, struct klb_pkt *pkt,
				     struct klb_new *new, u8 dir)
{
	enum klb_verdict verdict;

	verdict = stateless(kn, pkt, new->conn,
			    klb_conn_side(new->conn, pkt->t.family, dir));
	klb_conn_drop_route(new->conn);
	return verdict;
}

/* Neither of a connection nor for a service. */
static enum klb_verdict begin_nothing(struct klb_net *kn, struct klb_pkt *pkt)
{
	struct klb_new new KLB_UNINIT;

	if (!klb_establish_answer(kn, pkt, &new) ||
	    foreign(pkt, KLB_DIR_REPLY))
		return bystander(kn, pkt);
	if (pkt->fragment)
		return drop(kn, pkt, KLB_REASON_FRAGMENT);
	if (!klb_parse_check(pkt))
		return drop(kn, pkt, KLB_REASON_MALFORMED);
	return pass_through(kn, pkt, &new, KLB_DIR_REPLY);
}

/* The first packet that klb sees of a connection. */
static noinline enum klb_verdict begin(struct klb_net *kn,
				       struct klb_pkt *pkt)
{
	struct klb_service *svc = klb_service_lookup(kn, &pkt->t);
	struct klb_new new KLB_UNINIT;

	if (!svc)
		return begin_nothing(kn, pkt);
	if (foreign(pkt, KLB_DIR_ORIG))
		return bystander(kn, pkt);
	if (pkt->fragment)
		return drop(kn, pkt, KLB_REASON_FRAGMENT);
	if (!klb_parse_check(pkt))
		return drop(kn, pkt, KLB_REASON_MALFORMED);
	if (!klb_establish(kn, svc, pkt, &new))
		return drop(kn, pkt, new.reason);
	if (unlikely(new.stateless))
		return pass_through(kn, pkt, &new, KLB_DIR_ORIG);
	return translate(kn, pkt, new.conn,
			 klb_conn_side(new.conn, pkt->t.family,
				       KLB_DIR_ORIG), pkt->t.family);
}

static __always_inline enum klb_verdict
go_on(struct klb_net *kn, struct klb_pkt *pkt, struct klb_side *side,
      u8 family)
{
	struct klb_conn *conn = klb_side_conn(side, family);
	u8 dir = side->dir;

	if (foreign(pkt, dir))
		return bystander(kn, pkt);
	if (dir == KLB_DIR_ORIG && outlived(pkt, conn)) {
		klb_conn_kill(kn, conn);
		return begin(kn, pkt);
	}
	if (unlikely(pkt->fragment))
		return drop(kn, pkt, KLB_REASON_FRAGMENT);
	if (unlikely(!klb_parse_check(pkt)))
		return drop(kn, pkt, KLB_REASON_MALFORMED);
	return translate(kn, pkt, conn, side, family);
}

enum klb_verdict klb_run(struct klb_net *kn, struct klb_pkt *pkt)
{
	struct klb_side *side;

	if (unlikely(!klb_parse(pkt)))
		return bystander(kn, pkt);
	if (pkt->t.family == AF_INET6 && sieve_stops(kn, &pkt->t))
		return bystander(kn, pkt);
	side = klb_conn_lookup(kn, &pkt->t);
	if (unlikely(!side))
		return begin(kn, pkt);
	if (likely(pkt->t.family == AF_INET))
		return go_on(kn, pkt, side, AF_INET);
	return go_on(kn, pkt, side, AF_INET6);
}

/* Explaining */

static void explain_way(struct klb_net *kn, struct klb_explanation *ex,
			struct klb_route *rt)
{
	const struct net_device *peer;

	ex->outcome = rt->local ? KLB_OUTCOME_LOCAL : KLB_OUTCOME_FORWARD;
	ex->reason = rt->local ? KLB_REASON_DELIVERED : KLB_REASON_FORWARDED;
	ex->ifindex = rt->dev->ifindex;
	ex->mtu = rt->mtu;
	if (rt->local)
		return;
	ex->nexthop_len = rt->neigh->tbl->key_len;
	memcpy(&ex->nexthop, rt->neigh->primary_key, ex->nexthop_len);
	peer = klb_forward_peer(kn, rt);
	if (peer) {
		ex->veth_peer = true;
		ex->reason = KLB_REASON_VETH_PEER;
	}
}

static void explain_conn(struct klb_net *kn, struct klb_explanation *ex,
			 struct klb_side *side, u8 family)
{
	struct klb_conn *conn = klb_side_conn(side, family);
	struct klb_route *rt = route_of(kn, conn, family, side->dir);

	ex->has_conn = true;
	klb_conn_info(conn, &ex->conn);
	ex->svc = conn->ep->svc;
	ex->ep = conn->ep;
	if (rt)
		explain_way(kn, ex, rt);
	else
		ex->reason = KLB_REASON_NO_ROUTE;
}

static void explain_new(struct klb_net *kn, struct klb_explanation *ex,
			const struct klb_tuple *t)
{
	struct klb_choice c;
	bool ok;

	ex->svc = klb_service_lookup(kn, t);
	if (!ex->svc) {
		ex->outcome = KLB_OUTCOME_PASS;
		ex->reason = KLB_REASON_BYSTANDER;
		return;
	}
	ok = klb_choose(kn, ex->svc, t, &c, &ex->reason);
	ex->ep = c.ep;
	if (!ok)
		return;
	if (c.fullnat && READ_ONCE(c.ep->ports_full))
		ex->reason = KLB_REASON_NO_PORT;
	else
		explain_way(kn, ex, c.rt);
}

/* A packet that goes on in a connection, or a client's first one: a SYN or a
 * datagram.
 */
void klb_explain(struct klb_net *kn, const struct klb_tuple *t,
		 struct klb_explanation *ex)
{
	const struct klb_pkt pkt = {
		.t = *t,
		.tcp_flags = KLB_TCP_SYN,
	};
	struct klb_side *side = klb_conn_lookup(kn, t);

	memset(ex, 0, sizeof(*ex));
	ex->outcome = KLB_OUTCOME_DROP;
	if (side && (side->dir == KLB_DIR_REPLY ||
		     !outlived(&pkt, klb_side_conn(side, t->family))))
		explain_conn(kn, ex, side, t->family);
	else
		explain_new(kn, ex, t);
}
