// SPDX-License-Identifier: GPL-2.0
/* What would happen to a packet, told by what the datapath asks. */
#include "datapath.h"

#include "conn_sctp.h"
#include "direct.h"
#include "encap.h"
#include "establish.h"
#include "forward.h"
#include "guard.h"
#include "netns.h"
#include "parse.h"
#include "run_sctp.h"
#include "sctp.h"
#include "secondary.h"
#include "select.h"
#include "translate.h"

/* The way out */

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

/* A packet that is left as the client sent it. */
static void tell_direct(struct klb_net *kn, struct klb_explanation *ex,
			const struct klb_tuple *t, const struct klb_route *rt)
{
	struct klb_tuple outer = {
		.dst = ex->ep->addr, .family = rt->family,
	};
	u32 flow = klb_tuple_hash(&kn->conns.key, t);

	klb_encap_source(ex->ep, rt, flow, &outer.src);
	if (rt->way == KLB_WAY_DSR) {
		klb_tell(&ex->steps, KLB_STEP_DSR);
	} else if (rt->way == KLB_WAY_IPIP) {
		klb_tell_tuple(&ex->steps, KLB_STEP_IPIP, &outer);
	} else if (rt->way == KLB_WAY_GUE) {
		outer.ports.src = klb_encap_port(flow);
		outer.ports.dst = READ_ONCE(kn->gue_port);
		klb_tell_tuple(&ex->steps, KLB_STEP_GUE, &outer);
	}
}

/* Connections */

static void tell_sent(struct klb_explanation *ex, const struct klb_conn *conn,
		      u8 dir)
{
	u8 family = klb_conn_dir_family(conn, !dir);
	struct klb_tuple other, sent;

	klb_side_tuple(klb_conn_side(conn, family, !dir), &other);
	klb_tuple_reverse(&sent, &other);
	klb_tell_tuple(&ex->steps, KLB_STEP_TRANSLATED, &sent);
}

static void explain_by(struct klb_net *kn, struct klb_explanation *ex,
		       struct klb_conn *conn, const struct klb_tuple *t, u8 dir)
{
	struct klb_route *rt = klb_route_of_path(kn, conn, t->family, dir);

	ex->svc = conn->ep->svc;
	ex->ep = conn->ep;
	ex->reason = KLB_REASON_NO_ROUTE;
	if (!rt)
		return;
	if (klb_way_direct(rt->way) && !rt->local)
		tell_direct(kn, ex, t, rt);
	else
		tell_sent(ex, conn, dir);
	if (!klb_way_direct(rt->way) ||
	    klb_direct_possible(kn, t, rt, &ex->reason))
		explain_way(kn, ex, rt);
}

static void explain_conn(struct klb_net *kn, struct klb_explanation *ex,
			 struct klb_side *side, const struct klb_tuple *t)
{
	static const struct klb_sctp_look data = { .event = KLB_SCTP_OTHER };
	struct klb_conn *conn = klb_side_conn(side, t->family), *head = conn;

	klb_tell(&ex->steps, side->dir == KLB_DIR_ORIG ? KLB_STEP_CONN_ORIG :
							 KLB_STEP_CONN_REPLY);
	if (t->proto == IPPROTO_SCTP) {
		head = klb_sctp_head(conn);
		conn = klb_sctp_path(conn, side->dir, &data);
	}
	if (conn != head)
		klb_tell(&ex->steps, KLB_STEP_PATH);
	ex->has_conn = true;
	klb_conn_info(head, &ex->conn);
	explain_by(kn, ex, conn, t, side->dir);
}

/* Neither of a connection nor for a service */

/* Whether a service would listen there if it were another address. */
static void tell_no_service(struct klb_net *kn, struct klb_explanation *ex,
			    const struct klb_tuple *t)
{
	const struct klb_service_key key = {
		.port = t->ports.dst, .proto = t->proto, .family = t->family,
	};
	enum klb_step step = KLB_STEP_NO_SERVICE;

	if (klb_service_find(kn, &key))
		step = klb_own_address(kn->net, t->family, &t->dst) ?
		       KLB_STEP_NOT_NODEPORT : KLB_STEP_NOT_OWN;
	klb_tell_at(&ex->steps, step, t->family, &t->dst, t->ports.dst);
}

