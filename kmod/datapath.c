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

#include "establish.h"
#include "forward.h"
#include "guard.h"
#include "frag.h"
#include "icmp_in.h"
#include "nat.h"
#include "netns.h"
#include "parse.h"
#include "reject.h"
#include "run_sctp.h"
#include "select.h"
#include "split.h"
#include "translate.h"

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

bool klb_foreign(const struct sk_buff *skb, u8 hook, u8 dir)
{
	return hook == KLB_HOOK_INGRESS && skb->pkt_type != PACKET_HOST &&
	       not_for_us(skb, dir);
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

	if (unlikely(rt->way))
		return klb_translate_otherwise(kn, skb, pkt->hook, conn, dir, rt);
	if (unlikely(!klb_forward_fits(pkt, rt)) ||
	    (!pkt->plain && klb_is_whole(skb)))
		return klb_translate_large(kn, skb, pkt->hook, conn, dir, rt);
	if (hop && unlikely(klb_ttl(pkt) <= 1))
		return klb_refuse(kn, skb, conn, dir, KLB_REASON_TTL, 0);
	if (unlikely(!klb_rewrite(pkt, conn, side, family, dir, hop)))
		return klb_drop(kn, skb, KLB_REASON_NO_MEMORY);
	reason = klb_forward(kn, skb, pkt->hook, rt);
	if (likely(reason == KLB_REASON_FORWARDED))
		return klb_counted(kn, id, KLB_REASON_FORWARDED, KLB_TAKEN);
	return klb_counted(kn, id, reason, KLB_TAKEN);
}

static __always_inline enum klb_verdict
translate(struct klb_net *kn, struct klb_pkt *pkt, struct klb_conn *conn,
	  const struct klb_side *side, u8 family, u8 dir)
{
	struct klb_route *rt;

	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return klb_translate_here(kn, pkt->skb, pkt->hook, conn, dir, NULL);
	rt = klb_route_of(kn, conn, family, dir);
	if (unlikely(!rt))
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_ROUTE);
	return translate_by(kn, pkt, conn, side, family, dir, rt);
}

enum klb_verdict klb_guard_drop(struct klb_net *kn, struct klb_pkt *pkt)
{
	if (!klb_bad_source(pkt) && klb_parse_check(pkt))
		klb_reject(kn, pkt);
	return klb_drop(kn, pkt->skb, KLB_REASON_GUARDED);
}

/* Neither of a connection nor for a service. */
static noinline enum klb_verdict begin_nothing(struct klb_net *kn,
					       struct sk_buff *skb, u8 hook)
{
	struct klb_passing p;
	struct klb_pkt pkt;

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_bystander(kn, skb, hook);
	if (klb_guarded(kn, pkt.t.family, &pkt.t.dst) &&
	    !foreign(&pkt, KLB_DIR_ORIG))
		return klb_guard_drop(kn, &pkt);
	if (!klb_pass_answer(kn, &pkt, &p) || foreign(&pkt, KLB_DIR_REPLY))
		return klb_bystander(kn, skb, hook);
	if (!klb_parse_check(&pkt))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	return klb_translate_stateless(kn, &pkt, &p.conn, KLB_DIR_REPLY);
}

/* Nobody sends from such an address, or only within this host. */
static __always_inline bool odd_source(const struct klb_tuple *t, u8 family)
{
	u32 first;

	if (family == AF_INET6)
		return !t->src.w[0] || t->src.in6.s6_addr[0] == 0xff;
	first = ntohl(t->src.ip) >> 24;
	/* most come from 1 to 126 */
	return first - 1 >= 126 &&
	       (!first || first == 127 || (first & 0xf0) == 0xe0 ||
		ipv4_is_lbcast(t->src.ip));
}

static bool is_loopback(const struct klb_tuple *t)
{
	return t->family == AF_INET ? ipv4_is_loopback(t->src.ip) :
				      ipv6_addr_loopback(&t->src.in6);
}

/* Whether that may be so: loopback is not seen on a wire. */
static bool from_loopback(const struct klb_pkt *pkt)
{
	if (pkt->hook == KLB_HOOK_INGRESS &&
	    !(pkt->skb->dev->flags & IFF_LOOPBACK))
		return false;
	return is_loopback(&pkt->t);
}

bool klb_odd_source(const struct klb_tuple *t)
{
	return odd_source(t, t->family) && !is_loopback(t);
}

static noinline bool bad_source(struct sk_buff *skb, u8 hook)
{
	struct klb_pkt pkt;

	return !klb_parse_again(&pkt, skb, hook) || !from_loopback(&pkt);
}

bool klb_bad_source(const struct klb_pkt *pkt)
{
	return odd_source(&pkt->t, pkt->t.family) && !from_loopback(pkt);
}

