// SPDX-License-Identifier: GPL-2.0
#include "affinity.h"

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "netns.h"
#include "steps.h"

/* Entries for a bucket when there are as many as there may be. */
#define PER_BUCKET	8
/* gc sees each bucket once in so many times. */
#define GC_SLICES	8
#define GC_BATCH	64

static uint affinity_max;
module_param(affinity_max, uint, 0444);
MODULE_PARM_DESC(affinity_max, "clients remembered by services with an affinity, 64 to 16777216 (default by memory)");

struct memory {
	struct hlist_node node;
	u64 id;			/* klb_service.affinity_id */
	union klb_addr client;
	union klb_addr addr;	/* of the endpoint */
	u64 births;		/* klb_net.births when it was last used */
	u32 used;		/* jiffies */
	u32 timeout;		/* jiffies */
	__be16 port;		/* of the endpoint */
	u8 endpoint_family;
	u8 family;		/* of the client */
};

void klb_affinity_init(struct klb_net *kn)
{
	struct klb_affinity_table *at = &kn->affinity;
	int i;

	get_random_bytes(&at->key, sizeof(at->key));
	for (i = 0; i < KLB_AFFINITY_LOCKS; i++)
		spin_lock_init(&at->locks[i]);
}

static u32 most(void)
{
	u64 n = affinity_max;

	if (!n)	/* a 64th of the memory */
		n = max_t(u64, 65536, ((u64)totalram_pages() << PAGE_SHIFT) /
				      64 / sizeof(struct memory));
	return clamp_t(u64, n, 64, 1u << 24);
}

int klb_affinity_start(struct klb_net *kn)
{
	struct klb_affinity_table *at = &kn->affinity;
	struct hlist_head *head;
	u32 n;

	lockdep_assert_held(&kn->lock);
	if (at->head)
		return 0;
	at->max = most();
	n = rounddown_pow_of_two(at->max / PER_BUCKET);
	head = kvcalloc(n, sizeof(*head), GFP_KERNEL_ACCOUNT);
	if (!head)
		return -ENOMEM;
	at->mask = n - 1;
	smp_store_release(&at->head, head); /* packets see the rest */
	return 0;
}

u64 klb_affinity_id(struct klb_net *kn, const char *share)
{
	const u64 shared = 1ull << 63;

	lockdep_assert_held(&kn->lock);
	if (share)
		return siphash(share, strlen(share), &kn->affinity.key) |
		       shared;
	return ++kn->affinity.ids;
}

static spinlock_t *lock_of(struct klb_affinity_table *at, u32 bucket)
{
	return &at->locks[bucket % KLB_AFFINITY_LOCKS];
}

static bool expired(const struct memory *m, u32 timeout)
{
	return (u32)jiffies - m->used > timeout;
}

static void forget(struct klb_affinity_table *at, struct memory *m)
{
	hlist_del(&m->node);
	kfree(m);
	atomic_dec(&at->count);
}

void klb_affinity_exit(struct klb_net *kn)
{
	struct klb_affinity_table *at = &kn->affinity;
	struct hlist_node *next;
	struct memory *m;
	u32 i;

	for (i = 0; at->head && i <= at->mask; i++)
		hlist_for_each_entry_safe(m, next, &at->head[i], node)
			forget(at, m);
	kvfree(at->head);
}

static void sweep_bucket(struct klb_affinity_table *at, u32 i)
{
	struct hlist_node *next;
	struct memory *m;

	spin_lock_bh(lock_of(at, i));
	hlist_for_each_entry_safe(m, next, &at->head[i], node)
		if (expired(m, m->timeout))
			forget(at, m);
	spin_unlock_bh(lock_of(at, i));
}

void klb_affinity_gc(struct klb_net *kn)
{
	struct klb_affinity_table *at = &kn->affinity;
	u32 n;

	/* pairs with klb_affinity_start() */
	if (!smp_load_acquire(&at->head) || !atomic_read(&at->count))
		return;
	for (n = at->mask / GC_SLICES + 1; n; n--) {
		sweep_bucket(at, at->swept++ & at->mask);
		if (!(n % GC_BATCH))
			cond_resched();
	}
}

/* Packets */

/* Who is asking, and where its entry is. */
struct asking {
	struct klb_affinity_table *at;
	struct klb_service *svc;
	union klb_addr client;
	u64 id;
	u32 bucket;
	u32 timeout;	/* jiffies */
};

/* All addresses of this host are one client, as if it had asked over loopback:
 * which of them a process has depends on the address that it asks.
 */
static void set_client(struct asking *a, const struct klb_tuple *t)
{
	bool here = klb_local_address(a->svc->kn->net, t->family, &t->src);

	if (!here)
		klb_addr_copy(t->family, &a->client, &t->src);
	else if (t->family == AF_INET6)
		a->client = (union klb_addr){ .in6 = in6addr_loopback };
	else
		a->client = (union klb_addr){ .ip = htonl(INADDR_LOOPBACK) };
}

