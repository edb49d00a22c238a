/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_CONN_H
#define KLB_CONN_H

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/list_nulls.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/rculist_nulls.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "conn_proto.h"
#include "csum.h"
#include "tuple.h"

struct klb_endpoint;
struct klb_net;
struct klb_route;
struct klb_service;

/* One direction of a connection: its node in the hash table and the tuple
 * that packets of this direction carry. 40 bytes for IPv4 and 64 for IPv6.
 */
struct klb_side {
	union {
		struct hlist_nulls_node node;
		struct {
			void *next;
			/* of an unhashed connection, over node.pprev, which
			 * readers never look at
			 */
			struct llist_node dead;
		};
	};
	union {
		struct {
			u32 hash : 31;	/* klb_key_hash() */
			u32 dir : 1;	/* enum klb_dir */
		};
		u32 hash_dir;
	};
	/* What the rewrite of a packet of this direction does to a checksum
	 * over the addresses, and over addresses and ports; see csum.h.
	 */
	u16 addr_delta;
	u16 l4_delta;
	union {
		struct {
			union klb_ports ports;
			u8 proto;
			u8 family;
			u16 zero;
		};
		u64 id;			/* as in klb_key */
	};
	union klb_side_addrs {
		struct {
			__be32 src, dst;
		} ip;
		struct {
			union klb_addr src, dst;
		} ip6;
		u64 w[4];	/* as in klb_key */
	} addr;
};

#define KLB_SIDE_SIZE(family)						\
	(offsetof(struct klb_side, addr) +				\
	 ((family) == AF_INET ? sizeof_field(union klb_side_addrs, ip) :\
				sizeof_field(union klb_side_addrs, ip6)))

enum klb_conn_flags {
	KLB_CONN_DEAD = 1,	/* unhashed; under the locks of its buckets */
	KLB_CONN_KLB_DEV = 2,	/* the client sent through a klb device */
	KLB_CONN_SNAT = 4,	/* source replaced */
	KLB_CONN_UNSEEN = 8,	/* never was in the table: not counted */
	KLB_CONN_DIRECT = 16,	/* packets are left as the client sent them */
	/* Both change under the lock of the original side's bucket. */
	KLB_CONN_COUNTS = 32,	/* in klb_endpoint.active as long as it lives */
	KLB_CONN_COUNTED = 64,	/* and is there now */
	KLB_CONN_PATH = 128,	/* a further path of SCTP, see conn_sctp.h */
	/* with DEAD: why it was killed, if it did not end by itself */
	KLB_CONN_FLUSHED = 0x4000,
	KLB_CONN_EVICTED = 0x8000,
};

/* A connection. Found under RCU and freed a grace period after it left the
 * table, so that packets need no reference. What packets change (expires,
 * state, counters) they change without a lock: two packets of one
 * connection at the same time on two CPUs may lose a count or a step of the
 * state machine to each other, never more.
 */
struct klb_conn {
	struct klb_endpoint *ep;	/* a reference is held */
	struct klb_route __rcu *back;	/* to the client, renewed on use */
	u32 expires;			/* jiffies */
	u32 timeout;			/* jiffies, of the state it is in */
	u8 state;			/* enum klb_conn_state */
	u8 reply_family;		/* of the endpoint's side */
	u16 flags;			/* enum klb_conn_flags */
	u32 klb_ifindex;		/* klb device, with KLB_CONN_KLB_DEV */
	u64 packets[2];			/* [enum klb_dir] */
	u64 bytes[2];
	/* The original side follows, the reply's stands before: so a packet's
	 * side is next to the connection, and each side may be of a family of
	 * its own.
	 */
};

/* @family: of that side */
static __always_inline struct klb_side *
klb_conn_side(const struct klb_conn *conn, u8 family, u8 dir)
{
	return dir == KLB_DIR_ORIG ? (void *)(conn + 1) :
				     (void *)conn - KLB_SIDE_SIZE(family);
}

