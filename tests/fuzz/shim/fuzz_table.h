/* SPDX-License-Identifier: GPL-2.0 */
/* Lists, trees and locks of the kernel, for one thread. A tree is not balanced:
 * what is asked of it is the order.
 */
#ifndef FUZZ_TABLE_H
#define FUZZ_TABLE_H

#define HZ		100
#define __rcu
#define __percpu
#define ____cacheline_aligned_in_smp
#define rcu_dereference(p)	(p)
#define rcu_access_pointer(p)	(p)
#define smp_rmb()		do { } while (0)
#define DECLARE_PER_CPU(t, x)	extern t x
#define DEFINE_PER_CPU(t, x)	t x
#define __this_cpu_read(x)	(x)

extern unsigned long jiffies;
#define time_after(a, b)	((long)((b) - (a)) < 0)

typedef struct { int x; } atomic_t;
typedef struct { s64 x; } atomic64_t;
typedef struct { bool held; } spinlock_t;

struct rcu_head { void *next; };
struct llist_head { void *first; };
struct llist_node { void *next; };
struct mutex { int x; };
struct work_struct { void (*fn)(struct work_struct *w); };
struct delayed_work { struct work_struct work; };

static inline void spin_lock(spinlock_t *lock)
{
	fuzz_must(!lock->held);
	lock->held = true;
}

static inline void spin_unlock(spinlock_t *lock)
{
	fuzz_must(lock->held);
	lock->held = false;
}

#define spin_lock_bh(lock)	spin_lock(lock)
#define spin_unlock_bh(lock)	spin_unlock(lock)
#define spin_lock_init(lock)	((lock)->held = false)
#define to_delayed_work(w)	container_of(w, struct delayed_work, work)
#define INIT_DELAYED_WORK(w, f)	((w)->work.fn = (f))
#define queue_delayed_work(q, w, delay)	do { } while (0)
#define cancel_delayed_work_sync(w)	do { } while (0)

typedef struct { u64 key[2]; } siphash_key_t;

/* a hash that inputs can make collide, too */
static inline u64 siphash(const void *p, size_t n, const siphash_key_t *key)
{
	const u8 *b = p;
	u64 sum = 0;

	while (n--)
		sum += *b++;
	return sum & 3;
}

/* Lists */

struct list_head { struct list_head *next, *prev; };

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline void list_add_tail(struct list_head *new, struct list_head *l)
{
	new->next = l;
	new->prev = l->prev;
	l->prev->next = new;
	l->prev = new;
}

static inline void list_del(struct list_head *l)
{
	l->next->prev = l->prev;
	l->prev->next = l->next;
	l->next = NULL;
	l->prev = NULL;
}

#define list_first_entry_or_null(l, t, m)				\
	((l)->next != (l) ? container_of((l)->next, t, m) : NULL)

struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };

#define INIT_HLIST_HEAD(h)	((h)->first = NULL)

static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *h)
{
	n->next = h->first;
	if (n->next)
		n->next->pprev = &n->next;
	n->pprev = &h->first;
	h->first = n;
}

static inline void hlist_del(struct hlist_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
	n->next = NULL;
	n->pprev = NULL;
}

#define hlist_entry_or_null(n, t, m)					\
	({ struct hlist_node *_n = (n); _n ? container_of(_n, t, m) : NULL; })
#define hlist_for_each_entry(p, h, m)					\
	for (p = hlist_entry_or_null((h)->first, typeof(*p), m); p;	\
	     p = hlist_entry_or_null(p->m.next, typeof(*p), m))

struct hlist_nulls_node { struct hlist_nulls_node *next, **pprev; };
struct hlist_nulls_head { struct hlist_nulls_node *first; };

#define is_a_nulls(n)		((uintptr_t)(n) & 1)
#define get_nulls_value(n)	((uintptr_t)(n) >> 1)
#define hlist_nulls_for_each_entry_rcu(p, pos, h, m)			\
	for (pos = (h)->first;						\
	     !is_a_nulls(pos) && (p = container_of(pos, typeof(*p), m));\
	     pos = pos->next)

/* Trees */

struct rb_node { struct rb_node *parent, *rb_right, *rb_left; };
struct rb_root { struct rb_node *rb_node; };

#define RB_ROOT	((struct rb_root){ NULL })

static inline void rb_link_node(struct rb_node *n, struct rb_node *parent,
				struct rb_node **at)
{
	*n = (struct rb_node){ .parent = parent };
	*at = n;
}

#define rb_insert_color(n, root)	do { } while (0)

static inline struct rb_node *rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_left)
		n = n->rb_left;
	return n;
}

static inline struct rb_node *rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->rb_node;

	while (n && n->rb_right)
		n = n->rb_right;
	return n;
}

/* klb takes the first one only. */
static inline void rb_erase(struct rb_node *n, struct rb_root *root)
{
	fuzz_must(!n->rb_left);
	if (n->rb_right)
		n->rb_right->parent = n->parent;
	if (n->parent)
		n->parent->rb_left = n->rb_right;
	else
		root->rb_node = n->rb_right;
}

#endif
