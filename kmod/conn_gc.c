// SPDX-License-Identifier: GPL-2.0
/* What happens to connections outside of packets: expiry, the end of their
 * life, the size of the table, and walks. One work item a namespace does the
 * first three, so that they do not meet each other; a connection needs no
 * timer.
 */
#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "conn.h"
#include "conn_sctp.h"
#include "netns.h"

#define GC_INTERVAL	HZ
/* The whole table is swept in so many intervals, a small one in one. */
#define GC_SLICES	8
#define GC_BUCKETS_MIN	16384
#define GC_BATCH	64
#define FREE_BATCH	512
/* A connection that is silent for so long lets go of the route to its client,
 * and so of a neighbour that nobody else may need.
 */
#define ROUTE_IDLE	(60 * HZ)

/* Expiry */

static void let_go_of_route(struct klb_conn *conn)
{
	struct klb_route *rt = unrcu_pointer(xchg(&conn->back, NULL));

	if (rt)
		klb_route_put(rt);
}

static void look_at(struct klb_net *kn, struct klb_conn *conn, u32 now)
{
	u32 last = READ_ONCE(conn->expires) - READ_ONCE(conn->timeout);
	const struct klb_conn *head = conn;

	if (unlikely(conn->flags & KLB_CONN_PATH))
		head = klb_sctp_head(conn);
	if (klb_conn_expired(head, now))
		klb_conn_kill(kn, conn);
	else if ((s32)(now - last) > ROUTE_IDLE &&
		 rcu_access_pointer(conn->back))
		let_go_of_route(conn);
}

static void sweep_bucket(struct klb_net *kn, struct klb_buckets *b, u32 i)
{
	struct hlist_nulls_node *pos;
	struct klb_side *side;
	u32 now = jiffies, n = 0;

	klb_bucket_for_each(side, pos, b, i) {
		n++;
		if (side->dir == KLB_DIR_ORIG)
			look_at(kn, klb_side_conn(side, side->family), now);
	}
	if (n > kn->conns.sweep_longest)
		kn->conns.sweep_longest = n;
}

/* At the beginning of the table. */
static void note_longest(struct klb_conn_table *ct)
{
	WRITE_ONCE(ct->longest, ct->sweep_longest);
	ct->sweep_longest = 0;
}

/* What a resize or a packet takes from under the walk is met next time. */
static void sweep(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	struct klb_buckets *b;
	u32 n, i;

	if (!klb_conn_table_count(ct)) {
		note_longest(ct);
		return;
	}
	b = rcu_dereference_protected(ct->buckets, 1); /* only gc writes */
	n = max_t(u32, (b->mask + 1) / GC_SLICES, GC_BUCKETS_MIN);
	for (n = min(n, b->mask + 1); n; n -= GC_BATCH) {
		rcu_read_lock();
		for (i = 0; i < GC_BATCH; i++)
			sweep_bucket(kn, b, ct->swept++ & b->mask);
		if (!(ct->swept & b->mask))
			note_longest(ct);
		rcu_read_unlock();
		cond_resched();
	}
}

/* End */

static void add_totals(struct klb_totals *to, const struct klb_conn *conn)
{
	int dir;

	for (dir = 0; dir < 2; dir++) {
		to->packets[dir] += READ_ONCE(conn->packets[dir]);
		to->bytes[dir] += READ_ONCE(conn->bytes[dir]);
	}
	to->conns++;
	if (unlikely(klb_conn_proto(conn) == IPPROTO_SCTP))
		klb_sctp_add_counters(conn, to->packets, to->bytes);
}

/**
 * klb_conn_count_out() - take what was unhashed off its endpoints' accounts
 * @kn: its lock is held
 *
 * What packets under way still add to the counters of such a connection is
 * lost.
 */
void klb_conn_count_out(struct klb_net *kn)
{
	void (*tell)(struct klb_net *kn, const struct klb_conn *conn,
		     bool end) = READ_ONCE(kn->conns.tell);
	struct llist_node *list = llist_del_all(&kn->conns.dead), *last = NULL;
	struct klb_side *side;

	lockdep_assert_held(&kn->lock);
	llist_for_each_entry(side, list, dead) {
		struct klb_conn *conn = klb_side_conn(side, side->family);

		if (!(conn->flags & KLB_CONN_UNSEEN)) {
			add_totals(&conn->ep->ended, conn);
			add_totals(&conn->ep->svc->ended, conn);
			WRITE_ONCE(conn->ep->used_up, 0);
			if (tell)
				tell(kn, conn, true);
		}
		last = &side->dead;
		cond_resched();
	}
	if (last) {
		last->next = kn->conns.condemned;
		kn->conns.condemned = list;
	}
}

