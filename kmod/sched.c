// SPDX-License-Identifier: GPL-2.0
#include "sched.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/spinlock.h>

#include "endpoint.h"
#include "least.h"
#include "netns.h"
#include "service.h"
#include "steps.h"

/* Endpoints whose load explain tells, of those that lc and wlc compare. */
#define LOADS_TOLD	8

const struct klb_table *klb_sched_table(const struct klb_service *svc,
					enum klb_client client)
{
	const struct klb_table *table = NULL;

	if (client == KLB_CLIENT_INSIDE)
		table = rcu_dereference(svc->inside);
	return table ?: rcu_dereference(svc->table);
}

/* The one of the clients' own, unlike above. */
static struct klb_table *table_of(const struct klb_service *svc,
				  enum klb_client client)
{
	return rcu_dereference_protected(client == KLB_CLIENT_INSIDE ?
					 svc->inside : svc->table,
					 lockdep_is_held(&svc->sched_lock));
}

/* Numbers of connections, under klb_service.sched_lock */

static void set_active(struct klb_endpoint *ep, u32 active)
{
	u32 client, place;

	WRITE_ONCE(ep->active, active);
	for (client = 0; client < KLB_CLIENTS; client++) {
		struct klb_table *table = table_of(ep->svc, client);

		place = ep->place[client];
		if (table && table->least && place < table->n &&
		    table->endpoints[place] == ep)
			klb_least_set(table->least, place, active);
	}
}

void klb_sched_begin(struct klb_endpoint *ep)
{
	spin_lock_bh(&ep->svc->sched_lock);
	set_active(ep, ep->active + 1);
	spin_unlock_bh(&ep->svc->sched_lock);
}

void klb_sched_end(struct klb_endpoint *ep)
{
	spin_lock_bh(&ep->svc->sched_lock);
	if (!WARN_ON_ONCE(!ep->active))
		set_active(ep, ep->active - 1);
	spin_unlock_bh(&ep->svc->sched_lock);
}

/* Choice */

static struct klb_endpoint *in_slot(const struct klb_table *table, u32 slot)
{
	return table->endpoints[table->slots[slot]];
}

static struct klb_endpoint *maglev(const struct klb_table *table,
				   const struct klb_tuple *t,
				   struct klb_steps *peek)
{
	u32 slot = reciprocal_scale(klb_tuple_hash(&table->key, t),
				    table->size);

	if (peek)
		klb_tell_n(peek, KLB_STEP_MAGLEV, slot, table->size);
	return in_slot(table, slot);
}

/* Each packet that comes here has a turn of its own, whatever others do. */
static struct klb_endpoint *next_turn(struct klb_table *table,
				      struct klb_steps *peek)
{
	s64 turn = peek ? atomic64_read(&table->turns) :
			  atomic64_fetch_inc(&table->turns);
	u32 slot;

	div_u64_rem(turn, table->size, &slot);
	if (peek)
		klb_tell_n(peek, KLB_STEP_TURN, slot + 1, table->size);
	return in_slot(table, slot);
}

static void tell_load(struct klb_steps *peek, const struct klb_endpoint *ep,
		      u32 weight)
{
	klb_tell_at(peek, KLB_STEP_LOAD, ep->family, &ep->addr, ep->port);
	klb_tell_also(peek, KLB_STEP_LOAD, READ_ONCE(ep->active), weight);
}

/* Endpoint @i is chosen: how it compares, with the first few. */
static void tell_least(struct klb_steps *peek, const struct klb_table *table,
		       u32 i)
{
	const struct klb_endpoint *ep = table->endpoints[i];
	u32 j, more = LOADS_TOLD - 1;

	klb_tell_at(peek, KLB_STEP_LEAST, ep->family, &ep->addr, ep->port);
	klb_tell_also(peek, KLB_STEP_LEAST, table->n, 0);
	tell_load(peek, ep, table->least->e[i].weight);
	for (j = 0; j < table->n && more; j++) {
		if (j == i)
			continue;
		tell_load(peek, table->endpoints[j], table->least->e[j].weight);
		more--;
	}
}

/* The table may have changed since; what counts is who is there now. */
static struct klb_endpoint *least_locked(struct klb_table *table,
					 struct klb_steps *peek)
{
	struct klb_endpoint *ep;
	u32 i;

	if (!table || !table->least)
		return NULL;
	i = klb_least_next(table->least);
	ep = table->endpoints[i];
	if (peek) {
		tell_least(peek, table, i);
	} else {
		klb_least_take(table->least, i);
		set_active(ep, ep->active + 1);
	}
	return ep;
}

static struct klb_pick pick_least(struct klb_service *svc,
				  enum klb_client client,
				  struct klb_steps *peek)
{
	struct klb_pick pick;

	spin_lock_bh(&svc->sched_lock);
	if (!table_of(svc, KLB_CLIENT_INSIDE))
		client = KLB_CLIENT_OUTSIDE;
	pick.ep = least_locked(table_of(svc, client), peek);
	spin_unlock_bh(&svc->sched_lock);
	pick.counted = pick.ep && !peek;
	return pick;
}

/* Drawn by weight: the order of turns has each so many times. */
static struct klb_endpoint *draw(const struct klb_table *table, u32 *weight)
{
	u32 slot = reciprocal_scale(get_random_u32(), table->size);
	u32 i = table->slots[slot];

