// SPDX-License-Identifier: GPL-2.0
/* The way of a packet of SCTP, which is datapath.c's but for what RFC 9260
 * asks of somebody in the middle: verification tags, and addresses that stand
 * within packets.
 */
#include "run_sctp.h"

#include <linux/jiffies.h>

#include "conn_sctp.h"
#include "datapath.h"
#include "establish.h"
#include "forward.h"
#include "guard.h"
#include "secondary.h"
#include "sctp_edit.h"
#include "select.h"
#include "split.h"
#include "translate.h"

static enum klb_verdict translate_by(struct klb_net *kn, struct klb_pkt *pkt,
				     struct klb_conn *conn, u8 dir,
				     struct klb_route *rt)
{
	bool hop = pkt->hook == KLB_HOOK_INGRESS;
	u8 family = pkt->t.family;
	struct sk_buff *skb = pkt->skb;
	const void *id = skb;

	if (rt->way)
		return klb_translate_otherwise(kn, skb, pkt->hook, conn, dir,
					       rt);
	if (!klb_forward_fits(pkt, rt) || klb_is_whole(skb))
		return klb_translate_large(kn, skb, pkt->hook, conn, dir, rt);
	if (hop && klb_ttl(pkt) <= 1)
		return klb_refuse(kn, skb, conn, dir, KLB_REASON_TTL, 0);
	if (!klb_rewrite(pkt, conn, klb_conn_side(conn, family, dir), family,
			 dir, hop))
		return klb_drop(kn, skb, KLB_REASON_NO_MEMORY);
	return klb_counted(kn, id, klb_forward(kn, skb, pkt->hook, rt),
			   KLB_TAKEN);
}

static enum klb_verdict translate(struct klb_net *kn, struct klb_pkt *pkt,
				  struct klb_conn *conn, u8 dir)
{
	struct klb_route *rt;

	if (pkt->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY)
		return klb_translate_here(kn, pkt->skb, pkt->hook, conn, dir,
					  NULL);
	rt = klb_route_of_path(kn, conn, pkt->t.family, dir);
	if (!rt)
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_ROUTE);
	return translate_by(kn, pkt, conn, dir, rt);
}

/* Whether a packet has addresses in it that are to be edited. What is left as
 * the client sent it lists addresses that both ends can use: the endpoint has
 * the service's and answers the client's.
 */
static bool is_edited(const struct klb_conn *conn,
		      const struct klb_sctp_look *look)
{
	return !(conn->flags & KLB_CONN_DIRECT) &&
	       (look->event == KLB_SCTP_INIT ||
		look->event == KLB_SCTP_INIT_ACK);
}

/* What an end says of its addresses, the other end must not learn unless it
 * can talk to them as they are: past klb, or with addresses that klb has put
 * in, each would take the other's packets for a stranger's and abort. The
 * client learns the service's addresses instead.
 */
static bool edit(struct klb_pkt *pkt, struct klb_conn *conn, u8 dir,
		 const struct klb_sctp_look *look, enum klb_reason *reason)
{
	union klb_addr addrs[1 + KLB_SECONDARY_MAX];
	u8 family = pkt->t.family;
	struct klb_sctp_edit e = { .family = family, .addrs = addrs };

	if (dir == KLB_DIR_REPLY)
		e.n = klb_secondary_list(conn->ep->svc, addrs);
	else if (klb_sctp_client_is_seen(conn))
		e.keep = family;
	return klb_sctp_edit_packet(pkt, look, &e, reason);
}

/* With a packet that was found to be of path @conn. */
static enum klb_verdict go_on_with(struct klb_net *kn, struct klb_pkt *pkt,
				   struct klb_conn *conn, u8 dir,
				   const struct klb_sctp_look *look)
{
	struct klb_conn *head = klb_sctp_head(conn);
	enum klb_reason reason;

	if (!klb_sctp_see(kn, head, dir, look))
		return klb_drop(kn, pkt->skb, KLB_REASON_SCTP_TAG);
	klb_sctp_note(conn, dir, look);
	WRITE_ONCE(head->expires, (u32)jiffies + READ_ONCE(head->timeout));
	if (is_edited(conn, look) && !edit(pkt, conn, dir, look, &reason))
		return klb_drop(kn, pkt->skb, reason);
	return translate(kn, pkt, klb_sctp_path(conn, dir, look), dir);
}