/* The connection of a side, of which the direction is known. */
static __always_inline struct klb_conn *
klb_side_conn_of(const struct klb_side *side, u8 family, u8 dir)
{
	return dir == KLB_DIR_ORIG ?
	       (void *)side - sizeof(struct klb_conn) :
	       (void *)side + KLB_SIDE_SIZE(family);
}

static __always_inline struct klb_conn *
klb_side_conn(const struct klb_side *side, u8 family)
{
	return klb_side_conn_of(side, family, side->dir);
}

static __always_inline bool klb_side_is(const struct klb_side *side, u8 family,
					const struct klb_key *key)
{
	const u64 *w = side->addr.w;

	if (family == AF_INET)
		return w[0] == key->s0 && side->id == key->id;
	return w[0] == key->s0 && w[1] == key->s1 && w[2] == key->d0 &&
	       w[3] == key->d1 && side->id == key->id;
}

static __always_inline void klb_side_key(const struct klb_side *side, u8 family,
					 struct klb_key *key)
{
	const u64 *w = side->addr.w;

	key->id = side->id;
	key->s0 = w[0];
	if (family == AF_INET)
		return;
	key->s1 = w[1];
	key->d0 = w[2];
	key->d1 = w[3];
}

/* What packets of a direction carry; all but the hash and the deltas. */
static __always_inline void
klb_side_set(struct klb_side *side, u8 family, u8 proto, union klb_ports ports,
	     const union klb_addr *src, const union klb_addr *dst)
{
	side->id = klb_key_id(ports, proto, family);
	if (family == AF_INET) {
		side->addr.w[0] = klb_key_addrs4(src->ip, dst->ip);
	} else {
		side->addr.ip6.src = *src;
		side->addr.ip6.dst = *dst;
	}
}

/* The tuple that stands in a side. */
void klb_side_tuple(const struct klb_side *side, struct klb_tuple *t);

/* Both bit fields at once. */
static __always_inline void klb_side_set_hash(struct klb_side *side, u32 hash,
					      u8 dir)
{
	side->hash_dir = IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ?
			 hash << 1 | dir :
			 (hash & ~(1u << 31)) | (u32)dir << 31;
}

static __always_inline u16 klb_side_sum(const struct klb_side *side, u8 family)
{
	const u64 *w = side->addr.w;
	u32 sum = klb_csum_fold64(w[0]);

	if (family == AF_INET6)
		sum += klb_csum_fold64(w[1]) + klb_csum_fold64(w[2]) +
		       klb_csum_fold64(w[3]);
	return klb_csum_fold(sum);
}

/* The client's. */
static inline u8 klb_conn_family(const struct klb_conn *conn)
{
	return ((const struct klb_side *)(conn + 1))->family;
}

/* Of the packets of a direction. */
static inline u8 klb_conn_dir_family(const struct klb_conn *conn, u8 dir)
{
	return dir == KLB_DIR_ORIG ? klb_conn_family(conn) : conn->reply_family;
}

static inline u8 klb_conn_proto(const struct klb_conn *conn)
{
	return ((const struct klb_side *)(conn + 1))->proto;
}

/* Grown and shrunk by moving one node after the other, as rhashtable does:
 * a reader that misses in one table looks into the next.
 */
struct klb_buckets {
	struct rcu_head rcu;
	struct klb_buckets __rcu *next;	/* nodes are being moved there */
	u32 mask;			/* buckets - 1 */
	u32 parity;			/* tells its nulls from the next's */
	struct hlist_nulls_head head[];
};

/* Each lock is for a row of buckets, and for the same rows of a table twice as
 * large: the buckets of the smallest one.
 */
#define KLB_CONN_ROW		4
#define KLB_CONN_LOCKS		512	/* power of two */
#define KLB_CONN_BUCKETS_MIN	(KLB_CONN_LOCKS * KLB_CONN_ROW)

struct klb_conn_table {
	/* read by packets */
	struct klb_buckets __rcu *buckets;
	spinlock_t *locks;	/* [KLB_CONN_LOCKS], see klb_conn_lock() */
	struct klb_hash_key key;

