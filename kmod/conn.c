// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "csum.h"
#include "netns.h"

static struct kmem_cache *conn_cache4, *conn_cache6;

static struct kmem_cache *cache_of(u8 family)
{
	return family == AF_INET ? conn_cache4 : conn_cache6;
}

static struct kmem_cache *cache_create(const char *name, u8 family)
{
	return kmem_cache_create(name, sizeof(struct klb_conn) +
				 2 * KLB_SIDE_SIZE(family), 0, 0, NULL);
}

int klb_conns_module_init(void)
{
	BUILD_BUG_ON(sizeof(struct klb_conn) != 64);
	BUILD_BUG_ON(KLB_SIDE_SIZE(AF_INET) != 40);
	BUILD_BUG_ON(KLB_SIDE_SIZE(AF_INET6) != 64);

	conn_cache4 = cache_create("klb_conn4", AF_INET);
	if (!conn_cache4)
		return -ENOMEM;
	conn_cache6 = cache_create("klb_conn6", AF_INET6);
	if (!conn_cache6) {
		kmem_cache_destroy(conn_cache4);
		return -ENOMEM;
	}
	return 0;
}

void klb_conns_module_exit(void)
{
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

int klb_conns_start(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	struct klb_buckets *b;
	u32 i;

	lockdep_assert_held(&kn->lock);
	if (ct->locks)
		return 0;
	b = klb_buckets_alloc(KLB_CONN_BUCKETS_MIN, 0);
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
	queue_delayed_work(system_wq, &ct->gc, HZ);
	return 0;
}

/* Packets do not come any more. */
void klb_conns_exit(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	struct klb_buckets *b = rcu_dereference_protected(ct->buckets, 1);
	struct hlist_nulls_node *pos;
	struct klb_side *side;
	u32 i;

	cancel_delayed_work_sync(&ct->gc);
	if (!ct->locks)
		return;
	mutex_lock(&kn->lock);
	for (i = 0; i <= b->mask; i++) {
		while (!is_a_nulls(pos = b->head[i].first)) {
			side = hlist_nulls_entry(pos, struct klb_side, node);
			klb_conn_kill(kn, klb_side_conn(side, side->family));
		}
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
		smp_rmb();
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
	klb_key_set(&key, t);
	return klb_conn_find(ct, klb_key_hash(&ct->key, t->family, &key),
			     t->family, &key);
}

/* Life */

/* Counts one more, unless it would be more than conn-max. */
static bool count_in(struct klb_net *kn)
{
	if (likely((u32)atomic_inc_return(&kn->conns.count) <=
		   READ_ONCE(kn->conn_max)))
		return true;
	atomic_dec(&kn->conns.count);
	return false;
}

struct klb_conn *klb_conn_alloc(struct klb_net *kn, const struct klb_tuple *t,
				struct klb_endpoint *ep, bool *full)
{
	struct klb_conn *conn;

	*full = !count_in(kn);
	if (unlikely(*full))
		return NULL;
	conn = kmem_cache_alloc(cache_of(t->family),
				GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!conn)) {
		atomic_dec(&kn->conns.count);
		return NULL;
	}
	memset(conn, 0, sizeof(*conn));
	conn->ep = ep;
	return conn;
}

void klb_conn_drop_route(struct klb_conn *conn)
{
	struct klb_route *rt = rcu_dereference_protected(conn->back, 1);

	if (rt)
		klb_route_put(rt);
}

void klb_conn_free_unseen(struct klb_net *kn, struct klb_conn *conn)
{
	klb_conn_drop_route(conn);
	kmem_cache_free(cache_of(klb_conn_family(conn)), conn);
	atomic_dec(&kn->conns.count);
}

void klb_conn_free_list(struct klb_net *kn, struct llist_node *list)
{
	struct klb_side *side, *next;

	lockdep_assert_held(&kn->lock);
	llist_for_each_entry_safe(side, next, list, dead) {
		struct klb_conn *conn = klb_side_conn(side, side->family);
		struct klb_endpoint *ep = conn->ep;

		klb_conn_free_unseen(kn, conn);
		klb_endpoint_put(ep);
	}
}

static struct klb_side *set_side(struct klb_conn *conn, u8 dir, u32 hash,
				 const struct klb_tuple *t)
{
	struct klb_side *side = klb_conn_side(conn, t->family, dir);

	side->hash = hash;
	side->ports = t->ports;
	side->proto = t->proto;
	side->family = t->family;
	side->dir = dir;
	side->zero = 0;
	if (t->family == AF_INET) {
		side->addr.ip.src = t->src.ip;
		side->addr.ip.dst = t->dst.ip;
	} else {
		side->addr.ip6.src = t->src;
		side->addr.ip6.dst = t->dst;
	}
	return side;
}

static u16 addr_sum(const struct klb_side *side, u8 family)
{
	const u64 *w = side->addr.w;
	u32 sum = klb_csum_fold64(w[0]);

	if (family == AF_INET6)
		sum += klb_csum_fold64(w[1]) + klb_csum_fold64(w[2]) +
		       klb_csum_fold64(w[3]);
	return klb_csum_fold(sum);
}

/* Addresses and ports of a packet are replaced by those of the reversed
 * other side. A sum does not mind the order of its words, so the deltas are
 * those of the sides as they stand.
 */
static void set_deltas(struct klb_side *o, struct klb_side *r, u8 family)
{
	u16 from = addr_sum(o, family), to = addr_sum(r, family);
	u16 from_ports = klb_csum_fold(o->ports.both);
	u16 to_ports = klb_csum_fold(r->ports.both);

	o->addr_delta = klb_csum_delta(from, to);
	r->addr_delta = klb_csum_delta(to, from);
	o->l4_delta = klb_csum_fold(o->addr_delta +
				    klb_csum_delta(from_ports, to_ports));
	r->l4_delta = klb_csum_fold(r->addr_delta +
				    klb_csum_delta(to_ports, from_ports));
}

void klb_conn_set_orig(struct klb_conn *conn, u32 hash,
		       const struct klb_tuple *orig)
{
	set_side(conn, KLB_DIR_ORIG, hash, orig);
}

void klb_conn_set_reply(struct klb_net *kn, struct klb_conn *conn,
			const struct klb_tuple *reply)
{
	u32 hash = klb_tuple_hash(&kn->conns.key, reply);

	set_deltas(klb_conn_side(conn, reply->family, KLB_DIR_ORIG),
		   set_side(conn, KLB_DIR_REPLY, hash, reply), reply->family);
}

void klb_conn_set_state(struct klb_conn *conn, u8 state)
{
	u32 timeout = klb_conn_timeout(klb_conn_proto(conn), state,
				       READ_ONCE(conn->ep->svc->timeout)) * HZ;

	WRITE_ONCE(conn->state, state);
	WRITE_ONCE(conn->timeout, timeout);
	WRITE_ONCE(conn->expires, (u32)jiffies + timeout);
}

/* Locks of the buckets that two hashes lead to, whichever the table. BH is
 * off.
 */

static spinlock_t *lock_of(struct klb_conn_table *ct, u32 hash)
{
	return &ct->locks[hash & (KLB_CONN_LOCKS - 1)];
}

static void lock_two(struct klb_conn_table *ct, u32 a, u32 b)
	__acquires(x) __acquires(y)
{
	spinlock_t *x = lock_of(ct, a), *y = lock_of(ct, b);

	if (x > y)
		swap(x, y);
	spin_lock(x);
	if (x != y)
		spin_lock_nested(y, SINGLE_DEPTH_NESTING);
	else
		__acquire(y);
}

static void unlock_two(struct klb_conn_table *ct, u32 a, u32 b)
	__releases(x) __releases(y)
{
	spinlock_t *x = lock_of(ct, a), *y = lock_of(ct, b);

	if (x != y)
		spin_unlock(y);
	else
		__release(y);
	spin_unlock(x);
}

/* The tuple that stands in a side. */
static void side_tuple(const struct klb_side *side, struct klb_tuple *t)
{
	t->ports = side->ports;
	t->proto = side->proto;
	t->family = side->family;
	if (side->family == AF_INET) {
		t->src = (union klb_addr){ .ip = side->addr.ip.src };
		t->dst = (union klb_addr){ .ip = side->addr.ip.dst };
	} else {
		t->src = side->addr.ip6.src;
		t->dst = side->addr.ip6.dst;
	}
}

static bool taken(const struct klb_conn_table *ct, const struct klb_side *side,
		  u8 family)
{
	struct klb_key key;

	key.id = side->id;
	key.s0 = side->addr.w[0];
	if (family == AF_INET)
		return klb_conn_find(ct, side->hash, AF_INET, &key);
	key.s1 = side->addr.w[1];
	key.d0 = side->addr.w[2];
	key.d1 = side->addr.w[3];
	return klb_conn_find(ct, side->hash, AF_INET6, &key);
}

static void hash_in(struct klb_buckets *b, struct klb_side *side)
{
	hlist_nulls_add_head_rcu(&side->node, &b->head[side->hash & b->mask]);
}

static void hash_in_both(struct klb_conn_table *ct, struct klb_side *o,
			 struct klb_side *r)
{
	struct klb_buckets *b = rcu_dereference(ct->buckets);
	struct klb_buckets *next = rcu_dereference(b->next);

	hash_in(next ?: b, o);
	hash_in(next ?: b, r);
}

/* More than three nodes for two buckets: gc makes the table larger. */
static void grow_soon(struct klb_conn_table *ct)
{
	const struct klb_buckets *b = rcu_dereference(ct->buckets);
	u32 count = atomic_read(&ct->count);

	if (unlikely(count > b->mask / 4 * 3) && !rcu_access_pointer(b->next))
		mod_delayed_work(system_wq, &ct->gc, 0);
}

int klb_conn_insert(struct klb_net *kn, struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn);
	struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	struct klb_side *r = klb_conn_side(conn, family, KLB_DIR_REPLY);
	struct klb_conn_table *ct = &kn->conns;
	int err = 0;

	lock_two(ct, o->hash, r->hash);
	if (unlikely(taken(ct, o, family)))
		err = -EEXIST;
	else if (unlikely(taken(ct, r, family)))
		err = -EADDRINUSE;
	else
		hash_in_both(ct, o, r);
	unlock_two(ct, o->hash, r->hash);
	if (likely(!err))
		grow_soon(ct);
	return err;
}