/* Another CPU has made the connection, with the same packet or the next. */
static enum klb_verdict begin_lost(struct klb_net *kn, struct klb_pkt *pkt,
				   const struct klb_service *svc,
				   const struct klb_sctp_look *look)
{
	struct klb_side *side = klb_conn_lookup(kn, &pkt->t);

	if (!side || side->dir != KLB_DIR_ORIG)
		return klb_nobody(kn, pkt->skb, pkt->hook, svc,
				  KLB_REASON_NO_PORT);
	return go_on_with(kn, pkt, klb_side_conn(side, side->family),
			  KLB_DIR_ORIG, look);
}

/* With a connection that has got its sides. */
static enum klb_verdict begin_conn(struct klb_net *kn, struct klb_pkt *pkt,
				   struct klb_conn *conn,
				   const struct klb_choice *c,
				   const struct klb_sctp_look *look)
{
	enum klb_reason reason;

	if (!klb_sctp_start(conn, look)) {
		klb_unselect(c);
		klb_conn_free_unseen(kn, conn);
		return klb_drop(kn, pkt->skb, KLB_REASON_SCTP_NO_ASSOC);
	}
	if (!klb_endpoint_tryget(c->ep)) {
		klb_unselect(c);
		klb_conn_free_unseen(kn, conn);
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_ENDPOINT);
	}
	if (klb_establish(kn, conn, pkt->t.family, c->fullnat, c->pool)) {
		klb_conn_discard(kn, conn);
		return begin_lost(kn, pkt, c->ep->svc, look);
	}
	klb_sctp_publish(kn, conn);
	if (is_edited(conn, look) &&
	    !edit(pkt, conn, KLB_DIR_ORIG, look, &reason))
		return klb_drop(kn, pkt->skb, reason);
	return translate_by(kn, pkt, conn, KLB_DIR_ORIG, c->rt);
}

/* A packet that shows that there is an association is taken for one that
 * another node had, if that one would have chosen as we do. It must not be led
 * to a wrong endpoint, whose ABORT would end the association.
 */
static bool may_begin(const struct klb_service *svc,
		      const struct klb_sctp_look *look)
{
	return look->event == KLB_SCTP_INIT ||
	       (klb_service_stateless(svc) &&
		!rcu_access_pointer(svc->secondaries));
}

enum klb_reason klb_sctp_obstacle(const struct klb_choice *c, u8 family,
				  const struct klb_sctp_look *look)
{
	if (c->fullnat && look->event != KLB_SCTP_INIT)
		return KLB_REASON_SCTP_NO_ASSOC;
	if (c->ep->family != family && !klb_way_direct(c->ep->way))
		return KLB_REASON_NO_ROUTE;
	if (c->fullnat && klb_source_used_up(c->ep))
		return KLB_REASON_NO_PORT;
	return 0;
}

static enum klb_verdict begin_for(struct klb_net *kn, struct klb_pkt *pkt,
				  struct klb_service *svc,
				  const struct klb_sctp_look *look)
{
	u8 family = pkt->t.family;
	enum klb_reason reason;
	struct klb_choice c;
	struct klb_conn *conn;

	if (!may_begin(svc, look))
		return klb_drop(kn, pkt->skb, KLB_REASON_SCTP_NO_ASSOC);
	if (!klb_select(kn, svc, &pkt->t, &c, &reason))
		return klb_nobody(kn, pkt->skb, pkt->hook, svc, reason);
	reason = klb_sctp_obstacle(&c, family, look);
	conn = reason ? ERR_PTR(-EINVAL) :
			klb_conn_alloc_sctp(kn, family, c.ep);
	if (IS_ERR(conn)) {
		klb_unselect(&c);
		if (!reason)
			reason = conn == ERR_PTR(-ENOSPC) ?
				 KLB_REASON_CONN_MAX : KLB_REASON_NO_MEMORY;
		return klb_nobody(kn, pkt->skb, pkt->hook, svc, reason);
	}
	if (c.counted)
		conn->flags |= KLB_CONN_COUNTS | KLB_CONN_COUNTED;
	klb_init_conn(kn, conn, pkt, family, &c);
	return begin_conn(kn, pkt, conn, &c, look);
}

