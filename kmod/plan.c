// SPDX-License-Identifier: GPL-2.0
#include "plan.h"

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "maglev.h"
#include "netns.h"

/* Tables */

static void table_free_rcu(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct klb_table, rcu));
}

static struct klb_table *table_alloc(u32 n, u32 size, u32 seed)
{
	struct klb_table *table;
	size_t weights_at = struct_size(table, endpoints, n);
	size_t slots_at = size_add(weights_at, array_size(n, sizeof(u16)));

	table = kvmalloc(size_add(slots_at, array_size(size, sizeof(u16))),
			 GFP_KERNEL);
	if (!table)
		return NULL;
	table->n = n;
	table->size = size;
	table->seed = seed;
	klb_hash_key_derive(&table->key, seed);
	table->weights = (void *)table + weights_at;
	table->slots = (void *)table + slots_at;
	return table;
}

/* Node-independent name of an endpoint, in Maglev's permutations. */
static u64 member_key(const struct klb_service *svc, u32 seed,
		      const struct klb_endpoint *ep)
{
	const siphash_key_t key = { { seed, 1 } };

	return siphash_3u64(ep->addr.w[0], ep->addr.w[1],
			    ntohs(ep->port) | (u32)svc->key.proto << 16, &key);
}

static bool plan_usable(const struct klb_plan *p)
{
	return p->state == KLB_ENDPOINT_STATE_UP && p->weight;
}

static u32 plan_count_usable(const struct klb_plan *plan, u32 n)
{
	u32 i, usable = 0;

	for (i = 0; i < n; i++)
		usable += plan_usable(&plan[i]);
	return usable;
}

/* Whether a table is what would be built: most changes of a service are none
 * of those who can be chosen.
 */
static bool table_is(const struct klb_table *table, const struct klb_plan *plan,
		     u32 n, u32 usable, u32 size, u32 seed)
{
	u32 i, k = 0;

	if (!table || table->n != usable || table->size != size ||
	    table->seed != seed)
		return false;
	for (i = 0; i < n; i++) {
		if (!plan_usable(&plan[i]))
			continue;
		if (table->endpoints[k] != plan[i].ep ||
		    table->weights[k] != plan[i].weight)
			return false;
		k++;
	}
	return true;
}

static struct klb_table *table_now(const struct klb_service *svc)
{
	return rcu_dereference_protected(svc->table,
					 lockdep_is_held(&svc->kn->lock));
}

static void table_fill(struct klb_table *table, const struct klb_service *svc,
		       u32 seed, struct klb_maglev_member *members,
		       const struct klb_plan *plan, u32 n)
{
	struct klb_maglev_build build;
	unsigned long *taken;
	u32 i, k = 0;

	for (i = 0; i < n; i++) {
		if (!plan_usable(&plan[i]))
			continue;
		members[k].key = member_key(svc, seed, plan[i].ep);
		members[k].weight = plan[i].weight;
		table->weights[k] = plan[i].weight;
		table->endpoints[k++] = plan[i].ep;
	}
	klb_maglev_build_start(&build, table->slots, table->size, members, k);
	/* only faster: it works without this memory */
	taken = kvcalloc(BITS_TO_LONGS(table->size), sizeof(*taken),
			 GFP_KERNEL | __GFP_NOWARN);
	klb_maglev_build_with(&build, taken);
	while (klb_maglev_build_some(&build))
		cond_resched();
	kvfree(taken);
}

static struct klb_table *table_new(const struct klb_service *svc,
				   const struct klb_plan *plan, u32 n,
				   u32 usable, u32 size, u32 seed)
{
	struct klb_maglev_member *members;
	struct klb_table *table = NULL;

	members = kvmalloc_array(usable, sizeof(*members), GFP_KERNEL);
	if (members)
		table = table_alloc(usable, size, seed);
	if (table)
		table_fill(table, svc, seed, members, plan, n);
	kvfree(members);
	return table;
}

/* The table for a plan, which may be the one in use. NULL in *@out if there is
 * nothing to choose from.
 */
static int table_build(const struct klb_service *svc, const struct klb_plan *plan,
		       u32 n, u32 maglev_size, u32 seed, struct klb_table **out)
{
	u32 usable = plan_count_usable(plan, n);
	u32 size = klb_maglev_size(usable, maglev_size);

	*out = NULL;
	if (!usable)
		return 0;
	*out = table_now(svc);
	if (!table_is(*out, plan, n, usable, size, seed))
		*out = table_new(svc, plan, n, usable, size, seed);
	return *out ? 0 : -ENOMEM;
}

static void table_publish(struct klb_service *svc, struct klb_table *table)
{
	struct klb_table *old = table_now(svc);

	if (old == table)
		return;
	rcu_assign_pointer(svc->table, table);
	if (old)
		call_rcu(&old->rcu, table_free_rcu);
}

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
			struct klb_table *table)
{
	plan_bring_in(plan, n);
	table_publish(svc, table);
	plan_take_out(svc, plan, n);
	kvfree(plan);
}

int klb_plan_run(struct klb_service *svc, struct klb_plan *plan, u32 n,
		 u32 maglev_size, u32 seed, struct netlink_ext_ack *extack)
{
	struct klb_table *table;
	int err = plan ? 0 : -ENOMEM;

	if (!err)
		err = table_build(svc, plan, n, maglev_size, seed, &table);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory for the endpoints");
		if (plan)
			plan_drop(plan, n);
		return err;
	}
	plan_commit(svc, plan, n, table);
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
	table_publish(svc, NULL);
	remove_others(svc, NULL, 0);
}
