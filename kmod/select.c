// SPDX-License-Identifier: GPL-2.0
#include "select.h"

#include "direct.h"
#include "netns.h"
#include "pool.h"
#include "steps.h"

/* An endpoint that gets packets as they are. LAND would be its own answer. */
static bool choose_direct(const struct klb_net *kn, const struct klb_tuple *t,
			  struct klb_choice *c, enum klb_reason *reason)
{
	c->fullnat = false;
	c->pool = NULL;
	*reason = KLB_REASON_MALFORMED;
	return !(t->ports.src == t->ports.dst &&
		 klb_addr_equal(t->family, &t->src, &t->dst)) &&
	       klb_direct_possible(kn, t, c->rt, reason);
}

/* This host's processes and its pods are inside. It goes by the address and not
 * by the hook: what others send may come by a klb device or by egress, too.
 */
static enum klb_step where(struct klb_net *kn, const struct klb_tuple *t)
{
	if (klb_prefix_in(&kn->pod_set, t->family, &t->src))
		return KLB_STEP_INSIDE_PODS;
	if (klb_local_address(kn->net, t->family, &t->src))
		return KLB_STEP_INSIDE_HOST;
	return KLB_STEP_OUTSIDE;
}

/* Where the client is, if the service minds. */
static enum klb_client client_of(struct klb_net *kn,
				 const struct klb_service *svc,
				 const struct klb_tuple *t,
				 struct klb_steps *peek)
{
	enum klb_step step;

	if (!rcu_access_pointer(svc->inside) &&
	    READ_ONCE(svc->masquerade) != KLB_MASQUERADE_OUTSIDE)
		return KLB_CLIENT_OUTSIDE;
	step = where(kn, t);
	if (peek)
		klb_tell_at(peek, step, t->family, &t->src, 0);
	return step == KLB_STEP_OUTSIDE ? KLB_CLIENT_OUTSIDE :
					  KLB_CLIENT_INSIDE;
}

bool klb_may_come(const struct klb_service *svc, const struct klb_tuple *t,
		  struct klb_steps *peek)
{
	const struct klb_prefix_set *set = rcu_dereference(svc->source_set);
	bool may;

	if (!set)
		return true;
	may = klb_prefix_set_has(set, t->family, &t->src);
	if (peek)
		klb_tell_at(peek, may ? KLB_STEP_SOURCE : KLB_STEP_NOT_SOURCE,
			    t->family, &t->src, 0);
	return may;
}

static struct klb_pick pick(struct klb_service *svc, const struct klb_tuple *t,
			    enum klb_client client, struct klb_steps *peek)
{
	if (READ_ONCE(svc->affinity))
		return klb_affinity_pick(svc, t, client, peek);
	return klb_sched_pick(svc, t, client, peek);
}

/* A process of this host answers by klb wherever the client is: it may as well
 * see who that is.
 */
static bool masquerades(const struct klb_service *svc,
			const struct klb_tuple *t, enum klb_client client,
			const struct klb_choice *c)
{
	u8 masquerade = READ_ONCE(svc->masquerade);

	if (masquerade == KLB_MASQUERADE_NEVER || c->rt->local)
		return false;
	if (masquerade == KLB_MASQUERADE_HOST)
		return klb_local_address(svc->kn->net, t->family, &t->src);
	return masquerade == KLB_MASQUERADE_ALWAYS ||
	       client == KLB_CLIENT_OUTSIDE;
}

/* Whether the source is to be replaced. */
static bool replaces(const struct klb_service *svc, const struct klb_tuple *t,
		     enum klb_client client, const struct klb_choice *c,
		     struct klb_steps *peek)
{
	enum klb_step why;

	if (READ_ONCE(svc->forward) == KLB_FORWARD_FULLNAT)
		why = KLB_STEP_FULLNAT;
	else if (c->ep->family != t->family)
		why = KLB_STEP_FAMILY;
	else if (klb_hairpin(t, t->family, c))
		why = KLB_STEP_HAIRPIN;
	else if (masquerades(svc, t, client, c))
		why = KLB_STEP_MASQUERADE;
	else
		return false;
	if (peek)
		klb_tell(peek, why);
	return true;
}

/* The source that the endpoint sees: the client, one of the service's pool, or
 * the address that this host itself would take. False: there is none.
 */
static bool find_source(const struct klb_service *svc,
			const struct klb_tuple *t, enum klb_client client,
			struct klb_choice *c, struct klb_steps *peek)
{
	const struct klb_pool *pool = rcu_dereference(svc->pool);

	c->pool = NULL;
	c->fullnat = replaces(svc, t, client, c, peek);
	if (!c->fullnat)
		return true;
	c->source = c->rt->source;
	if (!pool)
		return !klb_addr_any(c->ep->family, &c->source);
	c->pool = pool;
	klb_pool_addr(pool, klb_pool_home(pool, t->family, &t->src),
		      &c->source);
	return pool->family == c->ep->family;
}

/* The way to an endpoint that was chosen. */
static bool find_way(struct klb_net *kn, const struct klb_service *svc,
		     const struct klb_tuple *t, enum klb_client client,
		     struct klb_choice *c, enum klb_reason *reason,
		     struct klb_steps *peek)
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
	return find_source(svc, t, client, c, peek);
}

static bool select_for(struct klb_net *kn, struct klb_service *svc,
		       const struct klb_tuple *t, struct klb_steps *peek,
		       struct klb_choice *c, enum klb_reason *reason)
{
	enum klb_client client;
	struct klb_pick p;

	c->ep = NULL;
	*reason = KLB_REASON_SOURCE;
	if (!klb_may_come(svc, t, peek))
		return false;
	client = client_of(kn, svc, t, peek);
	*reason = KLB_REASON_NO_ENDPOINT;
	p = pick(svc, t, client, peek);
	c->ep = p.ep;
	c->counted = p.counted;
	if (!c->ep)
		return false;
	if (find_way(kn, svc, t, client, c, reason, peek))
		return true;
	klb_unselect(c);
	return false;
}

bool klb_select(struct klb_net *kn, struct klb_service *svc,
		const struct klb_tuple *t, struct klb_choice *c,
		enum klb_reason *reason)
{
	return select_for(kn, svc, t, NULL, c, reason);
}

bool klb_select_peek(struct klb_net *kn, struct klb_service *svc,
		     const struct klb_tuple *t, struct klb_choice *c,
		     enum klb_reason *reason, struct klb_steps *steps)
{
	struct klb_steps untold = {};

	return select_for(kn, svc, t, steps ?: &untold, c, reason);
}