	*weight = table->weights[i];
	return table->endpoints[i];
}

static struct klb_pick pick_random(const struct klb_table *table,
				   struct klb_steps *peek)
{
	u32 weight_a, weight_b;
	struct klb_endpoint *a = draw(table, &weight_a);
	struct klb_endpoint *b = draw(table, &weight_b);

	if (peek) {
		tell_load(peek, a, weight_a);
		tell_load(peek, b, weight_b);
	}
	if ((u64)READ_ONCE(b->active) * weight_a <
	    (u64)READ_ONCE(a->active) * weight_b)
		a = b;
	if (peek)
		klb_tell_at(peek, KLB_STEP_RANDOM, a->family, &a->addr,
			    a->port);
	return klb_sched_pick_this(a, peek);
}

struct klb_pick klb_sched_pick_this(struct klb_endpoint *ep,
				    struct klb_steps *peek)
{
	struct klb_pick pick = { .ep = ep };

	/* racy, as any setting */
	pick.counted = !peek && klb_sched_counts(READ_ONCE(ep->svc->scheduler));
	if (pick.counted)
		klb_sched_begin(ep);
	return pick;
}

static struct klb_pick pick(struct klb_service *svc, struct klb_table *table,
			    const struct klb_tuple *t, enum klb_client client,
			    struct klb_steps *peek)
{
	if (!table || !table->n)
		return (struct klb_pick){};
	switch (table->conf.scheduler) {
	case KLB_SCHEDULER_RR:
	case KLB_SCHEDULER_WRR:
		return (struct klb_pick){ next_turn(table, peek) };
	case KLB_SCHEDULER_LC:
	case KLB_SCHEDULER_WLC:
		return pick_least(svc, client, peek);
	case KLB_SCHEDULER_RANDOM:
		return pick_random(table, peek);
	default:
		return (struct klb_pick){ maglev(table, t, peek) };
	}
}

struct klb_pick klb_sched_pick(struct klb_service *svc,
			       const struct klb_tuple *t,
			       enum klb_client client, struct klb_steps *peek)
{
	/* only to count turns */
	struct klb_table *table = (void *)klb_sched_table(svc, client), *now;
	struct klb_pick p = pick(svc, table, t, client, peek);

	/* lc looks at the table once more, and it may be another's then */
	if (unlikely(!p.ep)) {
		now = (void *)klb_sched_table(svc, client);
		if (now != table)
			p = pick(svc, now, t, client, peek);
	}
	return p;
}

/* Tables that follow each other */

/* Round robin goes on with who comes after the last one in order, whoever
 * came or went; with weights, at the same part of the cycle.
 */
static void carry_turns(const struct klb_table *old, struct klb_table *new)
{
	u64 turns = atomic64_read(&old->turns);
	u32 slot;

	if (!turns || !old->n || !new->n)
		return;
	if (new->conf.scheduler == KLB_SCHEDULER_RR) {
		div_u64_rem(turns - 1, old->size, &slot);
		slot = klb_table_after(new, in_slot(old, slot)) % new->n;
	} else {
		div_u64_rem(turns, old->size, &slot);
		slot = div_u64((u64)slot * new->size, old->size);
	}
	atomic64_set(&new->turns, slot);
}

/* Seen from now: a table in between may have had none of them, or nobody. */
static void keep_turns(const struct klb_table *table, enum klb_client client)
{
	u32 i;

	for (i = 0; i < table->n; i++) {
		s64 ahead = table->least->e[i].turn - table->least->now;

		table->endpoints[i]->turn[client] = max_t(s64, ahead, 0);
	}
}

static void fill_least(struct klb_table *table, enum klb_client client)
{
	struct klb_least *least = table->least;
	u32 i;

	for (i = 0; i < table->n; i++) {
		struct klb_endpoint *ep = table->endpoints[i];

		ep->place[client] = i;
		least->e[i] = (struct klb_least_entry){
			.load = ep->active,
			.weight = table->conf.scheduler == KLB_SCHEDULER_WLC ?
				  table->weights[i] : 1,
			.turn = ep->turn[client],
		};
	}
	least->now = 0;
	klb_least_start(least);
}

static void carry(const struct klb_table *old, struct klb_table *new,
		  enum klb_client client)
{
	if (old && old->least)
		keep_turns(old, client);
	if (new && new->least)
		fill_least(new, client);
	else if (old && new && old->conf.scheduler == new->conf.scheduler)
		carry_turns(old, new);
}

static struct klb_table *swap_table(struct klb_table __rcu **slot,
				    struct klb_table *new,
				    enum klb_client client)
{
	/* sched_lock is held */
	struct klb_table *old = rcu_dereference_protected(*slot, 1);

	if (old == new)
		return NULL;
	carry(old, new, client);
	rcu_assign_pointer(*slot, new);
	return old;
}

void klb_sched_publish(struct klb_service *svc, struct klb_table **tables)
{
	spin_lock_bh(&svc->sched_lock);
	tables[KLB_CLIENT_INSIDE] = swap_table(&svc->inside,
					       tables[KLB_CLIENT_INSIDE],
					       KLB_CLIENT_INSIDE);
	tables[KLB_CLIENT_OUTSIDE] = swap_table(&svc->table,
						tables[KLB_CLIENT_OUTSIDE],
						KLB_CLIENT_OUTSIDE);
	spin_unlock_bh(&svc->sched_lock);
}
