// SPDX-License-Identifier: GPL-2.0
#include "table.h"

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "least.h"
#include "maglev.h"
#include "netns.h"
#include "plan.h"
#include "turns.h"

/* Memory */

static void table_free(struct klb_table *table)
{
	kvfree(table->least);
	kvfree(table);
}

static void table_free_rcu(struct rcu_head *rcu)
{
	table_free(container_of(rcu, struct klb_table, rcu));
}

/* For @n endpoints. One without any has a slot for nobody, so that whoever
 * takes it for Maglev's, while settings change, finds something there.
 */
static struct klb_table *table_alloc(u32 n, u32 size,
				     const struct klb_table_conf *conf)
{
	struct klb_table *table;
	size_t weights_at = struct_size(table, endpoints, max(n, 1u));
	size_t slots_at = size_add(weights_at, array_size(n, sizeof(u16)));

	table = kvmalloc(size_add(slots_at, array_size(size, sizeof(u16))),
			 GFP_KERNEL);
	if (!table)
		return NULL;
	table->n = n;
	table->size = size;
	table->conf = *conf;
	table->least = NULL;
	atomic64_set(&table->turns, 0);
	klb_hash_key_derive(&table->key, conf->seed);
	table->weights = (void *)table + weights_at;
	table->slots = (void *)table + slots_at;
	table->slots[0] = 0;
	table->endpoints[0] = NULL;
	return table;
}

/* Whom a client may get */

static bool usable(const struct klb_plan *p, enum klb_client client)
{
	u8 scope = client == KLB_CLIENT_INSIDE ? KLB_SCOPE_INSIDE :
						 KLB_SCOPE_OUTSIDE;

	return p->state == KLB_ENDPOINT_STATE_UP && p->weight &&
	       (p->scope == KLB_SCOPE_ALL || p->scope == scope);
}

static u32 count_usable(const struct klb_plan *plan, u32 n,
			enum klb_client client)
{
	u32 i, k = 0;

	for (i = 0; i < n; i++)
		k += usable(&plan[i], client);
	return k;
}

static bool same_for_all(const struct klb_plan *plan, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++)
		if (usable(&plan[i], KLB_CLIENT_INSIDE) !=
		    usable(&plan[i], KLB_CLIENT_OUTSIDE))
			return false;
	return true;
}

/* Whether a table is what would be built: most changes of a service are none
 * of those who can be chosen.
 */
static bool table_is(const struct klb_table *table, const struct klb_plan *plan,
		     u32 n, enum klb_client client,
		     const struct klb_table_conf *conf)
{
	u32 i, k = 0;

	if (!table || table->n != count_usable(plan, n, client) ||
	    table->conf.scheduler != conf->scheduler ||
	    table->conf.maglev_size != conf->maglev_size ||
	    table->conf.seed != conf->seed)
		return false;
	for (i = 0; i < n; i++) {
		if (!usable(&plan[i], client))
			continue;
		if (table->endpoints[k] != plan[i].ep ||
		    table->weights[k] != plan[i].weight)
			return false;
		k++;
	}
	return true;
}

static struct klb_table *table_now(const struct klb_service *svc,
				   enum klb_client client)
{
	return rcu_dereference_protected(client == KLB_CLIENT_INSIDE ?
					 svc->inside : svc->table,
					 lockdep_is_held(&svc->kn->lock));
}

static void fill_endpoints(struct klb_table *table, const struct klb_plan *plan,
			   u32 n, enum klb_client client)
{
	u32 i, k = 0;

	for (i = 0; i < n; i++) {
		if (!usable(&plan[i], client))
			continue;
		table->weights[k] = plan[i].weight;
		table->endpoints[k++] = plan[i].ep;
	}
}

/* Slots, by the scheduler. Each of these makes a table for @n endpoints, with
 * their weights.
 */

/* Node-independent name of an endpoint, in Maglev's permutations. */
static u64 member_key(const struct klb_endpoint *ep, u32 seed)
{
	const struct klb_service_key *svc = &ep->svc->key;
	const siphash_key_t key = { { seed, 1 } };
	u64 rest = ntohs(ep->port) | (u32)svc->proto << 16;

	/* one of the other family may have the same words */
	if (ep->family != svc->family)
		rest |= (u64)ep->family << 32;
	return siphash_3u64(ep->addr.w[0], ep->addr.w[1], rest, &key);
}

static void maglev_fill(struct klb_table *table,
			struct klb_maglev_member *members)
{
	struct klb_maglev_build build;
	unsigned long *taken;
	u32 i;

	for (i = 0; i < table->n; i++) {
		members[i].key = member_key(table->endpoints[i],
					    table->conf.seed);
		members[i].weight = table->weights[i];
	}
	klb_maglev_build_start(&build, table->slots, table->size, members,
			       table->n);
	/* only faster: it works without this memory */
	taken = kvcalloc(BITS_TO_LONGS(table->size), sizeof(*taken),
			 GFP_KERNEL | __GFP_NOWARN);
	klb_maglev_build_with(&build, taken);
	while (klb_maglev_build_some(&build))
		cond_resched();
	kvfree(taken);
}

static int fill_maglev(struct klb_table *table)
{
	struct klb_maglev_member *members;

	members = kvmalloc_array(table->n, sizeof(*members), GFP_KERNEL);
	if (!members)
		return -ENOMEM;
	maglev_fill(table, members);
	kvfree(members);
	return 0;
}

static struct klb_table *new_maglev(const struct klb_plan *plan, u32 n,
				    enum klb_client client, u32 k,
				    const struct klb_table_conf *conf)
{
	struct klb_table *table;

	table = table_alloc(k, klb_maglev_size(k, conf->maglev_size), conf);
	if (!table)
		return NULL;
	fill_endpoints(table, plan, n, client);
	if (fill_maglev(table)) {
		table_free(table);
		return NULL;
	}
	return table;
}