	/* Tells that a connection was made, or ended; see nl_event.c. NULL as
	 * long as nobody listens.
	 */
	void (*tell)(struct klb_net *kn, const struct klb_conn *conn, bool end);
	atomic64_t events_lost;

	/* When there last was no room for a connection, jiffies; 0: never. */
	unsigned long overflow;

	/* In the table, or on their way into it: at most conn-max, unless it
	 * was made less, and one for each CPU that is about to make room. And
	 * those that were, and wait to be freed.
	 */
	atomic_t count ____cacheline_aligned_in_smp;
	atomic_t unfreed;
	struct llist_head dead;		/* of the latter, not yet counted out */
	u32 hand;		/* bucket where conn_evict.c looks next; racy */
	bool hurry;			/* gc is called before its time */
	atomic64_t evicted;

	/* under klb_net.lock */
	struct llist_node *condemned;	/* counted out, not yet freed */

	u32 swept;			/* next bucket gc looks at; gc only */
	u32 sweep_longest;		/* nodes in a chain, of this sweep */
	u32 longest;			/* of the last one that was complete */
	u32 least;			/* buckets, however few connections */

	/* Held while nodes are moved, and by who wants to meet each once;
	 * taken inside klb_net.lock.
	 */
	struct mutex resizing;
	u32 resizes;			/* counts finished resizes; gc only */
	struct delayed_work gc;
	struct klb_net *kn;
};

static inline u32 klb_conn_table_count(const struct klb_conn_table *ct)
{
	return atomic_read(&ct->count);
}

static inline spinlock_t *klb_conn_lock(struct klb_conn_table *ct, u32 hash)
{
	return &ct->locks[hash / KLB_CONN_ROW % KLB_CONN_LOCKS];
}

/* conn.c for conn_gc.c: one bucket's nodes, and all memory of a connection */
#define klb_bucket_for_each(side, pos, buckets, i)			\
	hlist_nulls_for_each_entry_rcu(side, pos, &(buckets)->head[i], node)

static __always_inline u32 klb_nulls_of(const struct klb_buckets *b, u32 i)
{
	return i << 1 | b->parity;
}

/* A chain that ends with the nulls of another one led into a table that nodes
 * are being moved to: what was looked for may have been passed.
 */
static __always_inline struct klb_side *
klb_buckets_find(const struct klb_buckets *b, u32 hash, u8 family,
		 const struct klb_key *key)
{
	struct hlist_nulls_node *pos;
	struct klb_side *side;
	u32 i = hash & b->mask;

	do {
		klb_bucket_for_each(side, pos, b, i)
			if (klb_side_is(side, family, key))
				return side;
	} while (unlikely(get_nulls_value(pos) != klb_nulls_of(b, i)));
	return NULL;
}

/* Whether a miss in @b, where the chain of @hash was followed once and ended
 * with @end, has to be looked at again: by klb_conn_find().
 */
static inline bool klb_buckets_moving(const struct klb_buckets *b, u32 hash,
				      const struct hlist_nulls_node *end)
{
	smp_rmb(); /* as in klb_conn_find_next() */
	return rcu_access_pointer(b->next) ||
	       get_nulls_value(end) != klb_nulls_of(b, hash & b->mask);
}

/* The same in the tables that nodes of @b are being moved to, where it was not
 * found.
 */
struct klb_side *klb_conn_find_next(const struct klb_buckets *b, u32 hash,
				    u8 family, const struct klb_key *key);

struct klb_buckets *klb_buckets_alloc(u32 n, u32 parity);
void klb_conn_gc(struct work_struct *work);
/* Connections whose counts are in the totals: frees them. klb_net.lock held,
 * no packet can see them.
 */
void klb_conn_free_list(struct klb_net *kn, struct llist_node *list);
void klb_conn_count_out(struct klb_net *kn);

