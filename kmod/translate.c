// SPDX-License-Identifier: GPL-2.0
/* What is done to packets of connections off the common way. */
#include "translate.h"

#include <linux/jiffies.h>
#include <linux/netdevice.h>

#include "conn_sctp.h"
#include "deliver.h"
#include "direct.h"
#include "forward.h"
#include "icmp.h"
#include "split.h"

enum klb_verdict klb_drop(struct klb_net *kn, const struct sk_buff *skb,
			  enum klb_reason reason)
{
	return klb_counted(kn, skb, reason, KLB_DROP);
}

enum klb_verdict klb_bystander(struct klb_net *kn, const struct sk_buff *skb,
			       u8 hook)
{
	return klb_counted(kn, skb, hook == KLB_HOOK_DEV ?
			   KLB_REASON_KLB_DEV : KLB_REASON_BYSTANDER, KLB_PASS);
}

/* A client that has the address and port of a service is none: somebody wants
 * two services to answer each other for ever.
 */
static bool is_service(struct klb_net *kn, const struct klb_side *o, u8 family)
{
	struct klb_tuple t = {
		.ports.dst = o->ports.src,
		.proto = o->proto,
		.family = family,
	};

	if (family == AF_INET)
		t.dst.ip = o->addr.ip.src;
	else
		t.dst = o->addr.ip6.src;
	return klb_service_lookup(kn, &t, family);
}

struct klb_route *klb_route_back(struct klb_net *kn, struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn);
	const struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	u8 way = family == conn->reply_family ? KLB_WAY_PLAIN : KLB_WAY_XLAT;
	union klb_addr client = {};

	if (is_service(kn, o, family))
		return NULL;
	if (family == AF_INET)
		client.ip = o->addr.ip.src;
	else
		client = o->addr.ip6.src;
	return klb_route_renew(kn, &conn->back, family, way, &client);
}

struct klb_route *klb_route_of_path(struct klb_net *kn, struct klb_conn *conn,
				    u8 family, u8 dir)
{
	struct klb_endpoint *ep = conn->ep;
	struct klb_route *rt;
	struct klb_tuple t;

	if (dir == KLB_DIR_REPLY || !(conn->flags & KLB_CONN_PATH) ||
	    conn->flags & KLB_CONN_DIRECT)
		return klb_route_of(kn, conn, family, dir);
	klb_side_tuple(klb_conn_side(conn, family, KLB_DIR_REPLY), &t);
	if (klb_addr_equal(family, &t.src, &ep->addr))
		return klb_endpoint_route(kn, ep, family);
	rt = rcu_dereference(klb_sctp(conn)->out);
	if (rt && klb_route_good(kn->net, rt, family))
		return rt;
	return klb_route_renew(kn, &klb_sctp(conn)->out, family, ep->way,
			       &t.src);
}

/* Whether it may go by @rt in pieces, though it is too large for it or came in
 * pieces.
 */
static bool may_fragment(const struct klb_pkt *pkt, const struct klb_route *rt)
{
	if (klb_is_whole(pkt->skb))
		return !klb_whole_too_big(pkt->t.family, rt->mtu);
	return pkt->t.family == AF_INET &&
	       !(klb_ip(pkt)->frag_off & htons(IP_DF));
}

static enum klb_reason forward_pieces(struct klb_net *kn, struct sk_buff *skb,
				      u8 hook, struct klb_route *rt)
{
	return klb_is_whole(skb) ? klb_forward_whole(kn, skb, hook, rt) :
				   klb_forward_fragments(kn, skb, hook, rt);
}

enum klb_verdict klb_refuse(struct klb_net *kn, struct sk_buff *skb,
			    struct klb_conn *conn, u8 dir,
			    enum klb_reason reason, u32 mtu)
{
	u8 family = klb_conn_dir_family(conn, dir);
	struct klb_route *back = klb_route_of(kn, conn, family, !dir);

