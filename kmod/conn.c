// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "conn_sctp.h"
#include "netns.h"

static uint buckets;
module_param(buckets, uint, 0444);
MODULE_PARM_DESC(buckets, "least size of a connection table, 2048 to 16777216 (default by memory)");

static struct kmem_cache *conn_cache4, *conn_cache6, *conn_cache46;

static __always_inline struct kmem_cache *cache_of(u8 family, u8 reply_family)
{
	if (unlikely(family != reply_family))
		return conn_cache46;
	return family == AF_INET ? conn_cache4 : conn_cache6;
}

static struct kmem_cache *cache_create(const char *name, size_t sides)
{
	return kmem_cache_create(name, sizeof(struct klb_conn) + sides, 0, 0,
				 NULL);
}

int klb_conns_module_init(void)
{
	BUILD_BUG_ON(sizeof(struct klb_conn) != 64);
	BUILD_BUG_ON(KLB_SIDE_SIZE(AF_INET) != 40);
	BUILD_BUG_ON(KLB_SIDE_SIZE(AF_INET6) != 64);

	conn_cache4 = cache_create("klb_conn4", 2 * KLB_SIDE_SIZE(AF_INET));
	conn_cache6 = cache_create("klb_conn6", 2 * KLB_SIDE_SIZE(AF_INET6));
	conn_cache46 = cache_create("klb_conn46", KLB_SIDE_SIZE(AF_INET) +
				    KLB_SIDE_SIZE(AF_INET6));
	if (conn_cache4 && conn_cache6 && conn_cache46 &&
	    !klb_sctp_module_init())
		return 0;
	klb_conns_module_exit();
	return -ENOMEM;
}

void klb_conns_module_exit(void)
{
	klb_sctp_module_exit();
	kmem_cache_destroy(conn_cache46);
	kmem_cache_destroy(conn_cache6);
	kmem_cache_destroy(conn_cache4);
}

/* The table */

/* @n: a power of two */
struct klb_buckets *klb_buckets_alloc(u32 n, u32 parity)
{
	struct klb_buckets *b;
	u32 i;

	b = kvmalloc(struct_size(b, head, n), GFP_KERNEL);
	if (!b)
		return NULL;
	RCU_INIT_POINTER(b->next, NULL);
	b->mask = n - 1;
	b->parity = parity;
	for (i = 0; i < n; i++)
		INIT_HLIST_NULLS_HEAD(&b->head[i], klb_nulls_of(b, i));
	return b;
}

void klb_conns_init(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;

	klb_hash_key_random(&ct->key);
	init_llist_head(&ct->dead);
	ct->kn = kn;
	mutex_init(&ct->resizing);
	INIT_DELAYED_WORK(&ct->gc, klb_conn_gc);
}

static u32 least_buckets(void)
{
	u32 n = buckets;

	if (!n) /* as conntrack has it: 512 KiB where there is a gigabyte */
		n = totalram_pages() >> (30 - PAGE_SHIFT) ? 65536 : 0;
	return roundup_pow_of_two(clamp_t(u32, n, KLB_CONN_BUCKETS_MIN,
					  1u << 24));
}

int klb_conns_start(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	struct klb_buckets *b;
	u32 i;

	lockdep_assert_held(&kn->lock);
	if (ct->locks)
		return 0;
	ct->least = least_buckets();
	b = klb_buckets_alloc(ct->least, 0);
	if (!b)
		return -ENOMEM;
	ct->locks = kvmalloc_array(KLB_CONN_LOCKS, sizeof(*ct->locks),
				   GFP_KERNEL);
	if (!ct->locks) {
		kvfree(b);
		return -ENOMEM;
	}
	for (i = 0; i < KLB_CONN_LOCKS; i++)
		spin_lock_init(&ct->locks[i]);
	rcu_assign_pointer(ct->buckets, b);
	queue_delayed_work(system_unbound_wq, &ct->gc, HZ);
	return 0;
}