/* The first nodes of a list, cut off from the rest. */
static struct llist_node *cut(struct llist_node **list, int n)
{
	struct llist_node *first = *list, *last = first;

	while (--n && last->next)
		last = last->next;
	*list = last->next;
	last->next = NULL;
	return first;
}

static void bury(struct klb_net *kn)
{
	struct llist_node *list;

	mutex_lock(&kn->lock);
	klb_conn_count_out(kn);
	list = kn->conns.condemned;
	kn->conns.condemned = NULL;
	mutex_unlock(&kn->lock);
	if (!list)
		return;
	synchronize_rcu();
	while (list) {
		mutex_lock(&kn->lock);
		klb_conn_free_list(kn, cut(&list, FREE_BATCH));
		mutex_unlock(&kn->lock);
		cond_resched();
	}
}

/* Size */

/* Moves the last node of a chain to the head of its new one. Readers that
 * stand on it go on in the new chain, notice by its nulls and begin again;
 * readers that do not see it here find it there (see klb_conn_find_next()).
 */
static void move_last(struct klb_buckets *from, u32 i, struct klb_buckets *to)
{
	struct hlist_nulls_node *n = from->head[i].first, *first, *nulls;
	struct hlist_nulls_node **pprev;
	struct hlist_nulls_head *head;
	struct klb_side *side;

	while (!is_a_nulls(n->next))
		n = n->next;
	side = hlist_nulls_entry(n, struct klb_side, node);
	head = &to->head[side->hash & to->mask];
	first = head->first;
	nulls = n->next;
	pprev = n->pprev;
	WRITE_ONCE(n->next, first);
	WRITE_ONCE(n->pprev, &head->first);
	if (!is_a_nulls(first))
		WRITE_ONCE(first->pprev, &n->next);
	rcu_assign_pointer(hlist_nulls_first_rcu(head), n);
	smp_wmb(); /* pairs with smp_rmb() in klb_conn_find_next() */
	WRITE_ONCE(*pprev, nulls);
}

/* One row: its buckets have a lock in common. */
static void move_row(struct klb_conn_table *ct, struct klb_buckets *from,
		     u32 row, struct klb_buckets *to)
{
	spinlock_t *lock = klb_conn_lock(ct, row);
	u32 i;

	spin_lock_bh(lock);
	for (i = row; i < row + KLB_CONN_ROW; i++)
		while (!is_a_nulls(from->head[i].first))
			move_last(from, i, to);
	spin_unlock_bh(lock);
}

/* Inserts see the new table as soon as their bucket has been moved, since
 * they look for it under the same lock.
 */
static void resize(struct klb_net *kn, u32 n)
{
	struct klb_conn_table *ct = &kn->conns;
	struct klb_buckets *old, *new;
	u32 i;

	old = rcu_dereference_protected(ct->buckets, 1); /* only gc writes */
	new = klb_buckets_alloc(n, !old->parity);
	if (!new)
		return;
	mutex_lock(&ct->resizing);
	rcu_assign_pointer(old->next, new);
	for (i = 0; i <= old->mask; i += KLB_CONN_ROW) {
		move_row(ct, old, i, new);
		cond_resched();
	}
	rcu_assign_pointer(ct->buckets, new);
	WRITE_ONCE(ct->resizes, ct->resizes + 1);
	mutex_unlock(&ct->resizing);
	kvfree_rcu(old, rcu);
}

/* Grown to two buckets a connection when there is less than one, shrunk when
 * there are more than eight.
 */
static void fit(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	u32 count = klb_conn_table_count(ct), n;
	const struct klb_buckets *b;

	b = rcu_dereference_protected(ct->buckets, 1); /* only gc writes */
	n = b->mask + 1;
	if (count > b->mask)
		n = roundup_pow_of_two(count + count / 2 + 1);
	else if (count < n / 8)
		n = max_t(u32, ct->least, n / 2);
	if (n != b->mask + 1)
		resize(kn, n);
}

