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

bool klb_select(struct klb_net *kn, const struct klb_service *svc,
		const struct klb_tuple *t, u8 hook, struct klb_choice *c,
		enum klb_reason *reason)
{
	*reason = KLB_REASON_NO_ENDPOINT;
	c->ep = klb_service_pick(svc, t, t->family);
	if (!c->ep)
		return false;
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
		     klb_hairpin(t, t->family, c);
	c->source = c->rt->source;
	return !c->fullnat || !klb_addr_any(c->ep->family, &c->source);
}