/* Packets do not come any more. */
void klb_conns_exit(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	struct hlist_nulls_node *pos;
	struct klb_buckets *b;
	struct klb_side *side;
	u32 i;

	cancel_delayed_work_sync(&ct->gc);
	if (!ct->locks)
		return;
	b = rcu_dereference_protected(ct->buckets, 1);
	mutex_lock(&kn->lock);
	for (i = 0; i <= b->mask; i++) {
		while (!is_a_nulls(pos = b->head[i].first)) {
			side = hlist_nulls_entry(pos, struct klb_side, node);
			klb_conn_kill(kn, klb_side_conn(side, side->family));
		}
		if (!(i & 1023))
			cond_resched();
	}
	klb_conn_count_out(kn);
	klb_conn_free_list(kn, ct->condemned);
	ct->condemned = NULL;
	mutex_unlock(&kn->lock);
	kvfree(b);
	kvfree(ct->locks);
}

/* Look-up */

/* The barrier pairs with the move of a node in conn_gc.c: who misses it in the
 * old table sees the new one.
 */
struct klb_side *klb_conn_find_next(const struct klb_buckets *b, u32 hash,
				    u8 family, const struct klb_key *key)
{
	struct klb_side *side = NULL;

	do {
		smp_rmb(); /* see above */
		b = rcu_dereference(b->next);
	} while (b && !(side = klb_buckets_find(b, hash, family, key)));
	return side;
}

struct klb_side *klb_conn_lookup(struct klb_net *kn, const struct klb_tuple *t)
{
	const struct klb_conn_table *ct = &kn->conns;
	struct klb_key key;

	if (!rcu_access_pointer(ct->buckets))
		return NULL;
	klb_key_set(&key, t, t->family);
	return klb_conn_find(ct, klb_key_hash(&ct->key, t->family, &key),
			     t->family, &key);
}

/* Life */

/* Counts one more, unless it would be more than conn-max. */
static __always_inline bool count_in(struct klb_net *kn)
{
	u32 n = atomic_inc_return(&kn->conns.count);

	n += atomic_read(&kn->conns.unfreed);
	return likely(n <= READ_ONCE(kn->conn_max)) || klb_conn_make_room(kn);
}

static __always_inline struct klb_conn *conn_in(void *mem, u8 reply_family,
						struct klb_endpoint *ep)
{
	struct klb_conn *conn = mem + KLB_SIDE_SIZE(reply_family);

	conn->ep = ep;
	conn->reply_family = reply_family;
	RCU_INIT_POINTER(conn->back, NULL);
	conn->flags = 0;
	conn->klb_ifindex = 0;
	conn->packets[KLB_DIR_ORIG] = 0;
	conn->packets[KLB_DIR_REPLY] = 0;
	conn->bytes[KLB_DIR_ORIG] = 0;
	conn->bytes[KLB_DIR_REPLY] = 0;
	return conn;
}

struct klb_conn *klb_conn_alloc(struct klb_net *kn, u8 family, u8 reply_family,
				struct klb_endpoint *ep)
{
	void *mem;

	if (unlikely(!count_in(kn)))
		return ERR_PTR(-ENOSPC);
	mem = kmem_cache_alloc(cache_of(family, reply_family),
			       GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!mem)) {
		atomic_dec(&kn->conns.count);
		return ERR_PTR(-ENOMEM);
	}
	return conn_in(mem, reply_family, ep);
}

struct klb_conn *klb_conn_alloc_sctp(struct klb_net *kn, u8 family,
				     struct klb_endpoint *ep)
{
	void *mem;

	if (!count_in(kn))
		return ERR_PTR(-ENOSPC);
	mem = klb_sctp_alloc(family);
	if (!mem) {
		atomic_dec(&kn->conns.count);
		return ERR_PTR(-ENOMEM);
	}
	return conn_in(mem, family, ep);
}