static bool ask(struct asking *a, struct klb_service *svc,
		const struct klb_tuple *t)
{
	struct klb_affinity_table *at = &svc->kn->affinity;

	/* pairs with klb_affinity_start() */
	if (!smp_load_acquire(&at->head))
		return false;
	a->at = at;
	a->svc = svc;
	a->id = READ_ONCE(svc->affinity_id);
	a->timeout = READ_ONCE(svc->affinity) * HZ;
	set_client(a, t);
	a->bucket = siphash_3u64(a->id, a->client.w[0], a->client.w[1],
				 &at->key) & at->mask;
	return true;
}

static struct memory *find(const struct asking *a)
{
	struct memory *m;

	hlist_for_each_entry(m, &a->at->head[a->bucket], node)
		if (m->id == a->id && m->family == a->svc->key.family &&
		    klb_addr_equal(AF_INET6, &m->client, &a->client))
			return m;
	return NULL;
}

/* The endpoint that is remembered, and whether this client may get it still. One
 * that is at the same place but was made later is another one: who was there is
 * gone. Services that share a memory need not have the same ports.
 */
static enum klb_step recall(const struct asking *a, const struct memory *m,
			    enum klb_client client, struct klb_endpoint **ep)
{
	const struct klb_table *table = klb_sched_table(a->svc, client);

	if (!m)
		return KLB_STEP_NOT_REMEMBERED;
	if (expired(m, a->timeout))
		return KLB_STEP_FORGOTTEN;
	*ep = table ? klb_table_at(table, m->endpoint_family, &m->addr,
				   m->port) : NULL;
	if (!*ep)
		return KLB_STEP_REMEMBERED_UNUSABLE;
	return (*ep)->born <= m->births ? KLB_STEP_REMEMBERED :
					  KLB_STEP_REMEMBERED_REPLACED;
}

static void tell(struct klb_steps *peek, const struct asking *a,
		 const struct memory *m, enum klb_step kind)
{
	if (!m) {
		klb_tell(peek, kind);
		return;
	}
	klb_tell_at(peek, kind, m->endpoint_family, &m->addr, m->port);
	klb_tell_also(peek, kind, ((u32)jiffies - m->used) / HZ,
		      a->timeout / HZ);
}

static struct memory *forgotten_first(const struct asking *a)
{
	struct memory *m, *first = NULL;

	hlist_for_each_entry(m, &a->at->head[a->bucket], node)
		if (!first || (s32)(m->used + m->timeout - first->used -
				    first->timeout) < 0)
			first = m;
	return first;
}

/* An entry for a client that has none. NULL: no memory; then it is not
 * remembered.
 */
static struct memory *add(const struct asking *a)
{
	struct klb_affinity_table *at = a->at;
	struct memory *m = NULL;

	if (atomic_read(&at->count) >= at->max)
		m = forgotten_first(a);
	if (!m) {
		m = kmalloc(sizeof(*m), GFP_ATOMIC | __GFP_NOWARN);
		if (!m)
			return NULL;
		atomic_inc(&at->count);
		hlist_add_head(&m->node, &at->head[a->bucket]);
	}
	m->id = a->id;
	m->client = a->client;
	m->family = a->svc->key.family;
	return m;
}

static void remember(const struct asking *a, struct memory *m,
		     const struct klb_endpoint *ep)
{
	if (!m)
		m = add(a);
	if (!m)
		return;
	m->addr = ep->addr;
	m->port = ep->port;
	m->endpoint_family = ep->family;
	m->births = READ_ONCE(a->svc->kn->births);
	m->used = jiffies;
	m->timeout = a->timeout;
}

static struct klb_pick pick_locked(const struct asking *a,
				   const struct klb_tuple *t,
				   enum klb_client client,
				   struct klb_steps *peek)
{
	struct memory *m = find(a);
	struct klb_endpoint *ep = NULL;
	enum klb_step found = recall(a, m, client, &ep);
	struct klb_pick pick;

	if (peek)
		tell(peek, a, m, found);
	pick = found == KLB_STEP_REMEMBERED ?
	       klb_sched_pick_this(ep, peek) :
	       klb_sched_pick(a->svc, t, client, peek);
	if (pick.ep && !peek)
		remember(a, m, pick.ep);
	return pick;
}

struct klb_pick klb_affinity_pick(struct klb_service *svc,
				  const struct klb_tuple *t,
				  enum klb_client client,
				  struct klb_steps *peek)
{
	struct klb_pick pick;
	struct asking a;

	if (!ask(&a, svc, t))
		return klb_sched_pick(svc, t, client, peek);
	spin_lock_bh(lock_of(a.at, a.bucket));
	pick = pick_locked(&a, t, client, peek);
	spin_unlock_bh(lock_of(a.at, a.bucket));
	return pick;
}
