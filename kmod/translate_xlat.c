// SPDX-License-Identifier: GPL-2.0
/* Packets of connections whose client is of one address family and whose
 * endpoint of the other.
 */
#include "translate.h"

#include <linux/netdevice.h>
#include <net/gso.h>

#include "forward.h"
#include "split.h"
#include "xlat.h"

/* A packet under way to the other family. */
struct crossing {
	struct klb_net *kn;
	struct klb_conn *conn;
	const struct klb_side *from, *to;
	struct klb_route *rt;
	u8 dir;
	bool hop;	/* it loses one of its time to live */
	bool large;	/* it is sent in fragments */
};

static void crossing_init(struct crossing *c, struct klb_net *kn, u8 hook,
			  struct klb_conn *conn, u8 dir, struct klb_route *rt)
{
	c->kn = kn;
	c->conn = conn;
	c->from = klb_conn_side(conn, klb_conn_dir_family(conn, dir), dir);
	c->to = klb_conn_side(conn, klb_conn_dir_family(conn, !dir), !dir);
	c->rt = rt;
	c->dir = dir;
	c->hop = hook == KLB_HOOK_INGRESS && !rt->local;
	c->large = false;
}

/* The MTU of a path was learned for some minutes: see klb_forward_fits_large(). */
static bool fits(const struct klb_pkt *pkt, struct klb_xlat *x,
		 struct klb_route *rt)
{
	u32 mtu;

	if (klb_xlat_fits(pkt, x, READ_ONCE(rt->mtu)))
		return true;
	mtu = dst_mtu(rt->dst);
	WRITE_ONCE(rt->mtu, mtu);
	return klb_xlat_fits(pkt, x, mtu);
}

static bool cross(struct crossing *c, struct klb_pkt *pkt, struct klb_xlat *x)
{
	return klb_xlat(c->kn, pkt, x, c->from, c->to, c->rt->headroom, c->hop);
}

static void note(struct crossing *c, const struct klb_pkt *pkt)
{
	klb_advance(c->conn, pkt, c->dir);
	klb_count_in_conn(c->conn, pkt, c->dir);
}

static enum klb_reason send(struct crossing *c, struct sk_buff *skb, u8 hook)
{
	if (!c->large)
		return klb_forward(c->kn, skb, hook, c->rt);
	return skb->protocol == htons(ETH_P_IPV6) ?
	       klb_forward_whole(c->kn, skb, hook, c->rt) :
	       klb_forward_fragments(c->kn, skb, hook, c->rt);
}

/* One of the segments that a super-packet was cut into; consumes it. */
static enum klb_reason segment(struct crossing *c, struct sk_buff *skb, u8 hook)
{
	struct klb_pkt pkt;
	struct klb_xlat x;

	skb_reset_network_header(skb);
	if (klb_parse_again(&pkt, skb, hook) && klb_parse_check(&pkt) &&
	    klb_xlat_look(&pkt, c->to->family, &x)) {
		c->large = !fits(&pkt, &x, c->rt);
		if (cross(c, &pkt, &x))
			return send(c, skb, hook);
	}
	kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
	return KLB_REASON_NO_MEMORY;
}

/* A super-packet that cannot stay one. */
static enum klb_verdict segments(struct crossing *c, struct klb_pkt *pkt)
{
	u8 hook = pkt->hook == KLB_HOOK_EGRESS ? KLB_HOOK_DEV : pkt->hook;
	struct sk_buff *skb = klb_forward_take(pkt->skb, pkt->hook);
	enum klb_reason reason = KLB_REASON_NO_MEMORY;
	struct sk_buff *segs, *next;
	const void *id = pkt->skb;

	if (!skb)
		return klb_drop(c->kn, pkt->skb, KLB_REASON_NO_MEMORY);
	note(c, pkt);
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs)) {
		kfree_skb_reason(skb, SKB_DROP_REASON_NOMEM);
		return klb_counted(c->kn, id, reason, KLB_TAKEN);
	}
	consume_skb(skb);
	skb_list_walk_safe(segs, segs, next) {
		skb_mark_not_on_list(segs);
		reason = segment(c, segs, hook);
	}
	return klb_counted(c->kn, id, reason, KLB_TAKEN);
}

static enum klb_verdict whole(struct crossing *c, struct klb_pkt *pkt,
			      struct klb_xlat *x)
{
	struct sk_buff *skb = pkt->skb;
	const void *id = skb;

	if (!cross(c, pkt, x))
		return klb_drop(c->kn, skb, KLB_REASON_NO_MEMORY);
	note(c, pkt);
	if (c->rt->local)
		return klb_translate_deliver(c->kn, skb, pkt->hook, c->conn,
					     c->dir, c->rt);
	return klb_counted(c->kn, id, send(c, skb, pkt->hook), KLB_TAKEN);
}

static enum klb_verdict go(struct crossing *c, struct klb_pkt *pkt,
			   struct klb_xlat *x)
{
	struct sk_buff *skb = pkt->skb;

	c->large = !c->rt->local && !fits(pkt, x, c->rt);
	if (c->large && x->head.df)
		return klb_refuse(c->kn, skb, c->conn, c->dir,
				  KLB_REASON_TOO_BIG,
				  klb_xlat_mtu(pkt->t.family, c->rt->mtu));
	if (c->hop && klb_ttl(pkt) <= 1)
		return klb_refuse(c->kn, skb, c->conn, c->dir, KLB_REASON_TTL,
				  0);
	if (!klb_xlat_must_segment(pkt, x) && !(c->large && skb_is_gso(skb)))
		return whole(c, pkt, x);
	if (c->rt->local)
		return klb_drop(c->kn, skb, KLB_REASON_FAMILY);
	return segments(c, pkt);
}

enum klb_verdict klb_translate_xlat(struct klb_net *kn, struct sk_buff *skb,
				    u8 hook, struct klb_conn *conn, u8 dir,
				    struct klb_route *rt)
{
	struct crossing c;
	struct klb_pkt pkt;
	struct klb_xlat x;

	crossing_init(&c, kn, hook, conn, dir, rt);
	if (!klb_parse_again(&pkt, skb, hook))
		return klb_drop(kn, skb, KLB_REASON_MALFORMED);
	if (!klb_xlat_look(&pkt, c.to->family, &x))
		return klb_drop(kn, skb, KLB_REASON_FAMILY);
	if (klb_is_whole(skb)) {
		/* it came in fragments, and may go so */
		x.head.df = false;
		__this_cpu_write(klb_whole.skb, NULL);
	}
	return go(&c, &pkt, &x);
}