static struct klb_table *
turns_table(const struct klb_plan *plan, u32 n, enum klb_client client, u32 k,
	    const struct klb_table_conf *conf, struct klb_turns_member *members,
	    u16 *weights)
{
	struct klb_table *table;
	struct klb_turns turns;
	u32 i, size, at = 0;

	for (i = 0; i < n; i++)
		if (usable(&plan[i], client))
			weights[at++] = plan[i].weight;
	if (conf->scheduler == KLB_SCHEDULER_RR)
		weights = NULL;
	size = klb_turns_plan(members, weights, k);
	table = table_alloc(k, size, conf);
	if (!table)
		return NULL;
	fill_endpoints(table, plan, n, client);
	klb_turns_start(&turns, table->slots, size, members, k);
	while (klb_turns_some(&turns))
		cond_resched();
	return table;
}

static struct klb_table *new_turns(const struct klb_plan *plan, u32 n,
				   enum klb_client client, u32 k,
				   const struct klb_table_conf *conf)
{
	struct klb_turns_member *members;
	struct klb_table *table = NULL;
	u16 *weights;

	members = kvmalloc_array(k, sizeof(*members), GFP_KERNEL);
	weights = kvmalloc_array(k, sizeof(*weights), GFP_KERNEL);
	if (members && weights)
		table = turns_table(plan, n, client, k, conf, members, weights);
	kvfree(weights);
	kvfree(members);
	return table;
}

/* The rest is done when it is published: until then loads change. */
static struct klb_table *new_least(const struct klb_plan *plan, u32 n,
				   enum klb_client client, u32 k,
				   const struct klb_table_conf *conf)
{
	struct klb_table *table = table_alloc(k, 1, conf);

	if (!table)
		return NULL;
	fill_endpoints(table, plan, n, client);
	table->least = kvmalloc(klb_least_size(k), GFP_KERNEL);
	if (!table->least) {
		table_free(table);
		return NULL;
	}
	klb_least_init(table->least, k);
	return table;
}

static struct klb_table *table_new(const struct klb_plan *plan, u32 n,
				   enum klb_client client,
				   const struct klb_table_conf *conf)
{
	u32 k = count_usable(plan, n, client);

	if (!k)
		return table_alloc(0, 1, conf);
	switch (conf->scheduler) {
	case KLB_SCHEDULER_RR:
	case KLB_SCHEDULER_WRR:
	case KLB_SCHEDULER_RANDOM:
		return new_turns(plan, n, client, k, conf);
	case KLB_SCHEDULER_LC:
	case KLB_SCHEDULER_WLC:
		return new_least(plan, n, client, k, conf);
	default:
		return new_maglev(plan, n, client, k, conf);
	}
}

/* All of a service's */

static int build(const struct klb_service *svc, const struct klb_plan *plan,
		 u32 n, enum klb_client client,
		 const struct klb_table_conf *conf, struct klb_table **table)
{
	*table = table_now(svc, client);
	if (!table_is(*table, plan, n, client, conf))
		*table = table_new(plan, n, client, conf);
	return *table ? 0 : -ENOMEM;
}

int klb_tables_build(const struct klb_service *svc, const struct klb_plan *plan,
		     u32 n, const struct klb_table_conf *conf,
		     struct klb_table **tables)
{
	struct klb_table **outside = &tables[KLB_CLIENT_OUTSIDE];
	bool same = same_for_all(plan, n);
	int err;

	*outside = NULL;
	tables[KLB_CLIENT_INSIDE] = NULL;
	if (same && !count_usable(plan, n, KLB_CLIENT_OUTSIDE))
		return 0;
	err = build(svc, plan, n, KLB_CLIENT_OUTSIDE, conf, outside);
	if (err || same)
		return err;
	err = build(svc, plan, n, KLB_CLIENT_INSIDE, conf,
		    &tables[KLB_CLIENT_INSIDE]);
	if (err && *outside != table_now(svc, KLB_CLIENT_OUTSIDE))
		table_free(*outside);
	return err;
}

void klb_tables_publish(struct klb_service *svc, struct klb_table **tables)
{
	u32 client;

	klb_sched_publish(svc, tables);
	for (client = 0; client < KLB_CLIENTS; client++)
		if (tables[client])
			call_rcu(&tables[client]->rcu, table_free_rcu);
}

/* Endpoints of a table, which are in order */

/* The first that is not before @id; n: all are. */
static u32 first_from(const struct klb_table *table, struct klb_endpoint_id id)
{
	u32 low = 0, high = table->n, i;

	while (low < high) {
		i = (low + high) / 2;
		if (klb_endpoint_id_cmp(klb_endpoint_id(table->endpoints[i]),
					id) < 0)
			low = i + 1;
		else
			high = i;
	}
	return low;
}

struct klb_endpoint *klb_table_at(const struct klb_table *table, u8 family,
				  const union klb_addr *addr, __be16 port)
{
	const struct klb_endpoint_id id = { family, port, addr };
	u32 i = first_from(table, id);

	if (i < table->n &&
	    !klb_endpoint_id_cmp(klb_endpoint_id(table->endpoints[i]), id))
		return table->endpoints[i];
	i = first_from(table, (struct klb_endpoint_id){ family, 0, addr });
	if (i < table->n && table->endpoints[i]->family == family &&
	    klb_addr_equal(family, &table->endpoints[i]->addr, addr))
		return table->endpoints[i];
	return NULL;
}

u32 klb_table_after(const struct klb_table *table,
		    const struct klb_endpoint *ep)
{
	u32 i = first_from(table, klb_endpoint_id(ep));

	return i < table->n && table->endpoints[i] == ep ? i + 1 : i;
}