noinline enum klb_verdict klb_nobody(struct klb_net *kn, struct sk_buff *skb,
				     u8 hook, const struct klb_service *svc,
				     enum klb_reason reason)
{
	struct klb_pkt pkt;

	if ((reason == KLB_REASON_NO_ENDPOINT ||
	     reason == KLB_REASON_NO_PORT) &&
	    /* racy, as any setting */
	    data_race(svc->empty) == KLB_EMPTY_REJECT &&
	    klb_parse_again(&pkt, skb, hook) && klb_reject(kn, &pkt) &&
	    reason == KLB_REASON_NO_ENDPOINT)
		reason = KLB_REASON_REJECTED;
	return klb_drop(kn, skb, reason);
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

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	svc = klb_service_lookup(kn, &pkt.t, pkt.t.family);
	if (!svc || !klb_service_stateless(svc) ||
	    (reason == KLB_REASON_NOT_SYN && !klb_overflowed(kn)))
		return klb_drop(kn, skb, reason);
	if (!klb_select_peek(kn, svc, &pkt.t, &c, &why, NULL))
		return klb_nobody(kn, skb, hook, svc, why);
	if (!klb_pass_request(kn, &pkt, &c, &p))
		return klb_drop(kn, skb, reason);
	return klb_translate_stateless(kn, &pkt, &p.conn, KLB_DIR_ORIG);
}

/* Another CPU has made the connection, with the same packet or the next. */
static noinline enum klb_verdict begin_lost(struct klb_net *kn,
					    struct sk_buff *skb, u8 hook,
					    const struct klb_service *svc)
{
	struct klb_side *side;
	struct klb_pkt pkt;
	u8 family;

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	side = klb_conn_lookup(kn, &pkt.t);
	if (!side || side->dir != KLB_DIR_ORIG)
		return klb_nobody(kn, skb, hook, svc, KLB_REASON_NO_PORT);
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

	if (unlikely(c->fullnat && klb_source_used_up(c->ep))) {
		klb_unselect(c);
		return klb_nobody(kn, pkt->skb, pkt->hook, c->ep->svc,
				  KLB_REASON_NO_PORT);
	}
	conn = klb_conn_alloc(kn, family, klb_chosen_family(c, family), c->ep);
	if (IS_ERR(conn)) {
		klb_unselect(c);
		return begin_stateless(kn, pkt->skb, pkt->hook,
				       conn == ERR_PTR(-ENOSPC) ?
				       KLB_REASON_CONN_MAX :
				       KLB_REASON_NO_MEMORY);
	}
	if (c->counted)
		conn->flags |= KLB_CONN_COUNTS | KLB_CONN_COUNTED;
	klb_init_conn(kn, conn, pkt, family, c);
	if (unlikely(!klb_endpoint_tryget(c->ep))) {
		klb_unselect(c);
		klb_conn_free_unseen(kn, conn);
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_ENDPOINT);
	}
	if (unlikely(klb_establish(kn, conn, family, c->fullnat,
				   c->pool))) {
		klb_conn_discard(kn, conn);
		return begin_lost(kn, pkt->skb, pkt->hook, c->ep->svc);
	}
	return translate_by(kn, pkt, conn,
			    klb_conn_side(conn, family, KLB_DIR_ORIG), family,
			    KLB_DIR_ORIG, c->rt);
}

/* Of a service that is not plain. */
static noinline enum klb_verdict begin_otherwise(struct klb_net *kn,
						 struct sk_buff *skb, u8 hook,
						 u32 hash,
						 struct klb_service *svc)
{
	enum klb_reason reason;
	struct klb_choice c;
	struct klb_pkt pkt;

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	pkt.hash = hash;
	if (!klb_select(kn, svc, &pkt.t, &c, &reason))
		return klb_nobody(kn, skb, hook, svc, reason);
	return begin_with(kn, &pkt, pkt.t.family, &c);
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
		return klb_bystander(kn, pkt->skb, pkt->hook);
	if (unlikely(odd_source(&pkt->t, family)) &&
	    bad_source(pkt->skb, pkt->hook))
		return klb_drop(kn, pkt->skb, KLB_REASON_BAD_SOURCE);
	if (unlikely(!klb_parse_check(pkt)))
		return klb_drop(kn, pkt->skb, KLB_REASON_MALFORMED);
	if (unlikely(!klb_may_begin(pkt)))
		return begin_stateless(kn, pkt->skb, pkt->hook,
				       KLB_REASON_NOT_SYN);
	/* racy, as any setting */
	if (unlikely(!data_race(svc->plain)))
		return begin_otherwise(kn, pkt->skb, pkt->hook, pkt->hash, svc);
	if (unlikely(!klb_choose(kn, svc, &pkt->t, family, &c, &reason)))
		return klb_nobody(kn, pkt->skb, pkt->hook, svc, reason);
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
	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	pkt.hash = hash;
	return begin(kn, &pkt);
}

