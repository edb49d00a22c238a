// SPDX-License-Identifier: GPL-2.0
/* What would happen to a packet, told by what the datapath asks. */
#include "datapath.h"

#include "direct.h"
#include "encap.h"
#include "establish.h"
#include "forward.h"
#include "guard.h"
#include "netns.h"
#include "parse.h"
#include "run_sctp.h"
#include "sctp.h"
#include "select.h"
#include "translate.h"

static void explain_way(struct klb_net *kn, struct klb_explanation *ex,
			struct klb_route *rt)
{
	const struct net_device *peer;

	ex->outcome = rt->local ? KLB_OUTCOME_LOCAL : KLB_OUTCOME_FORWARD;
	ex->reason = rt->local ? KLB_REASON_DELIVERED : KLB_REASON_FORWARDED;
	ex->ifindex = rt->dev->ifindex;
	ex->mtu = klb_encap_mtu(rt);
	if (rt->local)
		return;
	ex->nexthop_len = rt->neigh->tbl->key_len;
	memcpy(&ex->nexthop, rt->neigh->primary_key, ex->nexthop_len);
	peer = klb_forward_peer(kn, rt);
	if (peer) {
		ex->veth_peer = true;
		ex->reason = KLB_REASON_VETH_PEER;
	}
	if (klb_way_direct(rt->way))
		ex->reason = rt->way == KLB_WAY_DSR ? KLB_REASON_DSR :
						      KLB_REASON_ENCAPSULATED;
}

static void explain_conn(struct klb_net *kn, struct klb_explanation *ex,
			 struct klb_side *side, u8 family)
{
	struct klb_conn *conn = klb_side_conn(side, family);
	struct klb_route *rt = klb_route_of(kn, conn, family, side->dir);

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

	ex->svc = klb_service_lookup(kn, t, t->family);
	if (!ex->svc && klb_guarded(kn, t->family, &t->dst)) {
		ex->reason = KLB_REASON_GUARDED;
		return;
	}
	if (!ex->svc) {
		ex->outcome = KLB_OUTCOME_PASS;
		ex->reason = KLB_REASON_BYSTANDER;
		return;
	}
	ok = klb_select_peek(kn, ex->svc, t, &c, &ex->reason);
	ex->ep = c.ep;
	if (!ok && ex->reason == KLB_REASON_NO_ENDPOINT &&
	    READ_ONCE(ex->svc->empty) == KLB_EMPTY_REJECT)
		ex->reason = KLB_REASON_REJECTED;
	if (!ok)
		return;
	if (c.fullnat && READ_ONCE(c.ep->ports_full))
		ex->reason = KLB_REASON_NO_PORT;
	else
		explain_way(kn, ex, c.rt);
}

static bool outlived(const struct klb_conn *conn, const struct klb_tuple *t)
{
	static const struct klb_sctp_look init = { .event = KLB_SCTP_INIT };
	const struct klb_pkt syn = {
		.t = *t,
		.tcp_flags = KLB_TCP_SYN,
	};

	return t->proto == IPPROTO_SCTP ? klb_sctp_outlived(conn, &init) :
					  klb_outlived(conn, &syn);
}

/* A packet that goes on in a connection, or a client's first one: a SYN, an
 * INIT or a datagram.
 */
void klb_explain(struct klb_net *kn, const struct klb_tuple *t,
		 struct klb_explanation *ex)
{
	struct klb_side *side = klb_conn_lookup(kn, t);

	memset(ex, 0, sizeof(*ex));
	ex->outcome = KLB_OUTCOME_DROP;
	if (side && (side->dir == KLB_DIR_REPLY ||
		     !outlived(klb_side_conn(side, t->family), t)))
		explain_conn(kn, ex, side, t->family);
	else
		explain_new(kn, ex, t);
}
