// SPDX-License-Identifier: GPL-2.0
#include "select.h"

#include "direct.h"
#include "netns.h"

/* An endpoint that gets packets as they are. LAND would be its own answer. */
static bool choose_direct(const struct klb_net *kn, const struct klb_tuple *t,
			  struct klb_choice *c, enum klb_reason *reason)
{
	c->fullnat = false;
	*reason = KLB_REASON_MALFORMED;
	return !(t->ports.src == t->ports.dst &&
		 klb_addr_equal(t->family, &t->src, &t->dst)) &&
	       klb_direct_possible(kn, t, c->rt, reason);
}

/* This host's processes and its pods are inside. It goes by the address and not
 * by the hook: what others send may come by a klb device or by egress, too.
 */
static bool is_inside(struct klb_net *kn, const struct klb_tuple *t)
{
	return klb_prefix_in(&kn->pod_set, t->family, &t->src) ||
	       klb_local_address(kn->net, t->family, &t->src);
}

/* Where the client is, if the service minds. */
static enum klb_client client_of(struct klb_net *kn,
				 const struct klb_service *svc,
				 const struct klb_tuple *t)
{
	if (!rcu_access_pointer(svc->inside) &&
	    READ_ONCE(svc->masquerade) != KLB_MASQUERADE_OUTSIDE)
		return KLB_CLIENT_OUTSIDE;
	return is_inside(kn, t) ? KLB_CLIENT_INSIDE : KLB_CLIENT_OUTSIDE;
}

static bool may_come(const struct klb_service *svc, const struct klb_tuple *t)
{
	const struct klb_prefix_set *set = rcu_dereference(svc->source_set);

	return !set || klb_prefix_set_has(set, t->family, &t->src);
}

static struct klb_pick pick(struct klb_service *svc, const struct klb_tuple *t,
			    enum klb_client client, bool peek)
{
	if (READ_ONCE(svc->affinity))
		return klb_affinity_pick(svc, t, client, peek);
	return klb_sched_pick(svc, t, client, peek);
}

/* A process of this host answers by klb wherever the client is: it may as well
 * see who that is.
 */
static bool masquerades(const struct klb_service *svc, enum klb_client client,
			const struct klb_choice *c)
{
	u8 masquerade = READ_ONCE(svc->masquerade);

	if (masquerade == KLB_MASQUERADE_NEVER || c->rt->local)
		return false;
	return masquerade == KLB_MASQUERADE_ALWAYS ||
	       client == KLB_CLIENT_OUTSIDE;
}

/* The way to an endpoint that was chosen. */
static bool find_way(struct klb_net *kn, const struct klb_service *svc,
		     const struct klb_tuple *t, enum klb_client client,
		     struct klb_choice *c, enum klb_reason *reason)
{
	*reason = KLB_REASON_NO_ROUTE;
	c->rt = klb_endpoint_route(kn, c->ep, t->family);
	if (!c->rt)
		return false;
	*reason = KLB_REASON_NO_SOURCE;
	c->plain = false;
	c->any = svc->any;
	if (klb_way_direct(c->ep->way))
		return choose_direct(kn, t, c, reason);
	c->fullnat = READ_ONCE(svc->forward) == KLB_FORWARD_FULLNAT ||
		     c->ep->family != t->family ||
		     klb_hairpin(t, t->family, c) ||
		     masquerades(svc, client, c);
	c->source = c->rt->source;
	return !c->fullnat || !klb_addr_any(c->ep->family, &c->source);
}

static bool select_for(struct klb_net *kn, struct klb_service *svc,
		       const struct klb_tuple *t, bool peek,
		       struct klb_choice *c, enum klb_reason *reason)
{
	enum klb_client client;
	struct klb_pick p;

	c->ep = NULL;
	*reason = KLB_REASON_SOURCE;
	if (!may_come(svc, t))
		return false;
	client = client_of(kn, svc, t);
	*reason = KLB_REASON_NO_ENDPOINT;
	p = pick(svc, t, client, peek);
	c->ep = p.ep;
	c->counted = p.counted;
	if (!c->ep)
		return false;
	if (find_way(kn, svc, t, client, c, reason))
		return true;
	klb_unselect(c);
	return false;
}

bool klb_select(struct klb_net *kn, struct klb_service *svc,
		const struct klb_tuple *t, struct klb_choice *c,
		enum klb_reason *reason)
{
	return select_for(kn, svc, t, false, c, reason);
}

bool klb_select_peek(struct klb_net *kn, struct klb_service *svc,
		     const struct klb_tuple *t, struct klb_choice *c,
		     enum klb_reason *reason)
{
	return select_for(kn, svc, t, true, c, reason);
}