	if (back && reason == KLB_REASON_TTL)
		klb_icmp_ttl(skb, family, back);
	else if (back)
		klb_icmp_too_big(skb, family, back, mtu);
	return klb_drop(kn, skb, reason);
}

static enum klb_verdict deliver(struct klb_net *kn,
				struct sk_buff *skb, u8 hook,
				struct klb_conn *conn, u8 dir,
				struct klb_route *rt, enum klb_reason reason)
{
	struct net_device *dev = NULL;
	bool trusted = dir == KLB_DIR_REPLY || conn->flags & KLB_CONN_SNAT;
	enum klb_verdict verdict;

	if (hook == KLB_HOOK_DEV)
		dev = skb->dev;
	else if (dir == KLB_DIR_REPLY && conn->flags & KLB_CONN_KLB_DEV)
		dev = dev_get_by_index_rcu(kn->net, conn->klb_ifindex);
	if (klb_is_whole(skb)) /* it is not klb's any more */
		__this_cpu_write(klb_whole.skb, NULL);
	verdict = klb_deliver(skb, hook, rt, dev, trusted);
	return klb_counted(kn, skb,
			   verdict == KLB_DROP ? KLB_REASON_NO_MEMORY : reason,
			   verdict);
}

enum klb_verdict klb_translate_deliver(struct klb_net *kn,
				       struct sk_buff *skb, u8 hook,
				       struct klb_conn *conn, u8 dir,
				       struct klb_route *rt)
{
	return deliver(kn, skb, hook, conn, dir, rt, KLB_REASON_DELIVERED);
}

enum klb_verdict klb_send_by(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			     struct klb_route *rt, enum klb_reason reason)
{
	const struct klb_pkt pkt = { .skb = skb, .len = skb->len,
				     .t.family = rt->family };
	enum klb_reason how;
	const void *id = skb;

	if (!klb_is_whole(skb) && klb_forward_fits(&pkt, rt))
		how = klb_forward(kn, skb, hook, rt);
	else if (may_fragment(&pkt, rt))
		how = forward_pieces(kn, skb, hook, rt);
	else
		return klb_drop(kn, skb, KLB_REASON_TOO_BIG);
	return klb_counted(kn, id, klb_was_sent(how) ? reason : how, KLB_TAKEN);
}

enum klb_verdict klb_send_on(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			     struct klb_conn *conn, u8 dir,
			     struct klb_route *rt, enum klb_reason reason)
{
	if (!rt)
		return klb_counted(kn, skb, reason, KLB_PASS);
	if (rt->local)
		return deliver(kn, skb, hook, conn, dir, rt, reason);
	switch (rt->way) {
	case KLB_WAY_PLAIN:
	case KLB_WAY_XLAT:
		return klb_send_by(kn, skb, hook, rt, reason);
	default:
		return klb_direct_send_on(kn, skb, hook, conn, rt, reason);
	}
}

/* A process's reply to the other family cannot go on the way it is on. */
static enum klb_verdict reply_otherwise(struct klb_net *kn, struct sk_buff *skb,
					u8 hook, struct klb_conn *conn)
{
	struct klb_route *rt = klb_route_of(kn, conn, klb_conn_family(conn),
					    KLB_DIR_REPLY);

	if (!rt)
		return klb_drop(kn, skb, KLB_REASON_NO_ROUTE);
	return klb_translate_xlat(kn, skb, hook, conn, KLB_DIR_REPLY, rt);
}

enum klb_verdict klb_translate_here(struct klb_net *kn, struct sk_buff *skb,
				    u8 hook, struct klb_conn *conn, u8 dir,
				    struct klb_route *rt)
{
	u8 family = klb_conn_family(conn);
	struct klb_pkt pkt;

	if (!rt && family != conn->reply_family)
		return reply_otherwise(kn, skb, hook, conn);
	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	if (!klb_rewrite(&pkt, conn, klb_conn_side(conn, family, dir), family,
			 dir, false))
		return klb_drop(kn, skb, KLB_REASON_NO_MEMORY);
	if (rt)
		return klb_translate_deliver(kn, skb, hook, conn, dir, rt);
	return klb_counted(kn, skb, KLB_REASON_REPLIED_LOCAL, KLB_PASS);
}

