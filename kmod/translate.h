/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TRANSLATE_H
#define KLB_TRANSLATE_H

#include <linux/jiffies.h>
#include <linux/klb.h>
#include <linux/klb_reason.h>
#include <linux/skbuff.h>

#include "conn.h"
#include "nat.h"
#include "netns.h"
#include "parse.h"
#include "route.h"

/* What becomes of a packet whose connection is known. RCU and BH held,
 * skb->data at the network header; the reason is counted.
 */

static __always_inline enum klb_verdict klb_counted(struct klb_net *kn,
						    const void *skb,
						    enum klb_reason reason,
						    enum klb_verdict verdict)
{
	klb_count(kn->stats, skb, reason);
	return verdict;
}

/* Counts a packet that the caller frees. */
enum klb_verdict klb_drop(struct klb_net *kn, const struct sk_buff *skb,
			  enum klb_reason reason);

/* Counts a packet that is none of klb's business; to a klb device nothing else
 * should be sent.
 */
enum klb_verdict klb_bystander(struct klb_net *kn, const struct sk_buff *skb,
			       u8 hook);

/* A new route to the client of a connection. */
struct klb_route *klb_route_back(struct klb_net *kn, struct klb_conn *conn);

/* The route to the endpoint or to the client for a packet of @family. NULL:
 * there is none.
 */
static __always_inline struct klb_route *
klb_route_of(struct klb_net *kn, struct klb_conn *conn, u8 family, u8 dir)
{
	struct klb_route *rt;

	if (dir == KLB_DIR_ORIG)
		return klb_endpoint_route(kn, conn->ep, family);
	rt = rcu_dereference(conn->back);
	if (likely(rt && klb_route_good(kn->net, rt, family)))
		return rt;
	return klb_route_back(kn, conn);
}

/* The same for one that may be a further path of SCTP: to another of its
 * endpoint's addresses.
 */
struct klb_route *klb_route_of_path(struct klb_net *kn, struct klb_conn *conn,
				    u8 family, u8 dir);

/* State machine, and what the packet adds to the counters. */
static __always_inline void klb_advance(struct klb_conn *conn,
					const struct klb_pkt *pkt, u8 dir)
{
	u8 state = READ_ONCE(conn->state), next = state;

	if (pkt->t.proto == IPPROTO_TCP) {
		if (state != KLB_CONN_STATE_ESTABLISHED ||
		    pkt->tcp_flags & (KLB_TCP_SYN | KLB_TCP_FIN | KLB_TCP_RST))
			next = klb_tcp_next(state, dir, pkt->tcp_flags);
	} else if (dir == KLB_DIR_REPLY && !klb_is_sctp(pkt)) {
		next = KLB_CONN_STATE_REPLIED;
	}
	if (unlikely(next != state))
		klb_conn_step(conn, next);
	else
		WRITE_ONCE(conn->expires,
			   (u32)jiffies + READ_ONCE(conn->timeout));
}

static __always_inline void klb_count_in_conn(struct klb_conn *conn,
					      const struct klb_pkt *pkt, u8 dir)
{
	u32 packets = 1;

	if (skb_is_gso(pkt->skb))
		packets = max_t(u32, 1, skb_shinfo(pkt->skb)->gso_segs);
	WRITE_ONCE(conn->packets[dir], conn->packets[dir] + packets);
	WRITE_ONCE(conn->bytes[dir], conn->bytes[dir] + pkt->len);
}

/* Addresses, ports, state and counters: what is done to every packet. */
static __always_inline bool klb_rewrite(struct klb_pkt *pkt,
					struct klb_conn *conn,
					const struct klb_side *side,
					u8 family, u8 dir, bool hop)
{
	if (unlikely(!klb_nat(pkt, side, klb_conn_side(conn, family, !dir),
			      hop)))
		return false;
	klb_advance(conn, pkt, dir);
	klb_count_in_conn(conn, pkt, dir);
	return true;
}

static __always_inline u8 klb_ttl(const struct klb_pkt *pkt)
{
	if (pkt->t.family == AF_INET)
		return klb_ip(pkt)->ttl;
	return klb_ip6(pkt)->hop_limit;
}

/* What the hot path has in registers, once more. It was parsed before, so it
 * can be parsed again.
 */
static inline bool klb_parse_again(struct klb_pkt *pkt, struct sk_buff *skb,
				   u8 hook)
{
	pkt->skb = skb;
	pkt->hook = hook;
	return klb_parse(pkt);
}

/* Drops it and tells the sender why. @mtu: for KLB_REASON_TOO_BIG */
enum klb_verdict klb_refuse(struct klb_net *kn, struct sk_buff *skb,
			    struct klb_conn *conn, u8 dir,
			    enum klb_reason reason, u32 mtu);

/* One that has been translated, to a process of this host by @rt. */
enum klb_verdict klb_translate_deliver(struct klb_net *kn,
				       struct sk_buff *skb, u8 hook,
				       struct klb_conn *conn, u8 dir,
				       struct klb_route *rt);

/* A packet of @conn that stays on this host: the reply of a process, which has
 * been given its route before (@rt NULL), and what goes to one.
 */
enum klb_verdict klb_translate_here(struct klb_net *kn, struct sk_buff *skb,
				    u8 hook, struct klb_conn *conn, u8 dir,
				    struct klb_route *rt);

/* One that does not fit the way: fragments, or refused. */
enum klb_verdict klb_translate_large(struct klb_net *kn, struct sk_buff *skb,
				     u8 hook, struct klb_conn *conn, u8 dir,
				     struct klb_route *rt);

/* One whose route says that there is more to be done: rt->way is not 0. */
enum klb_verdict klb_translate_otherwise(struct klb_net *kn,
					 struct sk_buff *skb, u8 hook,
					 struct klb_conn *conn, u8 dir,
					 struct klb_route *rt);

/* A packet about @conn that somebody has translated goes the way of packets of
 * @dir, by their route @rt; NULL: it is on its way already. Counted for @reason
 * if nothing stops it.
 */
enum klb_verdict klb_send_on(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			     struct klb_conn *conn, u8 dir,
			     struct klb_route *rt, enum klb_reason reason);

/* The same for a packet of klb's own, by a way that is not local. */
enum klb_verdict klb_send_by(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			     struct klb_route *rt, enum klb_reason reason);

/* One that becomes a packet of the other address family: KLB_WAY_XLAT. */
enum klb_verdict klb_translate_xlat(struct klb_net *kn, struct sk_buff *skb,
				    u8 hook, struct klb_conn *conn, u8 dir,
				    struct klb_route *rt);

/* One of a connection that there is no room for: @conn ends with the packet. */
enum klb_verdict klb_translate_stateless(struct klb_net *kn,
					 struct klb_pkt *pkt,
					 struct klb_conn *conn, u8 dir);

#endif
