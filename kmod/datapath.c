// SPDX-License-Identifier: GPL-2.0
/* The way of a packet. Every exit counts exactly one reason.
 *
 * There is one way, written once, of inline functions. Packets that came in
 * and look as most do go it with family, direction and offsets known to the
 * compiler (klb_run_ip(), run_ip6()), all others with them in variables
 * (klb_run()).
 */
#include "datapath.h"

#include <linux/etherdevice.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>

#include "deliver.h"
#include "establish.h"
#include "forward.h"
#include "icmp.h"
#include "nat.h"
#include "netns.h"
#include "parse.h"

static __always_inline enum klb_verdict count(struct klb_net *kn,
					      const void *skb,
					      enum klb_reason reason,
					      enum klb_verdict verdict)
{
	klb_count(kn->stats, skb, reason);
	return verdict;
}

static noinline enum klb_verdict drop(struct klb_net *kn,
				      const struct sk_buff *skb,
				      enum klb_reason reason)
{
	return count(kn, skb, reason, KLB_DROP);
}

static noinline enum klb_verdict bystander(struct klb_net *kn,
					   const struct sk_buff *skb)
{
	return count(kn, skb, KLB_REASON_BYSTANDER, KLB_PASS);
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

noinline struct klb_route *klb_route_back(struct klb_net *kn,
					  struct klb_conn *conn,
				 u8 family)
{
	const struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	struct klb_route *old = rcu_dereference(conn->back);
	union klb_addr client = {};

	if (family == AF_INET)
		client.ip = o->addr.ip.src;
	else
		client = o->addr.ip6.src;
	return klb_route_renew(kn, &conn->back, old, family, &client);
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
		WRITE_ONCE(conn->expires,
			   (u32)jiffies + READ_ONCE(conn->timeout));
}

static __always_inline void count_in_conn(struct klb_conn *conn,
					  const struct klb_pkt *pkt, u8 dir)
{
	u32 packets = 1;

	if (skb_is_gso(pkt->skb))
		packets = max_t(u32, 1, skb_shinfo(pkt->skb)->gso_segs);
	WRITE_ONCE(conn->packets[dir], conn->packets[dir] + packets);
	WRITE_ONCE(conn->bytes[dir], conn->bytes[dir] + pkt->len);
}

static __always_inline bool may_fragment(const struct klb_pkt *pkt)
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

/* What the hot path has in registers, once more. It was parsed before, so it
 * can be parsed again.
 */
static bool parse_again(struct klb_pkt *pkt, struct sk_buff *skb, u8 hook)
{
	pkt->skb = skb;
	pkt->hook = hook;
	return (klb_glance(skb) && klb_parse_plain4(pkt)) || klb_parse(pkt);
}

/* Drops it and tells the sender why. @mtu: for KLB_REASON_TOO_BIG */
static noinline enum klb_verdict refuse(struct klb_net *kn,
					struct sk_buff *skb,
					struct klb_conn *conn, u8 dir,
					enum klb_reason reason, u32 mtu)
{
	u8 family = klb_conn_family(conn);
	struct klb_route *back = klb_route_of(kn, conn, family, !dir);

	if (back && reason == KLB_REASON_TTL)
		klb_icmp_ttl(skb, family, back);
	else if (back)
		klb_icmp_too_big(skb, family, back, mtu);
	return drop(kn, skb, reason);
}

static noinline enum klb_verdict deliver(struct klb_net *kn,
					 struct sk_buff *skb, u8 hook,
					 struct klb_conn *conn, u8 dir,
					 struct klb_route *rt)
{
	struct net_device *dev = NULL;
	bool trusted = dir == KLB_DIR_REPLY || conn->flags & KLB_CONN_SNAT;
	enum klb_verdict verdict;

	if (hook == KLB_HOOK_DEV)
		dev = skb->dev;
	else if (dir == KLB_DIR_REPLY && conn->flags & KLB_CONN_KLB_DEV)
		dev = dev_get_by_index_rcu(kn->net, conn->klb_ifindex);
	verdict = klb_deliver(skb, hook, rt, dev, trusted);
	return count(kn, skb, verdict == KLB_DROP ? KLB_REASON_NO_MEMORY :
						    KLB_REASON_DELIVERED,
		     verdict);
}

/* Addresses, ports, state and counters: what is done to every packet. */
static __always_inline bool rewrite(struct klb_pkt *pkt, struct klb_conn *conn,
				    const struct klb_side *side, u8 family,
				    u8 dir, bool hop)
{
	if (unlikely(!klb_nat(pkt, side, klb_conn_side(conn, family, !dir),
			      hop)))
		return false;
	advance(conn, pkt, dir);
	count_in_conn(conn, pkt, dir);
	return true;
}

/* translate() for what stays on this host: the reply of a process, which has
 * been given its route before, and what goes to one.
 */
static noinline enum klb_verdict
translate_here(struct klb_net *kn, struct sk_buff *skb, u8 hook,
	       struct klb_conn *conn, u8 dir, struct klb_route *rt)
{
	u8 family = klb_conn_family(conn);
	struct klb_pkt pkt;

	if (!parse_again(&pkt, skb, hook))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	if (!rewrite(&pkt, conn, klb_conn_side(conn, family, dir), family, dir,
		     false))
		return drop(kn, skb, KLB_REASON_NO_MEMORY);
	if (rt)
		return deliver(kn, skb, hook, conn, dir, rt);
	return count(kn, skb, KLB_REASON_REPLIED_LOCAL, KLB_PASS);
}

/* translate() for what does not fit the way: fragments, or refused. */
static noinline enum klb_verdict
translate_large(struct klb_net *kn, struct sk_buff *skb, u8 hook,
		struct klb_conn *conn, u8 dir, struct klb_route *rt)
{
	u8 family = klb_conn_family(conn);
	bool hop = hook == KLB_HOOK_INGRESS;
	const void *id = skb;
	struct klb_pkt pkt;

	if (!parse_again(&pkt, skb, hook))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	if (!may_fragment(&pkt))
		return refuse(kn, skb, conn, dir, KLB_REASON_TOO_BIG, rt->mtu);
	if (hop && ttl(&pkt) <= 1)
		return refuse(kn, skb, conn, dir, KLB_REASON_TTL, 0);
	if (!rewrite(&pkt, conn, klb_conn_side(conn, family, dir), family, dir,
		     hop))
		return drop(kn, skb, KLB_REASON_NO_MEMORY);
	return count(kn, id, klb_forward_fragments(kn, skb, hook, rt), KLB_TAKEN);
}

/* A packet that belongs to @conn and has the tuple of @side: to the other end,
 * by @rt. Nothing is passed up on the way unless it has been translated.
 */
static __always_inline enum klb_verdict
translate_by(struct klb_net *kn, struct klb_pkt *pkt, struct klb_conn *conn,
	     const struct klb_side *side, u8 family, u8 dir,
	     struct klb_route *rt)
{
	bool hop = pkt->hook == KLB_HOOK_INGRESS;
	struct sk_buff *skb = pkt->skb;
	enum klb_reason reason;
	const void *id = skb;

	if (unlikely(rt->local))
		return translate_here(kn, skb, pkt->hook, conn, dir, rt);
	if (unlikely(!klb_forward_fits(pkt, rt)))
		return translate_large(kn, skb, pkt->hook, conn, dir, rt);
	if (hop && unlikely(ttl(pkt) <= 1))
		return refuse(kn, skb, conn, dir, KLB_REASON_TTL, 0);
	if (unlikely(!rewrite(pkt, conn, side, family, dir, hop)))
		return drop(kn, skb, KLB_REASON_NO_MEMORY);
	reason = klb_forward(kn, skb, pkt->hook, rt);
	if (likely(reason == KLB_REASON_FORWARDED))
		return count(kn, id, KLB_REASON_FORWARDED, KLB_TAKEN);
	return count(kn, id, reason, KLB_TAKEN);
}

static __always_inline enum klb_verdict
translate(struct klb_net *kn, struct klb_pkt *pkt, struct klb_conn *conn,
	  const struct klb_side *side, u8 family, u8 dir)
{
	struct klb_route *rt;

	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return translate_here(kn, pkt->skb, pkt->hook, conn, dir, NULL);
	rt = klb_route_of(kn, conn, family, dir);
	if (unlikely(!rt))
		return drop(kn, pkt->skb, KLB_REASON_NO_ROUTE);
	return translate_by(kn, pkt, conn, side, family, dir, rt);
}

/* A packet of a connection that there is no room for. */
static enum klb_verdict translate_stateless(struct klb_net *kn,
					    struct klb_pkt *pkt,
					    struct klb_conn *conn, u8 dir)
{
	u8 family = pkt->t.family;
	struct klb_route *rt = klb_route_of(kn, conn, family, dir);
	struct sk_buff *skb = pkt->skb;
	enum klb_reason reason;
	const void *id = skb;

	if (!rt)
		return drop(kn, skb, KLB_REASON_NO_ROUTE);
	if (!rt->local && !klb_forward_fits(pkt, rt))
		return refuse(kn, skb, conn, dir, KLB_REASON_TOO_BIG, rt->mtu);
	if (!klb_nat(pkt, klb_conn_side(conn, family, dir),
		     klb_conn_side(conn, family, !dir), false))
		return drop(kn, skb, KLB_REASON_NO_MEMORY);
	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return count(kn, id, KLB_REASON_STATELESS, KLB_PASS);
	if (rt->local)
		return deliver(kn, skb, pkt->hook, conn, dir, rt);
	reason = klb_forward(kn, skb, pkt->hook, rt);
	if (reason == KLB_REASON_FORWARDED || reason == KLB_REASON_VETH_PEER)
		reason = KLB_REASON_STATELESS;
	return count(kn, id, reason, KLB_TAKEN);
}

static noinline enum klb_verdict stateless(struct klb_net *kn,
					   struct klb_pkt *pkt,
					   struct klb_conn *conn, u8 dir)
{
	enum klb_verdict verdict = translate_stateless(kn, pkt, conn, dir);

	klb_conn_drop_route(conn);
	return verdict;
}

/* Neither of a connection nor for a service. */
static noinline enum klb_verdict begin_nothing(struct klb_net *kn,
					       struct sk_buff *skb, u8 hook)
{
	struct klb_passing p;
	struct klb_pkt pkt;

	if (!parse_again(&pkt, skb, hook) || !klb_pass_answer(kn, &pkt, &p) ||
	    foreign(&pkt, KLB_DIR_REPLY))
		return bystander(kn, skb);
	if (pkt.fragment)
		return drop(kn, skb, KLB_REASON_FRAGMENT);
	if (!klb_parse_check(&pkt))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	return stateless(kn, &pkt, &p.conn, KLB_DIR_REPLY);
}

/* For a service, and no connection is made for it for @reason. */
static noinline enum klb_verdict begin_stateless(struct klb_net *kn,
						 struct sk_buff *skb, u8 hook,
						 enum klb_reason reason)
{
	struct klb_service *svc;
	enum klb_reason why;
	struct klb_choice c;
	struct klb_passing p;
	struct klb_pkt pkt;

	if (!parse_again(&pkt, skb, hook))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	svc = klb_service_lookup(kn, &pkt.t, pkt.t.family);
	if (!svc || (reason == KLB_REASON_NOT_SYN && !klb_overflowed(kn)))
		return drop(kn, skb, reason);
	if (!klb_choose(kn, svc, &pkt.t, pkt.t.family, &c, &why))
		return drop(kn, skb, why);
	if (!klb_pass_request(kn, &pkt, &c, &p))
		return drop(kn, skb, reason);
	return stateless(kn, &pkt, &p.conn, KLB_DIR_ORIG);
}

/* Another CPU has made the connection, with the same packet or the next. */
static noinline enum klb_verdict begin_lost(struct klb_net *kn,
					    struct sk_buff *skb, u8 hook)
{
	struct klb_side *side;
	struct klb_pkt pkt;
	u8 family;

	if (!parse_again(&pkt, skb, hook))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	side = klb_conn_lookup(kn, &pkt.t);
	if (!side || side->dir != KLB_DIR_ORIG)
		return drop(kn, skb, KLB_REASON_NO_PORT);
	family = pkt.t.family;
	return translate(kn, &pkt, klb_side_conn(side, family), side, family,
			 KLB_DIR_ORIG);
}

/* With an endpoint that was chosen for a packet. */
static __always_inline enum klb_verdict
begin_with(struct klb_net *kn, struct klb_pkt *pkt, u8 family,
	   const struct klb_choice *c)
{
	struct klb_conn *conn;

	if (unlikely(c->fullnat && READ_ONCE(c->ep->ports_full)))
		return drop(kn, pkt->skb, KLB_REASON_NO_PORT);
	conn = klb_conn_alloc(kn, family, c->ep);
	if (IS_ERR(conn))
		return begin_stateless(kn, pkt->skb, pkt->hook,
				       conn == ERR_PTR(-ENOSPC) ?
				       KLB_REASON_CONN_MAX :
				       KLB_REASON_NO_MEMORY);
	klb_init_conn(kn, conn, pkt, family, c);
	if (unlikely(!klb_endpoint_tryget(c->ep))) {
		klb_conn_free_unseen(kn, conn);
		return drop(kn, pkt->skb, KLB_REASON_NO_ENDPOINT);
	}
	if (unlikely(klb_establish(kn, conn, family, c->fullnat))) {
		klb_conn_discard(kn, conn);
		return begin_lost(kn, pkt->skb, pkt->hook);
	}
	return translate_by(kn, pkt, conn,
			    klb_conn_side(conn, family, KLB_DIR_ORIG), family,
			    KLB_DIR_ORIG, c->rt);
}

/* The first packet that klb sees of a connection. */
static __always_inline enum klb_verdict
begin_in(struct klb_net *kn, struct klb_pkt *pkt, u8 family)
{
	struct klb_service *svc = klb_service_lookup(kn, &pkt->t, family);
	enum klb_reason reason;
	struct klb_choice c;

	if (unlikely(!svc))
		return begin_nothing(kn, pkt->skb, pkt->hook);
	if (foreign(pkt, KLB_DIR_ORIG))
		return bystander(kn, pkt->skb);
	if (unlikely(pkt->fragment))
		return drop(kn, pkt->skb, KLB_REASON_FRAGMENT);
	if (unlikely(!klb_parse_check(pkt)))
		return drop(kn, pkt->skb, KLB_REASON_MALFORMED);
	if (unlikely(!klb_may_begin(pkt)))
		return begin_stateless(kn, pkt->skb, pkt->hook,
				       KLB_REASON_NOT_SYN);
	if (unlikely(!klb_choose(kn, svc, &pkt->t, family, &c, &reason)))
		return drop(kn, pkt->skb, reason);
	return begin_with(kn, pkt, family, &c);
}

static noinline enum klb_verdict begin(struct klb_net *kn,
				       struct klb_pkt *pkt)
{
	return begin_in(kn, pkt, pkt->t.family);
}

/* In place of a connection that is over. */
static noinline enum klb_verdict begin_again(struct klb_net *kn,
					     struct sk_buff *skb, u8 hook,
					     struct klb_conn *conn, u32 hash)
{
	struct klb_pkt pkt;

	klb_conn_kill(kn, conn);
	if (!parse_again(&pkt, skb, hook))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	pkt.hash = hash;
	return begin(kn, &pkt);
}

static __always_inline enum klb_verdict
go_on_as(struct klb_net *kn, struct klb_pkt *pkt, const struct klb_side *side,
	 u8 family, u8 dir)
{
	struct klb_conn *conn = klb_side_conn_of(side, family, dir);

	if (foreign(pkt, dir))
		return bystander(kn, pkt->skb);
	if (dir == KLB_DIR_ORIG && unlikely(klb_outlived(conn, pkt)))
		return begin_again(kn, pkt->skb, pkt->hook, conn, pkt->hash);
	if (unlikely(pkt->fragment))
		return drop(kn, pkt->skb, KLB_REASON_FRAGMENT);
	if (unlikely(!klb_parse_check(pkt)))
		return drop(kn, pkt->skb, KLB_REASON_MALFORMED);
	return translate(kn, pkt, conn, side, family, dir);
}

static __always_inline enum klb_verdict
go_on_with(struct klb_net *kn, struct klb_pkt *pkt,
	   const struct klb_side *side, u8 family)
{
	if (side->dir == KLB_DIR_ORIG)
		return go_on_as(kn, pkt, side, family, KLB_DIR_ORIG);
	return go_on_as(kn, pkt, side, family, KLB_DIR_REPLY);
}

/* Not found in table @b, at the end of whose chain is @end: nodes may be moving
 * to another table.
 */
static noinline enum klb_verdict missed(struct klb_net *kn,
					struct sk_buff *skb, u8 hook, u32 hash,
					const struct klb_buckets *b,
					const struct hlist_nulls_node *end)
{
	struct klb_side *side;
	struct klb_pkt pkt;
	struct klb_key key;

	if (!parse_again(&pkt, skb, hook))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	pkt.hash = hash;
	if (likely(!klb_buckets_moving(b, hash, end)))
		return begin(kn, &pkt);
	klb_key_set(&key, &pkt.t, pkt.t.family);
	side = klb_conn_find(&kn->conns, hash, pkt.t.family, &key);
	return side ? go_on_with(kn, &pkt, side, pkt.t.family) :
		      begin(kn, &pkt);
}

/* The same for klb_run_ip(). */
static noinline enum klb_verdict missed_ip(struct klb_net *kn,
					   struct sk_buff *skb, u32 hash,
					   const struct klb_buckets *b,
					   const struct hlist_nulls_node *end)
{
	struct klb_pkt pkt;

	if (unlikely(klb_buckets_moving(b, hash, end)))
		return missed(kn, skb, KLB_HOOK_INGRESS, hash, b, end);
	pkt.skb = skb;
	pkt.hook = KLB_HOOK_INGRESS;
	pkt.hash = hash;
	if (unlikely(!klb_parse_plain4(&pkt)))
		return drop(kn, skb, KLB_REASON_MALFORMED);
	return begin_in(kn, &pkt, AF_INET);
}

/* With a packet that has been parsed. */
static __always_inline enum klb_verdict run(struct klb_net *kn,
					    struct klb_pkt *pkt, u8 family)
{
	const struct klb_buckets *b = rcu_dereference(kn->conns.buckets);
	struct hlist_nulls_node *pos;
	struct klb_side *side;
	struct klb_key key;

	if (unlikely(!b))
		return bystander(kn, pkt->skb);
	klb_key_set(&key, &pkt->t, family);
	pkt->hash = klb_key_hash(&kn->conns.key, family, &key);
	klb_bucket_for_each(side, pos, b, pkt->hash & b->mask)
		if (likely(klb_side_is(side, family, &key)))
			return go_on_with(kn, pkt, side, family);
	if (__builtin_constant_p(family) && family == AF_INET)
		return missed_ip(kn, pkt->skb, pkt->hash, b, pos);
	return missed(kn, pkt->skb, pkt->hook, pkt->hash, b, pos);
}

/* Whether nothing but empty look-ups can come of an IPv6 packet. */
static __always_inline bool sieve_stops(const struct klb_net *kn,
					const struct klb_tuple *t)
{
	const struct klb_sieve_table *s = rcu_dereference(kn->sieve);

	if (klb_sieve_has(s, klb_sieve_fold(AF_INET6, &t->dst), t->ports.dst))
		return false;
	if (klb_sieve_has(s, klb_sieve_fold(AF_INET6, &t->src), t->ports.src))
		return false;
	return !READ_ONCE(kn->any) ||
	       !klb_sieve_has(s, 0, t->ports.dst);
}

noinline enum klb_verdict klb_run(struct klb_net *kn, struct sk_buff *skb,
				  u8 hook)
{
	struct klb_pkt pkt;

	pkt.skb = skb;
	pkt.hook = hook;
	if (!klb_parse(&pkt))
		return bystander(kn, skb);
	if (pkt.t.family == AF_INET6 && sieve_stops(kn, &pkt.t))
		return bystander(kn, skb);
	return run(kn, &pkt, pkt.t.family);
}

static noinline __flatten enum klb_verdict run_ip6(struct klb_net *kn,
						   struct sk_buff *skb)
{
	struct klb_pkt pkt;

	pkt.skb = skb;
	pkt.hook = KLB_HOOK_INGRESS;
	if (unlikely(!klb_parse_plain6(&pkt)))
		return klb_run(kn, skb, KLB_HOOK_INGRESS);
	if (sieve_stops(kn, &pkt.t))
		return bystander(kn, skb);
	return run(kn, &pkt, AF_INET6);
}

enum klb_verdict klb_run_ingress(struct klb_net *kn, struct sk_buff *skb)
{
	if (skb->protocol == htons(ETH_P_IPV6))
		return run_ip6(kn, skb);
	return klb_run(kn, skb, KLB_HOOK_INGRESS);
}

/* All in one function, the neighbour's output included. */
__flatten enum klb_verdict klb_run_ip(struct klb_net *kn, struct sk_buff *skb)
{
	struct klb_pkt pkt;

	pkt.skb = skb;
	pkt.hook = KLB_HOOK_INGRESS;
	if (unlikely(!klb_parse_plain4(&pkt)))
		return klb_run(kn, skb, KLB_HOOK_INGRESS);
	return run(kn, &pkt, AF_INET);
}