struct klb_conn *klb_conn_alloc_path(struct klb_conn *head, u8 family)
{
	void *mem = klb_sctp_alloc(family);

	return mem ? conn_in(mem, family, head->ep) : NULL;
}

void klb_conn_drop_route(struct klb_conn *conn)
{
	struct klb_route *rt = rcu_dereference_protected(conn->back, 1);

	if (rt)
		klb_route_put(rt);
}

static void free_now(struct klb_net *kn, struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn), back = conn->reply_family;

	if (unlikely(klb_conn_proto(conn) == IPPROTO_SCTP)) {
		klb_sctp_free(kn, conn);
	} else {
		klb_conn_drop_route(conn);
		kmem_cache_free(cache_of(family, back),
				(void *)conn - KLB_SIDE_SIZE(back));
	}
}

void klb_conn_free_unseen(struct klb_net *kn, struct klb_conn *conn)
{
	free_now(kn, conn);
	atomic_dec(&kn->conns.count);
}

void klb_conn_free_list(struct klb_net *kn, struct llist_node *list)
{
	struct klb_side *side, *next;

	lockdep_assert_held(&kn->lock);
	llist_for_each_entry_safe(side, next, list, dead) {
		struct klb_conn *conn = klb_side_conn(side, side->family);
		struct klb_endpoint *ep = conn->ep;

		free_now(kn, conn);
		atomic_dec(&kn->conns.unfreed);
		klb_endpoint_put(ep);
	}
}

static void set_state(struct klb_conn *conn, u8 state, u32 seconds)
{
	WRITE_ONCE(conn->state, state);
	WRITE_ONCE(conn->timeout, seconds * HZ);
	WRITE_ONCE(conn->expires, (u32)jiffies + seconds * HZ);
}

void klb_conn_set_state(struct klb_conn *conn, u8 state)
{
	u32 established = READ_ONCE(conn->ep->svc->timeout);

	set_state(conn, state, klb_conn_timeout(klb_conn_proto(conn), state,
						established));
}

void klb_conn_step(struct klb_conn *conn, u8 state)
{
	klb_conn_set_state(conn, state);
	klb_conn_recount(conn);
}

void klb_conn_step_alone(struct klb_conn *conn, u8 state)
{
	u32 established = READ_ONCE(conn->ep->svc->timeout);

	set_state(conn, state, klb_conn_timeout_alone(klb_conn_proto(conn),
						      state, established));
	klb_conn_recount(conn);
}

/* Locks of the buckets that two hashes lead to, whichever the table. BH is
 * off.
 */

static __always_inline void lock_two(spinlock_t *x, spinlock_t *y)
	__acquires(x) __acquires(y)
{
	if (x > y)
		swap(x, y);
	spin_lock(x);
	if (x != y)
		spin_lock_nested(y, SINGLE_DEPTH_NESTING);
	else
		__acquire(y);
}

static __always_inline void unlock_two(spinlock_t *x, spinlock_t *y)
	__releases(x) __releases(y)
{
	if (x != y)
		spin_unlock(y);
	else
		__release(y);
	spin_unlock(x);
}

static struct klb_side *find_side(const struct klb_conn_table *ct,
				  const struct klb_side *side)
{
	struct klb_key key;

	klb_side_key(side, side->family, &key);
	return klb_conn_find(ct, side->hash, side->family, &key);
}

static bool taken(const struct klb_conn_table *ct, const struct klb_side *side,
		  u8 family)
{
	struct klb_key key;

	klb_side_key(side, family, &key);
	return klb_conn_find(ct, side->hash, family, &key);
}

/* The same in a table that nobody moves nodes from, or to. */
static __always_inline bool taken_in(const struct klb_buckets *b,
				     const struct klb_side *side, u8 family)
{
	struct hlist_nulls_node *pos;
	struct klb_side *other;
	struct klb_key key;

	klb_side_key(side, family, &key);
	klb_bucket_for_each(other, pos, b, side->hash & b->mask)
		if (klb_side_is(other, family, &key))
			return true;
	return false;
}

