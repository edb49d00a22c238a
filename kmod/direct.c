// SPDX-License-Identifier: GPL-2.0
#include "direct.h"

#include <net/ipv6.h>

#include "encap.h"
#include "forward.h"
#include "split.h"
#include "translate.h"

bool klb_direct_possible(const struct klb_net *kn, const struct klb_tuple *t,
			 const struct klb_route *rt, enum klb_reason *reason)
{
	*reason = KLB_REASON_NO_ROUTE;
	if (rt->local)
		return klb_local_address(kn->net, t->family, &t->dst);
	*reason = KLB_REASON_NOT_ON_LINK;
	if (rt->way == KLB_WAY_DSR)
		return !rt->gateway;
	*reason = KLB_REASON_NO_SOURCE;
	return !klb_addr_any(rt->family, &rt->source);
}

/* klb_init_conn() has seen to the first packet. A second one of UDP is as much
 * of an answer as is ever seen. SCTP has been seen to: klb_sctp_see().
 */
static u8 next_state(const struct klb_conn *conn, const struct klb_pkt *pkt)
{
	u8 state = READ_ONCE(conn->state);

	if (!READ_ONCE(conn->packets[KLB_DIR_ORIG]))
		return state;
	if (pkt->t.proto == IPPROTO_TCP)
		return klb_tcp_next_alone(state, pkt->tcp_flags);
	return pkt->t.proto == IPPROTO_SCTP ? state : KLB_CONN_STATE_REPLIED;
}

/* klb_advance() and klb_count_in_conn(). */
static void note(struct klb_conn *conn, const struct klb_pkt *pkt)
{
	u8 next = next_state(conn, pkt);

	if (next != READ_ONCE(conn->state))
		klb_conn_step_alone(conn, next);
	else
		WRITE_ONCE(conn->expires,
			   (u32)jiffies + READ_ONCE(conn->timeout));
	klb_count_in_conn(conn, pkt, KLB_DIR_ORIG);
}

/* Larger than the way, or at the end of its time. False: the client has been
 * told, and the packet is counted.
 */
static bool may_go(struct klb_net *kn, const struct klb_pkt *pkt,
		   struct klb_conn *conn, struct klb_route *rt,
		   enum klb_fit fit)
{
	if (fit == KLB_FIT_NOT)
		klb_refuse(kn, pkt->skb, conn, KLB_DIR_ORIG,
			   KLB_REASON_TOO_BIG,
			   klb_encap_mtu_told(rt, pkt->t.family));
	else if (pkt->hook == KLB_HOOK_INGRESS && klb_ttl(pkt) <= 1)
		klb_refuse(kn, pkt->skb, conn, KLB_DIR_ORIG, KLB_REASON_TTL,
			   0);
	else
		return true;
	return false;
}

/* The largest fragment that goes by @rt. IPv6 hosts make none smaller than 1280
 * bytes: see klb_encap_fit().
 */
static u32 piece_max(const struct klb_route *rt, u8 family)
{
	u32 mtu = klb_encap_mtu(rt);

	return family == AF_INET6 && rt->way != KLB_WAY_DSR ?
	       max_t(u32, mtu, IPV6_MIN_MTU) : mtu;
}

/* A datagram that came in fragments goes so, whatever the length of all. */
static enum klb_fit fit_of(const struct sk_buff *skb, u8 family,
			   const struct klb_route *rt)
{
	if (!klb_is_whole(skb))
		return klb_encap_fit(skb, rt);
	return klb_whole_too_big(family, piece_max(rt, family)) ?
	       KLB_FIT_NOT : KLB_FIT_FRAGMENTS;
}

struct direct_sender {
	struct klb_sender s;
	const struct klb_endpoint *ep;
	u32 flow;
};

static enum klb_reason send_fragment(const struct klb_sender *s,
				     struct sk_buff *skb, u8 hook)
{
	const struct direct_sender *d =
		container_of(s, const struct direct_sender, s);

	return klb_encap_send(s->kn, skb, hook, s->rt, d->ep, d->flow,
			      klb_encap_fit(skb, s->rt));
}

static enum klb_reason send_by(struct klb_net *kn, struct sk_buff *skb,
			       u8 hook, const struct klb_conn *conn,
			       struct klb_route *rt, const struct klb_tuple *t,
			       enum klb_fit fit)
{
	struct direct_sender d = {
		.s = { .send = send_fragment, .kn = kn, .rt = rt },
		.ep = conn->ep,
		.flow = klb_tuple_hash(&kn->conns.key, t),
	};

	/* what the endpoint puts together is the client's datagram */
	if (klb_is_whole(skb))
		return klb_forward_split(&d.s, skb, hook,
					 piece_max(rt, t->family));
	return klb_encap_send(kn, skb, hook, rt, d.ep, d.flow, fit);
}

static enum klb_verdict send(struct klb_net *kn, struct klb_pkt *pkt,
			     struct klb_conn *conn, struct klb_route *rt,
			     bool passing)
{
	enum klb_fit fit = fit_of(pkt->skb, pkt->t.family, rt);
	const void *id = pkt->skb;
	enum klb_reason reason;

	if (!may_go(kn, pkt, conn, rt, fit))
		return KLB_DROP;
	if (pkt->hook == KLB_HOOK_INGRESS && !klb_encap_hop(pkt))
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_MEMORY);
	note(conn, pkt);
	reason = send_by(kn, pkt->skb, pkt->hook, conn, rt, &pkt->t, fit);
	if (passing && klb_was_sent(reason))
		reason = KLB_REASON_STATELESS;
	return klb_counted(kn, id, reason, KLB_TAKEN);
}

enum klb_verdict klb_direct_send_on(struct klb_net *kn, struct sk_buff *skb,
				    u8 hook, const struct klb_conn *conn,
				    struct klb_route *rt,
				    enum klb_reason reason)
{
	u8 family = klb_conn_family(conn);
	enum klb_reason how;
	const void *id = skb;
	struct klb_tuple t;
	enum klb_fit fit;

	klb_side_tuple(klb_conn_side(conn, family, KLB_DIR_ORIG), &t);
	if (!klb_direct_possible(kn, &t, rt, &how))
		return klb_drop(kn, skb, how);
	fit = fit_of(skb, family, rt);
	if (fit == KLB_FIT_NOT)
		return klb_drop(kn, skb, KLB_REASON_TOO_BIG);
	how = send_by(kn, skb, hook, conn, rt, &t, fit);
	return klb_counted(kn, id, klb_was_sent(how) ? reason : how, KLB_TAKEN);
}

enum klb_verdict klb_translate_direct(struct klb_net *kn, struct sk_buff *skb,
				      u8 hook, struct klb_conn *conn,
				      struct klb_route *rt, bool passing)
{
	enum klb_reason reason;
	struct klb_pkt pkt;

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	if (!klb_direct_possible(kn, &pkt.t, rt, &reason))
		return klb_drop(kn, skb, reason);
	if (!rt->local)
		return send(kn, &pkt, conn, rt, passing);
	note(conn, &pkt);
	return klb_translate_deliver(kn, skb, hook, conn, KLB_DIR_ORIG, rt);
}
