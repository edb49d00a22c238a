// SPDX-License-Identifier: GPL-2.0
#include "select.h"

#include "netns.h"

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
	c->fullnat = READ_ONCE(svc->forward) == KLB_FORWARD_FULLNAT ||
		     c->ep->family != t->family ||
		     klb_hairpin(t, t->family, c);
	c->source = c->rt->source;
	return !c->fullnat || !klb_addr_any(c->ep->family, &c->source);
}