enum klb_verdict klb_translate_large(struct klb_net *kn, struct sk_buff *skb,
				     u8 hook, struct klb_conn *conn, u8 dir,
				     struct klb_route *rt)
{
	u8 family = klb_conn_family(conn);
	bool hop = hook == KLB_HOOK_INGRESS;
	const void *id = skb;
	struct klb_pkt pkt;

	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	if (!may_fragment(&pkt, rt))
		return klb_refuse(kn, skb, conn, dir, KLB_REASON_TOO_BIG, rt->mtu);
	if (hop && klb_ttl(&pkt) <= 1)
		return klb_refuse(kn, skb, conn, dir, KLB_REASON_TTL, 0);
	if (!klb_rewrite(&pkt, conn, klb_conn_side(conn, family, dir), family,
			 dir, hop))
		return klb_drop(kn, skb, KLB_REASON_NO_MEMORY);
	return klb_counted(kn, id, forward_pieces(kn, skb, hook, rt),
			   KLB_TAKEN);
}

enum klb_verdict klb_translate_otherwise(struct klb_net *kn,
					 struct sk_buff *skb, u8 hook,
					 struct klb_conn *conn, u8 dir,
					 struct klb_route *rt)
{
	switch (rt->way) {
	case KLB_WAY_LOCAL:
		return klb_translate_here(kn, skb, hook, conn, dir, rt);
	case KLB_WAY_DSR:
	case KLB_WAY_IPIP:
	case KLB_WAY_GUE:
		return klb_translate_direct(kn, skb, hook, conn, rt, false);
	case KLB_WAY_XLAT:
		return klb_translate_xlat(kn, skb, hook, conn, dir, rt);
	default:
		return klb_drop(kn, skb, KLB_REASON_NO_ROUTE);
	}
}

static bool fits(const struct klb_pkt *pkt, struct klb_route *rt)
{
	return klb_is_whole(pkt->skb) ? may_fragment(pkt, rt) :
					klb_forward_fits(pkt, rt);
}

static enum klb_verdict stateless(struct klb_net *kn, struct klb_pkt *pkt,
				  struct klb_conn *conn, u8 dir)
{
	u8 family = pkt->t.family;
	struct klb_route *rt = klb_route_of(kn, conn, family, dir);
	struct sk_buff *skb = pkt->skb;
	enum klb_reason reason;
	const void *id = skb;

	if (!rt)
		return klb_drop(kn, skb, KLB_REASON_NO_ROUTE);
	if (klb_way_direct(rt->way))
		return klb_translate_direct(kn, skb, pkt->hook, conn, rt, true);
	if (!rt->local && !fits(pkt, rt))
		return klb_refuse(kn, skb, conn, dir, KLB_REASON_TOO_BIG, rt->mtu);
	if (!klb_nat(pkt, klb_conn_side(conn, family, dir),
		     klb_conn_side(conn, family, !dir), false))
		return klb_drop(kn, skb, KLB_REASON_NO_MEMORY);
	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return klb_counted(kn, id, KLB_REASON_STATELESS, KLB_PASS);
	if (rt->local)
		return klb_translate_deliver(kn, skb, pkt->hook, conn, dir,
					     rt);
	reason = klb_is_whole(skb) ?
		 klb_forward_whole(kn, skb, pkt->hook, rt) :
		 klb_forward(kn, skb, pkt->hook, rt);
	if (klb_was_sent(reason))
		reason = KLB_REASON_STATELESS;
	return klb_counted(kn, id, reason, KLB_TAKEN);
}

enum klb_verdict klb_translate_stateless(struct klb_net *kn,
					 struct klb_pkt *pkt,
					 struct klb_conn *conn, u8 dir)
{
	enum klb_verdict verdict = stateless(kn, pkt, conn, dir);

	klb_conn_drop_route(conn);
	return verdict;
}