/* Whose a packet is whose chunks need not be there, a first fragment: as
 * klb_run_sctp() finds it.
 */
bool klb_sctp_whose(struct klb_net *kn, const struct klb_pkt *pkt, u8 *dir)
{
	const struct klb_service *svc;
	const u32 *tag;
	u32 room;

	svc = klb_service_of(kn, &pkt->t);
	*dir = svc ? KLB_DIR_ORIG : KLB_DIR_REPLY;
	if (svc)
		return true;
	tag = skb_header_pointer(pkt->skb, pkt->l4 + KLB_SCTP_TAG_AT,
				 sizeof(room), &room);
	return tag && klb_sctp_by_tag(kn, &pkt->t, KLB_DIR_REPLY, *tag, NULL);
}

/* An INIT that was sent again, from or to another address: the endpoint that
 * got the first one has answered the client past klb.
 */
static struct klb_conn *by_init(struct klb_net *kn, const struct klb_pkt *pkt,
				const struct klb_service *svc,
				const struct klb_sctp_look *look)
{
	struct klb_tuple reply;
	struct klb_conn *head;

	klb_tuple_reverse(&reply, &pkt->t);
	head = klb_sctp_by_tag(kn, &reply, KLB_DIR_REPLY, look->init_tag, svc);
	return head && head->flags & KLB_CONN_DIRECT &&
	       !klb_sctp_outlived(head, look) ? head : NULL;
}

/* From an address that an association has not used before: the client's with
 * @svc, the endpoint's without. NULL: there is no such association; an error:
 * there is, and no path to be had.
 */
static struct klb_conn *new_path(struct klb_net *kn, const struct klb_pkt *pkt,
				 const struct klb_service *svc,
				 const struct klb_sctp_look *look)
{
	u8 dir = svc ? KLB_DIR_ORIG : KLB_DIR_REPLY;
	struct klb_conn *head = klb_sctp_by_tag(kn, &pkt->t, dir, look->tag,
						svc);
	struct klb_conn *path;
	struct klb_side *side;

	if (!head && svc && look->event == KLB_SCTP_INIT && !look->tag)
		head = by_init(kn, pkt, svc, look);
	if (!head)
		return NULL;
	path = klb_sctp_add_path(kn, head, &pkt->t, dir);
	if (path)
		return path;
	/* another CPU may have made it meanwhile */
	side = klb_conn_lookup(kn, &pkt->t);
	return side && side->dir == dir ? klb_side_conn(side, side->family) :
					  ERR_PTR(-ENOSPC);
}

static enum klb_verdict bystander(struct klb_net *kn, struct klb_pkt *pkt)
{
	return klb_bystander(kn, pkt->skb, pkt->hook);
}

static enum klb_verdict nobodys(struct klb_net *kn, struct klb_pkt *pkt)
{
	if (klb_guarded(kn, pkt->t.family, &pkt->t.dst) &&
	    !klb_foreign(pkt->skb, pkt->hook, KLB_DIR_ORIG))
		return klb_guard_drop(kn, pkt);
	return bystander(kn, pkt);
}

/* Neither of a path that is known nor for a service. */
static enum klb_verdict begin_reply(struct klb_net *kn, struct klb_pkt *pkt)
{
	u32 len = klb_claimed_len(pkt);
	struct klb_sctp_look look;
	struct klb_conn *conn;

	/* It may be padded, which is left alone unless it is ours. */
	if (len && len < pkt->len)
		pkt->len = len;
	if (!klb_sctp_look_at(pkt, &look))
		return nobodys(kn, pkt);
	if (klb_foreign(pkt->skb, pkt->hook, KLB_DIR_REPLY))
		return bystander(kn, pkt);
	conn = new_path(kn, pkt, NULL, &look);
	if (!conn)
		return nobodys(kn, pkt);
	if (IS_ERR(conn))
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_MEMORY);
	if (!klb_parse_check(pkt))
		return klb_drop(kn, pkt->skb, KLB_REASON_MALFORMED);
	return go_on_with(kn, pkt, conn, KLB_DIR_REPLY, &look);
}