bool klb_conn_reply_used(struct klb_net *kn, const struct klb_tuple *reply)
{
	return klb_conn_lookup(kn, reply);
}

void klb_conn_kill(struct klb_net *kn, struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn);
	struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	struct klb_side *r = klb_conn_side(conn, family, KLB_DIR_REPLY);
	struct klb_conn_table *ct = &kn->conns;
	bool first;

	local_bh_disable();
	lock_two(ct, o->hash, r->hash);
	first = !(conn->flags & KLB_CONN_DEAD);
	if (first) {
		hlist_nulls_del_rcu(&o->node);
		hlist_nulls_del_rcu(&r->node);
		WRITE_ONCE(conn->flags, conn->flags | KLB_CONN_DEAD);
	}
	unlock_two(ct, o->hash, r->hash);
	local_bh_enable();
	if (first)
		llist_add(&o->dead, &ct->dead);
}

void klb_conn_discard(struct klb_net *kn, struct klb_conn *conn)
{
	struct klb_side *o = klb_conn_side(conn, klb_conn_family(conn),
					   KLB_DIR_ORIG);

	conn->flags |= KLB_CONN_DEAD | KLB_CONN_UNSEEN;
	llist_add(&o->dead, &kn->conns.dead);
}

void klb_conn_info(const struct klb_conn *conn, struct klb_conn_info *info)
{
	u8 family = klb_conn_family(conn), dir;
	struct klb_tuple o, r;
	s32 left = READ_ONCE(conn->expires) - (u32)jiffies;

	side_tuple(klb_conn_side(conn, family, KLB_DIR_ORIG), &o);
	side_tuple(klb_conn_side(conn, family, KLB_DIR_REPLY), &r);
	info->proto = o.proto;
	info->family = family;
	info->state = READ_ONCE(conn->state);
	info->snat = conn->flags & KLB_CONN_SNAT;
	info->client = o.src;
	info->client_port = o.ports.src;
	info->vip = o.dst;
	info->vip_port = o.ports.dst;
	info->endpoint = r.src;
	info->endpoint_port = r.ports.src;
	info->source = r.dst;
	info->source_port = r.ports.dst;
	info->expires_ms = left > 0 ? jiffies_to_msecs(left) : 0;
	for (dir = 0; dir < 2; dir++) {
		info->packets[dir] = READ_ONCE(conn->packets[dir]);
		info->bytes[dir] = READ_ONCE(conn->bytes[dir]);
	}
}
