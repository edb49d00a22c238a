// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <linux/mm.h>
#include <linux/slab.h>

#include "netns.h"
#include "table.h"

/* Plans */

static struct klb_plan *plan_alloc(u32 n)
{
	return kvmalloc_array(max(n, 1u), sizeof(struct klb_plan), GFP_KERNEL);
}

static void plan_keep(struct klb_plan *p, struct klb_endpoint *ep)
{
	p->ep = ep;
	p->weight = ep->weight;
	p->state = ep->state;
	p->scope = ep->scope;
}

void klb_plan_change(struct klb_plan *p, const struct klb_endpoint_conf *conf)
{
	if (conf->has_weight)
		p->weight = conf->weight;
	if (conf->has_state)
		p->state = conf->state;
	if (conf->has_scope)
		p->scope = conf->scope;
}

/* The configuration as it is, with room for one more; counts in *@n. */
struct klb_plan *klb_plan_current(const struct klb_service *svc, u32 *n)
{
	struct klb_plan *plan = plan_alloc(svc->n_endpoints + 1);
	struct klb_endpoint *ep;

	*n = 0;
	if (!plan)
		return NULL;
	for (ep = klb_endpoint_first(svc); ep; ep = klb_endpoint_next(ep))
		plan_keep(&plan[(*n)++], ep);
	return plan;
}

/* An endpoint that stays keeps what @conf does not name. */
int klb_plan_one(struct klb_plan *p, struct klb_service *svc, u8 forward,
		 const struct klb_endpoint_conf *conf)
{
	u8 way = klb_endpoint_way(svc, forward, conf->family);
	struct klb_endpoint *old, *new = NULL;

	old = klb_endpoint_find(svc, klb_endpoint_conf_id(conf));
	if (!old || old->way != way) {
		new = klb_endpoint_alloc(svc, forward, conf);
		if (!new)
			return -ENOMEM;
	}
	plan_keep(p, old ?: new);
	klb_plan_change(p, conf);
	p->ep = new ?: old;
	return 0;
}

/* Gives up a plan, with the endpoints that were made for it. */
static void plan_drop(struct klb_plan *plan, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (plan[i].ep->removed)
			klb_endpoint_put(plan[i].ep);
	kvfree(plan);
}

struct klb_plan *klb_plan_again(struct klb_service *svc, u8 forward, u32 *n)
{
	struct klb_plan *plan = plan_alloc(svc->n_endpoints);
	struct klb_endpoint *ep;

	*n = 0;
	if (!plan)
		return NULL;
	for (ep = klb_endpoint_first(svc); ep; ep = klb_endpoint_next(ep)) {
		const struct klb_endpoint_conf conf = {
			.addr = ep->addr, .port = ep->port,
			.family = ep->family,
		};

		if (klb_plan_one(&plan[*n], svc, forward, &conf)) {
			plan_drop(plan, *n);
			return NULL;
		}
		++*n;
	}
	return plan;
}

struct klb_plan *klb_plan_replace(struct klb_service *svc,
				  const struct klb_service_conf *conf)
{
	u8 forward = conf->has_forward ? conf->forward : svc->forward;
	struct klb_plan *plan = plan_alloc(conf->n_endpoints);
	u32 i;

	if (!plan)
		return NULL;
	for (i = 0; i < conf->n_endpoints; i++) {
		if (klb_plan_one(&plan[i], svc, forward,
				 &conf->endpoints[i])) {
			plan_drop(plan, i);
			return NULL;
		}
	}
	return plan;
}

/* Endpoints of the service that the plan leaves out; both are in order. */
static void remove_others(struct klb_service *svc,
			  const struct klb_plan *plan, u32 n)
{
	struct klb_endpoint *ep = klb_endpoint_first(svc), *next;
	u32 i = 0;

	for (; ep; ep = next) {
		next = klb_endpoint_next(ep);
		if (i < n && plan[i].ep == ep)
			i++;
		else
			klb_endpoint_remove(ep);
	}
}

/* What the plan has, up or draining; those that go down keep their state. */
static void plan_bring_in(struct klb_plan *plan, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		struct klb_endpoint *ep = plan[i].ep;

		ep->weight = plan[i].weight;
		WRITE_ONCE(ep->scope, plan[i].scope);
		if (ep->removed)
			klb_endpoint_insert(ep);
		if (plan[i].state != KLB_ENDPOINT_STATE_DOWN)
			klb_endpoint_set_state(ep, plan[i].state);
	}
}

/* What the plan has no more, or as down; both are in order. */
static void plan_take_out(struct klb_service *svc, struct klb_plan *plan,
			  u32 n)
{
	u32 i;

	remove_others(svc, plan, n);
	for (i = 0; i < n; i++)
		klb_endpoint_set_state(plan[i].ep, plan[i].state);
}

/* Makes the plan true. While a table is in use every endpoint that it names is
 * serving: a UDP flow to one that is not ends with its next packet.
 */
static void plan_commit(struct klb_service *svc, struct klb_plan *plan, u32 n,
			struct klb_table **tables)
{
	plan_bring_in(plan, n);
	klb_tables_publish(svc, tables);
	plan_take_out(svc, plan, n);
	kvfree(plan);
}

/* The inline way of packets takes all endpoints for those of the service's
 * family. It has to be over before the first other one can be chosen; the
 * service never goes it again.
 */
static void note_families(struct klb_service *svc, const struct klb_plan *plan,
			  u32 n)
{
	u32 i;

	for (i = 0; i < n && !svc->mixed; i++)
		svc->mixed = plan[i].ep->family != svc->key.family;
	if (!svc->mixed || !svc->plain)
		return;
	WRITE_ONCE(svc->plain, false);
	synchronize_rcu();
}

int klb_plan_run(struct klb_service *svc, struct klb_plan *plan, u32 n,
		 const struct klb_table_conf *conf,
		 struct netlink_ext_ack *extack)
{
	struct klb_table *tables[KLB_CLIENTS];
	int err = plan ? 0 : -ENOMEM;

	if (!err)
		err = klb_tables_build(svc, plan, n, conf, tables);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory for the endpoints");
		if (plan)
			plan_drop(plan, n);
		return err;
	}
	note_families(svc, plan, n);
	plan_commit(svc, plan, n, tables);
	return 0;
}

/* The place of an endpoint in a plan of all, for which it is there. */
struct klb_plan *klb_plan_find(struct klb_plan *plan, const struct klb_endpoint *ep)
{
	while (plan->ep != ep)
		plan++;
	return plan;
}

void klb_plan_clear(struct klb_service *svc)
{
	struct klb_table *tables[KLB_CLIENTS] = {};

	klb_tables_publish(svc, tables);
	remove_others(svc, NULL, 0);
}