static void hash_in(struct klb_buckets *b, struct klb_side *side)
{
	hlist_nulls_add_head_rcu(&side->node, &b->head[side->hash & b->mask]);
}

static noinline int insert_moving(struct klb_conn_table *ct,
				  struct klb_buckets *next, struct klb_side *o,
				  struct klb_side *r)
{
	if (taken(ct, o, o->family))
		return -EEXIST;
	if (taken(ct, r, r->family))
		return -EADDRINUSE;
	hash_in(next, o);
	hash_in(next, r);
	return 0;
}

/* Under the locks of both. */
static __always_inline int insert_both(struct klb_conn_table *ct,
				       struct klb_buckets *b,
				       struct klb_side *o, struct klb_side *r,
				       u8 family, u8 reply_family)
{
	struct klb_buckets *next = rcu_dereference(b->next);

	if (unlikely(next))
		return insert_moving(ct, next, o, r);
	if (unlikely(taken_in(b, o, family)))
		return -EEXIST;
	if (unlikely(taken_in(b, r, reply_family)))
		return -EADDRINUSE;
	hash_in(b, o);
	hash_in(b, r);
	return 0;
}

static __always_inline int insert(struct klb_conn_table *ct,
				  struct klb_conn *conn, u8 family,
				  u8 reply_family)
{
	struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	struct klb_side *r = klb_conn_side(conn, reply_family, KLB_DIR_REPLY);
	spinlock_t *x = klb_conn_lock(ct, o->hash);
	spinlock_t *y = klb_conn_lock(ct, r->hash);
	struct klb_buckets *b;
	int err;

	lock_two(x, y);
	b = rcu_dereference(ct->buckets);
	err = insert_both(ct, b, o, r, family, reply_family);
	unlock_two(x, y);
	/* More connections than buckets: gc makes the table larger. */
	if (unlikely(klb_conn_table_count(ct) > b->mask) &&
	    !rcu_access_pointer(b->next))
		mod_delayed_work(system_unbound_wq, &ct->gc, 0);
	return err;
}

static noinline int tell_begin(struct klb_net *kn, struct klb_conn *conn,
			       int err)
{
	void (*tell)(struct klb_net *kn, const struct klb_conn *conn, bool end);

	tell = READ_ONCE(kn->conns.tell);
	if (!err && tell)
		tell(kn, conn, false);
	return err;
}

int klb_conn_insert(struct klb_net *kn, struct klb_conn *conn, u8 family)
{
	int err;

	if (likely(family == AF_INET))
		err = insert(&kn->conns, conn, AF_INET, AF_INET);
	else
		err = insert(&kn->conns, conn, AF_INET6, AF_INET6);
	if (unlikely(READ_ONCE(kn->conns.tell)))
		return tell_begin(kn, conn, err);
	return err;
}

int klb_conn_insert_any(struct klb_net *kn, struct klb_conn *conn)
{
	int err = insert(&kn->conns, conn, klb_conn_family(conn),
			 conn->reply_family);

	return READ_ONCE(kn->conns.tell) ? tell_begin(kn, conn, err) : err;
}

bool klb_conn_reply_used(struct klb_net *kn, const struct klb_conn *conn)
{
	u8 family = conn->reply_family;

	return taken(&kn->conns, klb_conn_side(conn, family, KLB_DIR_REPLY),
		     family);
}

/* Under the locks of both sides, of which perhaps only one is in the table. */
static int insert_path(struct klb_conn_table *ct, struct klb_conn *path,
		       struct klb_side *mine, struct klb_side *other)
{
	struct klb_buckets *b = rcu_dereference(ct->buckets);
	struct klb_side *side;