static enum klb_verdict begin(struct klb_net *kn, struct klb_pkt *pkt)
{
	struct klb_service *svc = klb_service_of(kn, &pkt->t);
	struct klb_sctp_look look;
	struct klb_conn *conn;

	if (!svc)
		return begin_reply(kn, pkt);
	if (klb_foreign(pkt->skb, pkt->hook, KLB_DIR_ORIG))
		return bystander(kn, pkt);
	if (klb_bad_source(pkt))
		return klb_drop(kn, pkt->skb, KLB_REASON_BAD_SOURCE);
	if (!klb_parse_check(pkt) || !klb_sctp_look_at(pkt, &look))
		return klb_drop(kn, pkt->skb, KLB_REASON_MALFORMED);
	if (!klb_may_come(svc, &pkt->t, NULL))
		return klb_drop(kn, pkt->skb, KLB_REASON_SOURCE);
	conn = new_path(kn, pkt, svc, &look);
	/* not to another endpoint, whose ABORT would end the association */
	if (IS_ERR(conn))
		return klb_drop(kn, pkt->skb, KLB_REASON_NO_MEMORY);
	if (conn)
		return go_on_with(kn, pkt, conn, KLB_DIR_ORIG, &look);
	return begin_for(kn, pkt, svc, &look);
}

/* An INIT on an association goes to its endpoint, which knows better whether
 * this is a restart; but one that is gone for good answers nobody.
 */
bool klb_sctp_outlived(const struct klb_conn *conn,
		       const struct klb_sctp_look *look)
{
	if (klb_conn_expired(conn, (u32)jiffies))
		return true;
	return look->event == KLB_SCTP_INIT &&
	       (klb_sctp_reopens(READ_ONCE(conn->state)) ||
		!READ_ONCE(conn->ep->serving));
}

/* A handshake that was given up for another path's, with whose tags the client
 * now uses this one as well.
 */
static bool given_up(struct klb_net *kn, const struct klb_pkt *pkt,
		     const struct klb_conn *head,
		     const struct klb_sctp_look *look)
{
	const struct klb_conn *other;

	if (READ_ONCE(head->state) != KLB_CONN_STATE_COOKIE_WAIT || !look->tag)
		return false;
	other = klb_sctp_by_tag(kn, &pkt->t, KLB_DIR_ORIG, look->tag,
				head->ep->svc);
	return other && other != head;
}

static enum klb_verdict go_on(struct klb_net *kn, struct klb_pkt *pkt,
			      struct klb_side *side)
{
	struct klb_conn *conn = klb_side_conn(side, side->family);
	struct klb_conn *head = klb_sctp_head(conn);
	u8 dir = side->dir;
	struct klb_sctp_look look;

	if (klb_foreign(pkt->skb, pkt->hook, dir))
		return bystander(kn, pkt);
	if (!klb_parse_check(pkt) || !klb_sctp_look_at(pkt, &look))
		return klb_drop(kn, pkt->skb, KLB_REASON_MALFORMED);
	if (dir == KLB_DIR_ORIG && (klb_sctp_outlived(head, &look) ||
				    given_up(kn, pkt, head, &look))) {
		klb_conn_kill(kn, head);
		return begin(kn, pkt);
	}
	return go_on_with(kn, pkt, conn, dir, &look);
}

enum klb_verdict klb_run_sctp(struct klb_net *kn, struct klb_pkt *pkt)
{
	u8 family = pkt->t.family;
	struct klb_side *side;
	struct klb_key key;

	if (!rcu_access_pointer(kn->conns.buckets))
		return bystander(kn, pkt);
	klb_key_set(&key, &pkt->t, family);
	pkt->hash = klb_key_hash(&kn->conns.key, family, &key);
	side = klb_conn_find(&kn->conns, pkt->hash, family, &key);
	return side ? go_on(kn, pkt, side) : begin(kn, pkt);
}