static void explain_nothing(struct klb_net *kn, struct klb_explanation *ex,
			    const struct klb_tuple *t)
{
	struct klb_pkt pkt = { .t = *t };
	struct klb_passing p;

	tell_no_service(kn, ex, t);
	if (klb_guarded(kn, t->family, &t->dst)) {
		klb_tell_at(&ex->steps, KLB_STEP_GUARDED, t->family, &t->dst,
			    0);
		ex->reason = KLB_REASON_GUARDED;
		return;
	}
	if (t->proto != IPPROTO_SCTP && klb_pass_answer(kn, &pkt, &p)) {
		klb_tell(&ex->steps, KLB_STEP_STATELESS_REPLY);
		explain_by(kn, ex, &p.conn, t, KLB_DIR_REPLY);
		klb_conn_drop_route(&p.conn);
		if (ex->outcome == KLB_OUTCOME_FORWARD)
			ex->reason = KLB_REASON_STATELESS;
		return;
	}
	ex->outcome = KLB_OUTCOME_PASS;
	ex->reason = KLB_REASON_BYSTANDER;
}

/* New connections */

static void tell_service(struct klb_net *kn, struct klb_explanation *ex,
			 const struct klb_tuple *t)
{
	const struct klb_service *svc = ex->svc;
	enum klb_step step = KLB_STEP_SECONDARY;

	if (svc->any)
		step = rcu_access_pointer(kn->nodeport_set) ?
		       KLB_STEP_NODEPORT : KLB_STEP_OWN_ADDRESS;
	else if (klb_addr_equal(t->family, &t->dst, &svc->key.addr))
		return;
	klb_tell_at(&ex->steps, step, t->family, &t->dst, 0);
}

static void explain_nobody(struct klb_explanation *ex)
{
	bool reject = READ_ONCE(ex->svc->empty) == KLB_EMPTY_REJECT;

	klb_tell_n(&ex->steps, KLB_STEP_NO_ENDPOINT, ex->svc->n_endpoints, 0);
	klb_tell(&ex->steps, reject ? KLB_STEP_REJECTS : KLB_STEP_DROPS);
	if (reject)
		ex->reason = KLB_REASON_REJECTED;
}

static void tell_chosen(struct klb_net *kn, struct klb_explanation *ex,
			const struct klb_tuple *t, const struct klb_choice *c)
{
	struct klb_tuple sent = {
		.src = c->fullnat ? c->source : t->src, .dst = c->ep->addr,
		.ports.src = t->ports.src, .ports.dst = c->ep->port,
		.proto = t->proto, .family = c->ep->family,
	}, reply;

	if (klb_chose_direct(c)) {
		if (!c->rt->local)
			tell_direct(kn, ex, t, c->rt);
		return;
	}
	klb_tuple_reverse(&reply, &sent);
	if (!c->fullnat && klb_conn_lookup(kn, &reply)) {
		klb_tell(&ex->steps, KLB_STEP_PORT_TAKEN);
		sent.ports.src = 0;
	} else if (c->fullnat) {
		sent.ports.src = 0;
	}
	klb_tell_tuple(&ex->steps, KLB_STEP_TRANSLATED, &sent);
}

static enum klb_reason obstacle(const struct klb_choice *c, u8 proto, u8 family)
{
	static const struct klb_sctp_look init = { .event = KLB_SCTP_INIT };

	if (proto == IPPROTO_SCTP)
		return klb_sctp_obstacle(c, family, &init);
	return c->fullnat && klb_source_used_up(c->ep) ?
	       KLB_REASON_NO_PORT : 0;
}

static bool has_room(struct klb_net *kn, struct klb_explanation *ex)
{
	u32 n = klb_conn_table_count(&kn->conns), max = READ_ONCE(kn->conn_max);

	if (n < max)
		return true;
	klb_tell_n(&ex->steps, KLB_STEP_CONN_MAX, n, max);
	if (!klb_conn_may_evict(&kn->conns))
		return false;
	klb_tell(&ex->steps, KLB_STEP_EVICT);
	return true;
}

/* Without room for a connection. */
static void explain_stateless(struct klb_net *kn, struct klb_explanation *ex,
			      const struct klb_tuple *t,
			      const struct klb_choice *c)
{
	ex->reason = KLB_REASON_CONN_MAX;
	if (t->proto == IPPROTO_SCTP || !klb_service_stateless(ex->svc) ||
	    !klb_pass_possible(c))
		return;
	klb_tell(&ex->steps, KLB_STEP_STATELESS);
	explain_way(kn, ex, c->rt);
	if (ex->outcome == KLB_OUTCOME_FORWARD)
		ex->reason = KLB_REASON_STATELESS;
}