	b = rcu_dereference(b->next) ?: b;
	if (find_side(ct, mine))
		return -EEXIST;
	side = find_side(ct, other);
	if (side && (side->proto != IPPROTO_SCTP ||
		     klb_sctp_head(klb_side_conn(side, side->family)) !=
		     klb_sctp_head(path)))
		return -EADDRINUSE;
	mine->node.pprev = NULL;
	other->node.pprev = NULL;
	hash_in(b, mine);
	if (!side)
		hash_in(b, other);
	return 0;
}

int klb_conn_insert_path(struct klb_net *kn, struct klb_conn *path, u8 dir)
{
	u8 family = klb_conn_family(path);
	struct klb_side *mine = klb_conn_side(path, family, dir);
	struct klb_side *other = klb_conn_side(path, family, !dir);
	spinlock_t *x = klb_conn_lock(&kn->conns, mine->hash);
	spinlock_t *y = klb_conn_lock(&kn->conns, other->hash);
	int err;

	lock_two(x, y);
	err = insert_path(&kn->conns, path, mine, other);
	unlock_two(x, y);
	return err;
}

static void unhash_side(struct klb_side *side)
{
	if (side->node.pprev)
		hlist_nulls_del_rcu(&side->node);
}

void klb_conn_unhash_path(struct klb_net *kn, struct klb_conn *path)
{
	u8 family = klb_conn_family(path);
	struct klb_side *o = klb_conn_side(path, family, KLB_DIR_ORIG);
	struct klb_side *r = klb_conn_side(path, family, KLB_DIR_REPLY);
	spinlock_t *x = klb_conn_lock(&kn->conns, o->hash);
	spinlock_t *y = klb_conn_lock(&kn->conns, r->hash);

	lock_two(x, y);
	unhash_side(o);
	unhash_side(r);
	unlock_two(x, y);
}

/* Whether it was in the table. */
static bool unhash(struct klb_conn_table *ct, struct klb_conn *conn, u16 why)
{
	struct klb_side *o = klb_conn_side(conn, klb_conn_family(conn),
					   KLB_DIR_ORIG);
	struct klb_side *r = klb_conn_side(conn, conn->reply_family,
					   KLB_DIR_REPLY);
	spinlock_t *x = klb_conn_lock(ct, o->hash);
	spinlock_t *y = klb_conn_lock(ct, r->hash);
	u16 flags;

	local_bh_disable();
	lock_two(x, y);
	flags = conn->flags;
	if (!(flags & KLB_CONN_DEAD)) {
		hlist_nulls_del_rcu(&o->node);
		hlist_nulls_del_rcu(&r->node);
		WRITE_ONCE(conn->flags, (flags | KLB_CONN_DEAD | why) &
					~KLB_CONN_COUNTED);
	}
	unlock_two(x, y);
	local_bh_enable();
	if (flags & KLB_CONN_DEAD)
		return false;
	if (flags & KLB_CONN_COUNTED)
		klb_sched_end(conn->ep);
	return true;
}

static void free_later(struct klb_conn_table *ct, struct klb_conn *conn)
{
	struct klb_side *o = klb_conn_side(conn, klb_conn_family(conn),
					   KLB_DIR_ORIG);

	atomic_inc(&ct->unfreed);
	atomic_dec(&ct->count);
	llist_add(&o->dead, &ct->dead);
}

bool klb_conn_kill_for(struct klb_net *kn, struct klb_conn *conn,
		       enum klb_conn_flags why)
{
	bool sctp = klb_conn_proto(conn) == IPPROTO_SCTP;

	if (sctp)
		conn = klb_sctp_head(conn);
	if (!unhash(&kn->conns, conn, why))
		return false;
	if (sctp)
		klb_sctp_unpublish(kn, conn);
	free_later(&kn->conns, conn);
	return true;
}

void klb_conn_discard(struct klb_net *kn, struct klb_conn *conn)
{
	if (conn->flags & KLB_CONN_COUNTED)
		klb_sched_end(conn->ep);
	conn->flags |= KLB_CONN_DEAD | KLB_CONN_UNSEEN;
	free_later(&kn->conns, conn);
}