static __always_inline enum klb_verdict
go_on_as(struct klb_net *kn, struct klb_pkt *pkt, const struct klb_side *side,
	 u8 family, u8 dir)
{
	struct klb_conn *conn = klb_side_conn_of(side, family, dir);

	if (foreign(pkt, dir))
		return klb_bystander(kn, pkt->skb, pkt->hook);
	if (dir == KLB_DIR_ORIG && unlikely(klb_outlived(conn, pkt)))
		return begin_again(kn, pkt->skb, pkt->hook, conn, pkt->hash);
	if (unlikely(!klb_parse_check(pkt)))
		return klb_drop(kn, pkt->skb, KLB_REASON_MALFORMED);
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

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
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
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
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
		return begin_nothing(kn, pkt->skb, pkt->hook);
	klb_key_set(&key, &pkt->t, family);
	pkt->hash = klb_key_hash(&kn->conns.key, family, &key);
	klb_bucket_for_each(side, pos, b, pkt->hash & b->mask)
		if (likely(klb_side_is(side, family, &key)))
			return go_on_with(kn, pkt, side, family);
	if (__builtin_constant_p(family) && family == AF_INET)
		return missed_ip(kn, pkt->skb, pkt->hash, b, pos);
	return missed(kn, pkt->skb, pkt->hook, pkt->hash, b, pos);
}

/* As klb_glance_wide(). */
static noinline bool wide_passes6(const struct klb_net *kn,
				  const struct sk_buff *skb, __be16 port)
{
	const struct klb_sieve_table *s = rcu_dereference(kn->sieve);
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	union klb_addr dst = { .in6 = ip6->daddr };

	return (READ_ONCE(kn->wide) & KLB_WIDE_ANY &&
		klb_sieve_has(s, 0, port)) ||
	       klb_guarded(kn, AF_INET6, &dst);
}

/* Whether nothing but empty look-ups can come of an IPv6 packet. */
static __always_inline bool sieve_stops(const struct klb_net *kn,
					const struct sk_buff *skb,
					const struct klb_tuple *t)
{
	const struct klb_sieve_table *s = rcu_dereference(kn->sieve);

	if (klb_sieve_has(s, klb_sieve_fold(AF_INET6, &t->dst), t->ports.dst))
		return false;
	if (klb_sieve_has(s, klb_sieve_fold(AF_INET6, &t->src), t->ports.src))
		return false;
	/* racy, as any setting */
	return likely(!data_race(kn->wide)) ||
	       !wide_passes6(kn, skb, t->ports.dst);
}

noinline bool klb_glance_wide(const struct klb_net *kn,
			      const struct sk_buff *skb)
{
	const struct klb_sieve_table *s = rcu_dereference_bh(kn->sieve);
	const struct iphdr *ip = (const void *)skb->data;
	const union klb_ports *ports = (const void *)(ip + 1);
	union klb_addr dst = { .ip = ip->daddr };

	if (READ_ONCE(kn->wide) & KLB_WIDE_SCTP &&
	    ip->protocol == IPPROTO_SCTP)
		return true;
	return (READ_ONCE(kn->wide) & KLB_WIDE_ANY &&
		klb_sieve_has(s, 0, ports->dst)) ||
	       klb_guarded(kn, AF_INET, &dst);
}

noinline enum klb_verdict klb_run(struct klb_net *kn, struct sk_buff *skb,
				  u8 hook)
{
	struct klb_pkt pkt;

	pkt.skb = skb;
	pkt.hook = hook;
	if (!klb_parse(&pkt)) {
		if (pkt.fragment)
			return klb_frag_in(kn, skb, hook);
		if (pkt.t.proto == IPPROTO_ICMP ||
		    pkt.t.proto == IPPROTO_ICMPV6)
			return klb_icmp_in(kn, skb, hook);
		return klb_bystander(kn, skb, hook);
	}
	if (pkt.fragment)
		return klb_frag_in(kn, skb, hook);
	if (pkt.t.proto == IPPROTO_SCTP)
		return klb_run_sctp(kn, &pkt);
	if (pkt.t.family == AF_INET6 && sieve_stops(kn, skb, &pkt.t))
		return klb_bystander(kn, skb, hook);
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
	if (sieve_stops(kn, skb, &pkt.t))
		return klb_bystander(kn, skb, KLB_HOOK_INGRESS);
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