int klb_conns_module_init(void);
void klb_conns_module_exit(void);
void klb_conns_init(struct klb_net *kn);
/* Makes the table, with the first service. klb_net.lock held. */
int klb_conns_start(struct klb_net *kn);
void klb_conns_exit(struct klb_net *kn);

/* Packets: RCU and BH as in the receive path. */

/* The side of a connection that packets with @key belong to, NULL if there
 * is none. @hash is klb_key_hash() of it.
 */
static __always_inline struct klb_side *
klb_conn_find(const struct klb_conn_table *ct, u32 hash, u8 family,
	      const struct klb_key *key)
{
	const struct klb_buckets *b = rcu_dereference(ct->buckets);
	struct klb_side *side = klb_buckets_find(b, hash, family, key);

	return side ?: klb_conn_find_next(b, hash, family, key);
}

/* The same from a tuple. */
struct klb_side *klb_conn_lookup(struct klb_net *kn, const struct klb_tuple *t);

/* conn_evict.c */
bool klb_conn_make_room(struct klb_net *kn);
bool klb_conn_may_evict(const struct klb_conn_table *ct);
void klb_conn_note_overflow(struct klb_conn_table *ct);

/* A new connection, counted but not in the table; its state, its sides and
 * whether the caller has a reference of @ep for it are the caller's business.
 * @family: of its client, @reply_family: of the endpoint. -ENOSPC: conn-max is
 * reached, -ENOMEM.
 */
struct klb_conn *klb_conn_alloc(struct klb_net *kn, u8 family, u8 reply_family,
				struct klb_endpoint *ep);
/* The same for SCTP, with room for struct klb_sctp. */
struct klb_conn *klb_conn_alloc_sctp(struct klb_net *kn, u8 family,
				     struct klb_endpoint *ep);
/* A further path of @head, which is not counted. */
struct klb_conn *klb_conn_alloc_path(struct klb_conn *head, u8 family);
/* The route back, of one that nobody else sees (any more). */
void klb_conn_drop_route(struct klb_conn *conn);
/* Frees one that nobody else has seen, but for its endpoint's reference. */
void klb_conn_free_unseen(struct klb_net *kn, struct klb_conn *conn);
/* The same with the endpoint's reference, later. */
void klb_conn_discard(struct klb_net *kn, struct klb_conn *conn);

/* What the reply's tuple leads to. @family: the reply's */
static __always_inline void klb_conn_hash_reply(const struct klb_conn_table *ct,
						struct klb_conn *conn,
						u8 family)
{
	struct klb_side *r = klb_conn_side(conn, family, KLB_DIR_REPLY);
	struct klb_key key;

	klb_side_key(r, family, &key);
	klb_side_set_hash(r, klb_key_hash(&ct->key, family, &key),
			  KLB_DIR_REPLY);
}

static __always_inline void klb_side_set_deltas(struct klb_side *o,
						struct klb_side *r, u16 addr,
						u16 l4)
{
	o->addr_delta = addr;
	o->l4_delta = l4;
	r->addr_delta = klb_csum_back(addr);
	r->l4_delta = klb_csum_back(l4);
}

/* Once both sides are set, and again if the reply's is to be another: what
 * follows from them. Addresses and ports of a packet are replaced by those of
 * the reversed other side; a sum does not mind the order of its words, so the
 * deltas are those of the sides as they stand.
 */
static inline void klb_conn_settle(const struct klb_conn_table *ct,
				   struct klb_conn *conn)
{
	u8 family = klb_conn_family(conn), back = conn->reply_family;
	struct klb_side *o = klb_conn_side(conn, family, KLB_DIR_ORIG);
	struct klb_side *r = klb_conn_side(conn, back, KLB_DIR_REPLY);
	u16 addr, ports;

	klb_conn_hash_reply(ct, conn, back);
	addr = klb_csum_delta(klb_side_sum(o, family), klb_side_sum(r, back));
	ports = klb_csum_delta(klb_csum_fold(o->ports.both),
			       klb_csum_fold(r->ports.both));
	klb_side_set_deltas(o, r, addr, klb_csum_fold((u32)addr + ports));
}

