// SPDX-License-Identifier: GPL-2.0
/* What happens at conn-max: a connection that nobody has answered, or that is
 * over, makes way for a new one. A flood of requests that nobody stands behind
 * is made of such connections, so it pushes out itself. For an established one
 * there is no way out but its own end.
 */
#include "conn.h"

#include <linux/jiffies.h>

#include "netns.h"

/* What is looked at for one connection: buckets, which stand side by side;
 * nodes, which do not; and how many to choose from are enough. Of a table full
 * of a flood the oldest of so many is among its older half nearly always.
 */
#define LOOK_BUCKETS	1024
#define LOOK_NODES	64
#define LOOK_ENOUGH	4

/* Memory of so many connections may wait for readers to be gone; when it is
 * half as much, gc does not wait for its time.
 */
#define UNFREED_MAX	65536

struct look {
	struct klb_conn *oldest;
	u32 silent;		/* for so long, jiffies */
	u32 nodes, found;
	u32 now;
};

static void look_at(struct look *l, struct klb_conn *conn)
{
	u32 last = READ_ONCE(conn->expires) - READ_ONCE(conn->timeout);

	if (conn->flags & (KLB_CONN_DEAD | KLB_CONN_PATH) ||
	    !klb_conn_makes_way(READ_ONCE(conn->state)))
		return;
	l->found++;
	if (l->oldest && l->now - last <= l->silent)
		return;
	l->oldest = conn;
	l->silent = l->now - last;
}

static void look_into(struct look *l, const struct klb_buckets *b, u32 i)
{
	struct hlist_nulls_node *pos;
	struct klb_side *side;

	klb_bucket_for_each(side, pos, b, i) {
		l->nodes++;
		if (side->dir == KLB_DIR_ORIG)
			look_at(l, klb_side_conn(side, side->family));
	}
}

static bool enough(const struct look *l)
{
	return l->found >= LOOK_ENOUGH || l->nodes >= LOOK_NODES;
}

/* A hand that goes around: whoever comes next looks elsewhere. Two that read
 * it at the same time may find the same one, which only one of them evicts.
 */
static struct klb_conn *find(const struct klb_conn_table *ct, u32 *hand)
{
	const struct klb_buckets *b = rcu_dereference(ct->buckets);
	struct look l = { .now = jiffies };
	u32 i;

	for (i = 0; i < LOOK_BUCKETS && !enough(&l); i++)
		look_into(&l, b, (*hand)++ & b->mask);
	return l.oldest;
}

static bool evict(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	u32 hand = READ_ONCE(ct->hand);
	struct klb_conn *conn = find(ct, &hand);

	WRITE_ONCE(ct->hand, hand);
	if (!conn || !klb_conn_kill_for(kn, conn, KLB_CONN_EVICTED))
		return false;
	klb_conn_note_overflow(ct);
	atomic64_inc(&ct->evicted);
	return true;
}

static void hurry(struct klb_conn_table *ct)
{
	if (READ_ONCE(ct->hurry))
		return;
	WRITE_ONCE(ct->hurry, true);
	mod_delayed_work(system_unbound_wq, &ct->gc, 0);
}

/* Those that are unhashed and wait to be freed do not count, up to a bound of
 * their own.
 */
static bool make_room(struct klb_net *kn)
{
	struct klb_conn_table *ct = &kn->conns;
	u32 unfreed = atomic_read(&ct->unfreed), max = READ_ONCE(kn->conn_max);
	u32 n;

	if (unfreed >= UNFREED_MAX / 2)
		hurry(ct);
	if (unfreed >= UNFREED_MAX)
		return false;
	/* two, so that it gets smaller when conn-max does */
	for (n = 0; n < 2 && klb_conn_table_count(ct) > max; n++)
		if (!evict(kn))
			return n;
	return true;
}

/**
 * klb_conn_make_room() - room for a connection beyond conn-max
 * @kn: namespace. Under RCU, BH off
 *
 * The new connection is counted already, and is no longer if there is no room.
 * What is pushed out is noted as an overflow: if somebody stands behind it
 * after all, its packets go on without a connection.
 *
 * Return: whether there is room.
 */
bool klb_conn_make_room(struct klb_net *kn)
{
	if (make_room(kn))
		return true;
	atomic_dec(&kn->conns.count);
	return false;
}

/**
 * klb_conn_may_evict() - whether klb_conn_make_room() would find somebody now
 * @ct: a full table. Under RCU
 *
 * Changes nothing, the hand stays.
 */
bool klb_conn_may_evict(const struct klb_conn_table *ct)
{
	u32 hand = READ_ONCE(ct->hand);

	return atomic_read(&ct->unfreed) < UNFREED_MAX && find(ct, &hand);
}

/* Not at every packet: the line is everybody's. */
void klb_conn_note_overflow(struct klb_conn_table *ct)
{
	unsigned long was = READ_ONCE(ct->overflow);

	if (!was || time_after(jiffies, was + HZ))
		WRITE_ONCE(ct->overflow, jiffies);
}