/* With an endpoint that was chosen. */
static void explain_chosen(struct klb_net *kn, struct klb_explanation *ex,
			   const struct klb_tuple *t,
			   const struct klb_choice *c)
{
	tell_chosen(kn, ex, t, c);
	ex->reason = obstacle(c, t->proto, t->family);
	if (ex->reason)
		return;
	if (has_room(kn, ex))
		explain_way(kn, ex, c->rt);
	else
		explain_stateless(kn, ex, t, c);
}

static void explain_new(struct klb_net *kn, struct klb_explanation *ex,
			const struct klb_tuple *t)
{
	struct klb_choice c;

	ex->svc = klb_service_of(kn, t);
	if (!ex->svc) {
		explain_nothing(kn, ex, t);
		return;
	}
	tell_service(kn, ex, t);
	if (klb_odd_source(t)) {
		klb_tell(&ex->steps, KLB_STEP_BAD_SOURCE);
		ex->reason = KLB_REASON_BAD_SOURCE;
		return;
	}
	c.ep = NULL;
	if (klb_select_peek(kn, ex->svc, t, &c, &ex->reason, &ex->steps)) {
		ex->ep = c.ep;
		explain_chosen(kn, ex, t, &c);
		return;
	}
	ex->ep = c.ep;
	if (ex->reason == KLB_REASON_NO_ENDPOINT)
		explain_nobody(ex);
}

static bool outlived(const struct klb_conn *conn, const struct klb_tuple *t)
{
	static const struct klb_sctp_look init = { .event = KLB_SCTP_INIT };
	const struct klb_pkt syn = {
		.t = *t,
		.tcp_flags = KLB_TCP_SYN,
	};

	return t->proto == IPPROTO_SCTP ?
	       klb_sctp_outlived(klb_sctp_head(conn), &init) :
	       klb_outlived(conn, &syn);
}

/* Prefixes are asked for as packets are: in a set that does not tell which of
 * them it was. Here they are named, as they were configured.
 */
static void name_prefix(struct klb_net *kn, const struct klb_service *svc,
			struct klb_told *told)
{
	const struct klb_prefixes *list;
	const struct klb_prefix *p;

	switch (told->kind) {
	case KLB_STEP_NOT_SOURCE:
		told->n = svc->sources.n;
		told->counts = true;
		return;
	case KLB_STEP_SOURCE:
		list = &svc->sources;
		break;
	case KLB_STEP_INSIDE_PODS:
		list = &kn->pods;
		break;
	case KLB_STEP_NODEPORT:
		list = &kn->nodeports;
		break;
	case KLB_STEP_GUARDED:
		list = &kn->guard;
		break;
	default:
		return;
	}
	p = klb_prefixes_find(list, told->family, &told->addr);
	if (!p)
		return;
	told->addr = p->addr;
	told->len = p->len;
	told->prefix = true;
}

static void name_prefixes(struct klb_net *kn, struct klb_explanation *ex)
{
	u8 i;

	for (i = 0; i < ex->steps.n; i++)
		name_prefix(kn, ex->svc, &ex->told[i]);
}

/* A packet that goes on in a connection, or a client's first one: a SYN, an
 * INIT or a datagram.
 */
void klb_explain(struct klb_net *kn, const struct klb_tuple *t,
		 struct klb_explanation *ex)
{
	struct klb_side *side = klb_conn_lookup(kn, t);

	lockdep_assert_held(&kn->lock);
	memset(ex, 0, sizeof(*ex));
	ex->steps = (struct klb_steps){ .max = KLB_STEPS_MAX, .v = ex->told };
	ex->outcome = KLB_OUTCOME_DROP;
	if (side && (side->dir == KLB_DIR_REPLY ||
		     !outlived(klb_side_conn(side, t->family), t))) {
		explain_conn(kn, ex, side, t);
	} else {
		if (side)
			klb_tell(&ex->steps, KLB_STEP_CONN_OVER);
		explain_new(kn, ex, t);
	}
	name_prefixes(kn, ex);
}