/* Both sides are of @family. 0; -EEXIST: another packet made the same
 * connection, look it up; or -EADDRINUSE: the reply tuple is taken.
 */
int klb_conn_insert(struct klb_net *kn, struct klb_conn *conn, u8 family);
/* The same whatever the families. */
int klb_conn_insert_any(struct klb_net *kn, struct klb_conn *conn);
/* Whether the reply of a connection is another's. A hint: insert decides. */
bool klb_conn_reply_used(struct klb_net *kn, const struct klb_conn *conn);
/* The same for a further path. Of the tuple in the direction that is not @dir a
 * path of the same connection may be the owner; then that side stays out of the
 * table.
 */
int klb_conn_insert_path(struct klb_net *kn, struct klb_conn *path, u8 dir);
void klb_conn_unhash_path(struct klb_net *kn, struct klb_conn *path);
/* Unhashes it, if nobody else has; it is freed later. Any context with RCU.
 * @why: 0 or a flag
 */
bool klb_conn_kill_for(struct klb_net *kn, struct klb_conn *conn,
		       enum klb_conn_flags why);
static inline void klb_conn_kill(struct klb_net *kn, struct klb_conn *conn)
{
	klb_conn_kill_for(kn, conn, 0);
}

/* enum klb_conn_end, of a connection that is dead. */
u8 klb_conn_ended_by(const struct klb_conn *conn);

void klb_conn_set_state(struct klb_conn *conn, u8 state);
/* Whether its endpoint counts it follows its state: see KLB_CONN_COUNTS. */
void klb_conn_recount(struct klb_conn *conn);
/* klb_conn_set_state() of one that is in the table. */
void klb_conn_step(struct klb_conn *conn, u8 state);
/* The same of one whose answers klb does not see. */
void klb_conn_step_alone(struct klb_conn *conn, u8 state);

/* The same for a state in which the service's timeout does not matter. */
static inline void klb_conn_start_state(struct klb_conn *conn, u8 state,
					u32 seconds)
{
	conn->state = state;
	conn->timeout = seconds * HZ;
	conn->expires = (u32)jiffies + seconds * HZ;
}

static inline bool klb_conn_expired(const struct klb_conn *conn, u32 now)
{
	return (s32)(READ_ONCE(conn->expires) - now) < 0;
}

/* Configuration and dumps, process context. */

/* Where a walk stands. All zero at the start. */
struct klb_conn_cursor {
	u32 resizes;	/* the table that bucket counts in */
	u32 bucket;
	bool next;	/* in the table being filled by a resize */
	bool started;
	bool changed;	/* the table was resized: entries may be missing */
};

/* Calls @fn for each connection of one bucket, under RCU, and goes on to the
 * next. If @fn returns non-zero the cursor stays where it was and that is
 * returned. -ENOENT at the end of the table.
 */
int klb_conn_walk(struct klb_net *kn, struct klb_conn_cursor *cursor,
		  int (*fn)(struct klb_conn *conn, void *arg), void *arg);

/* What people see of a connection. */
struct klb_conn_info {
	u8 proto, state;
	u8 family;		/* of client and VIP */
	u8 reply_family;	/* of endpoint and source */
	bool snat;
	union klb_addr client, vip, endpoint, source;
	__be16 client_port, vip_port, endpoint_port, source_port;
	u32 expires_ms;
	u64 packets[2], bytes[2];
};

void klb_conn_info(const struct klb_conn *conn, struct klb_conn_info *info);

/* From now on it is counted. Under RCU. */
void klb_conn_count(struct klb_conn *conn);
/* Counts connections of a service that were made when its scheduler did not
 * count them. klb_net.lock held.
 */
void klb_conn_count_in(struct klb_service *svc);

/* Makes klb_endpoint.live and klb_service.live true, klb_net.lock held. */
void klb_conn_account(struct klb_net *kn);

#endif