void klb_conn_gc(struct work_struct *work)
{
	struct klb_conn_table *ct = container_of(to_delayed_work(work),
						 struct klb_conn_table, gc);
	struct klb_net *kn = ct->kn;

	WRITE_ONCE(ct->hurry, false);
	fit(kn);
	sweep(kn);
	bury(kn);
	klb_affinity_gc(kn);
	queue_delayed_work(system_unbound_wq, &ct->gc, GC_INTERVAL);
}

/* Walks */

static const struct klb_buckets *cursor_buckets(struct klb_net *kn,
						struct klb_conn_cursor *c)
{
	const struct klb_buckets *b = rcu_dereference(kn->conns.buckets);
	u32 resizes = READ_ONCE(kn->conns.resizes);

	if (!b)
		return NULL;
	if (c->started && c->resizes != resizes) {
		c->changed = true;
		c->next = false;
	}
	c->started = true;
	c->resizes = resizes;
	if (c->next)
		b = rcu_dereference(b->next);
	if (!b || c->bucket <= b->mask)
		return b;
	if (c->next)
		return NULL;
	c->next = true;
	c->bucket = 0;
	return rcu_dereference(b->next);
}

static int walk_bucket(const struct klb_buckets *b, u32 i,
		       int (*fn)(struct klb_conn *conn, void *arg), void *arg)
{
	struct hlist_nulls_node *pos;
	struct klb_side *side;
	int ret;

	klb_bucket_for_each(side, pos, b, i) {
		struct klb_conn *conn = klb_side_conn(side, side->family);

		if (side->dir != KLB_DIR_ORIG || conn->flags & KLB_CONN_PATH)
			continue;
		ret = fn(conn, arg);
		if (ret)
			return ret;
	}
	return 0;
}

int klb_conn_walk(struct klb_net *kn, struct klb_conn_cursor *c,
		  int (*fn)(struct klb_conn *conn, void *arg), void *arg)
{
	const struct klb_buckets *b;
	int ret = -ENOENT;

	rcu_read_lock();
	b = cursor_buckets(kn, c);
	if (b) {
		/* nodes move while a resize goes on */
		c->changed |= c->next || rcu_access_pointer(b->next);
		ret = walk_bucket(b, c->bucket, fn, arg);
		if (!ret)
			c->bucket++;
	}
	rcu_read_unlock();
	return ret;
}

/* Each connection once. */
static void meet_all(struct klb_net *kn,
		     int (*fn)(struct klb_conn *conn, void *arg), void *arg)
{
	struct klb_conn_cursor cursor = {};

	mutex_lock(&kn->conns.resizing);
	while (!klb_conn_walk(kn, &cursor, fn, arg))
		if (!(cursor.bucket & 255))
			cond_resched();
	mutex_unlock(&kn->conns.resizing);
}

/* Accounts */

static int account(struct klb_conn *conn, void *arg)
{
	add_totals(&conn->ep->live, conn);
	add_totals(&conn->ep->svc->live, conn);
	return 0;
}

static void forget_live(struct klb_net *kn)
{
	struct klb_endpoint *ep;
	struct klb_service *svc;

	list_for_each_entry(svc, &kn->services.all, all) {
		memset(&svc->live, 0, sizeof(svc->live));
		list_for_each_entry(ep, &svc->all_endpoints, all)
			memset(&ep->live, 0, sizeof(ep->live));
	}
}

/**
 * klb_conn_account() - count what the connections of each endpoint carried
 * @kn: its lock is held
 *
 * Packets count in their connection only, which costs them nothing; so the
 * sum over connections is made when somebody wants to know. Takes some 100 ns
 * a connection.
 */
void klb_conn_account(struct klb_net *kn)
{
	lockdep_assert_held(&kn->lock);
	klb_conn_count_out(kn);
	forget_live(kn);
	meet_all(kn, account, NULL);
}

static int count_one_in(struct klb_conn *conn, void *svc)
{
	if (conn->ep->svc == svc && !(conn->flags & KLB_CONN_PATH))
		klb_conn_count(conn);
	return 0;
}

void klb_conn_count_in(struct klb_service *svc)
{
	lockdep_assert_held(&svc->kn->lock);
	meet_all(svc->kn, count_one_in, svc);
}
