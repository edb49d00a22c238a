/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SERVICE_H
#define KLB_SERVICE_H

#include <linux/kernel.h>
#include <linux/netlink.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/klb.h>

#include "endpoint.h"
#include "prefix_rcu.h"
#include "table.h"
#include "tuple.h"

struct klb_net;
struct klb_pool;

/* What a packet is matched with. */
struct klb_service_key {
	union klb_addr addr;	/* zero: any address of this host */
	union {
		struct {
			__be16 port;
			u8 proto;
			u8 family;
		};
		u32 rest;
	};
};

/* klb_service_key.rest */
static __always_inline u32 klb_service_rest(__be16 port, u8 proto, u8 family)
{
	u32 p = (__force u16)port;

	return IS_ENABLED(CONFIG_CPU_BIG_ENDIAN) ?
	       p << 16 | proto << 8 | family :
	       p | proto << 16 | (u32)family << 24;
}

static inline bool klb_service_key_equal(const struct klb_service_key *a,
					 const struct klb_service_key *b)
{
	return a->rest == b->rest && a->addr.w[0] == b->addr.w[0] &&
	       a->addr.w[1] == b->addr.w[1];
}

/* Of a key in words. Keys come from the administrator: it need not be keyed
 * itself.
 */
static __always_inline u32 klb_service_hash(u64 addr0, u64 addr1, u32 rest)
{
	u64 h = (addr0 ^ rest) * 0x9e3779b97f4a7c15ull ^ addr1;

	h = (h ^ h >> 32) * 0xbf58476d1ce4e5b9ull;
	return h >> 32;
}

static inline u32 klb_service_key_hash(const struct klb_service_key *key)
{
	return klb_service_hash(key->addr.w[0], key->addr.w[1], key->rest);
}

/* Endpoints a new connection can get, in order of klb_endpoint_id_cmp();
 * immutable but for turns and least, replaced as a whole. The
 * endpoints carry no reference of it: they outlive it by a grace period.
 */
struct klb_table {
	struct rcu_head rcu;
	u32 size;			/* slots */
	u32 n;				/* endpoints */
	struct klb_table_conf conf;	/* it was built by, weights too */
	struct klb_least *least;	/* lc, wlc: under sched_lock; or NULL */
	atomic64_t turns;		/* rr, wrr: turns that were taken */
	struct klb_hash_key key;	/* of flows, by the seed */
	u16 *weights;			/* [n] */
	/* Index into endpoints, [size]: Maglev's table; in the order of turns;
	 * of lc and wlc one.
	 */
	u16 *slots;
	struct klb_endpoint *endpoints[];	/* [n] */
};

struct klb_service {
	/* read by packets; key and kn never change */
	struct klb_service_key key;
	u32 timeout;			/* seconds, 0: default */
	u8 forward;			/* enum klb_forward */
	u8 scheduler;			/* enum klb_scheduler */
	bool any;			/* key.addr is none: NodePort */
	/* Nothing but what klb_choose() does inline: see plain() in service_conf.c */
	bool plain;
	bool mixed;			/* has had endpoints of the other family */
	u8 masquerade;			/* enum klb_masquerade */
	u8 empty;			/* enum klb_empty */
	u32 affinity;			/* seconds, 0: none */
	/* NULL: nobody to choose from */
	struct klb_table __rcu *table;
	/* of clients inside; NULL: the same as for others */
	struct klb_table __rcu *inside;
	u64 affinity_id;		/* see klb_affinity_id() */
	/* NULL: clients may come from anywhere */
	struct klb_prefix_set __rcu *source_set;
	/* For what schedulers know of the number of connections; packets and
	 * configuration, BH off. Inside locks of klb_affinity_table.
	 */
	spinlock_t sched_lock;
	/* Of replaced sources; NULL: this host's addresses. A reference is
	 * held.
	 */
	struct klb_pool __rcu *pool;
	/* Further addresses, of SCTP only; NULL: none */
	struct klb_secondaries __rcu *secondaries;
	struct klb_net *kn;

	/* under klb_net.lock */
	bool removed;			/* no more in the configuration */
	bool in_sieve;			/* until its last connection ends */
	struct rb_node sorted;		/* klb_service_table.sorted, by key */
	struct list_head all;		/* klb_service_table.all */
	struct rb_root endpoints;	/* by address and port */
	struct list_head all_endpoints;	/* and removed ones in use */
	u32 n_endpoints;
	u32 maglev_size;		/* wanted, 0: automatic */
	u32 seed;
	char *name;			/* may be NULL */
	char *share;			/* of the affinity; may be NULL */
	struct klb_prefixes sources;	/* as configured */
	union klb_addr secondary[KLB_SECONDARY_MAX];	/* as configured */
	u32 n_secondary;
	struct klb_totals ended;	/* connections that ended */
	struct klb_totals live;		/* as klb_conn_account() found them */

	refcount_t refs;		/* configuration and each endpoint */
	struct rcu_head rcu;
};

/* Where services are found: open addressing, linear probing, never more than
 * half full, so that a packet finds what it looks for in a slot or two. A
 * larger one, or one without the marks of what was removed, is built when need
 * be and replaces this one.
 */
struct klb_service_index {
	struct rcu_head rcu;
	u32 mask;			/* slots - 1 */
	u32 used;			/* slots ever used; klb_net.lock */
	struct klb_service __rcu *slot[];
};

struct klb_service_table {
	struct klb_service_index __rcu *index;	/* NULL: no service yet */
	struct rhltable endpoints;	/* in use, by where they are */
	struct rb_root sorted;		/* under klb_net.lock */
	struct list_head all;		/* likewise; and removed ones in use */
	u32 count;			/* under klb_net.lock */
	u32 any;			/* in the sieve, NodePort; likewise */
	u32 sctp;			/* in the sieve, of SCTP; likewise */
};

/* What a message wants of a service. */
struct klb_service_conf {
	bool has_name, has_scheduler, has_forward, has_timeout;
	bool has_maglev_size, has_seed, has_masquerade, has_empty;
	bool has_affinity, has_share, has_pool;
	/* replace them all, perhaps with none */
	bool has_endpoints, has_sources, has_secondary;
	const char *name;	/* "" takes it away; likewise share and pool */
	const char *share;
	const char *pool;
	u8 scheduler;
	u8 forward;
	u8 masquerade;
	u8 empty;
	u32 affinity;
	u32 timeout;
	u32 maglev_size;
	u32 seed;
	struct klb_prefixes sources;	/* changed places with the service's if
					 * the change is made
					 */
	union klb_addr secondary[KLB_SECONDARY_MAX];
	u32 n_secondary;
	struct klb_endpoint_conf *endpoints;	/* sorted in place */
	u32 n_endpoints;
};

extern const struct rhashtable_params klb_endpoint_params;

int klb_services_init(struct klb_net *kn);
void klb_services_exit(struct klb_net *kn);

/* The service with a key, in words, or NULL. Under RCU. */
static __always_inline struct klb_service *
klb_service_at(const struct klb_service_index *ix, u64 addr0, u64 addr1,
	       u32 rest)
{
	u32 i = klb_service_hash(addr0, addr1, rest);
	struct klb_service *svc;

	while ((svc = rcu_dereference_check(ix->slot[i & ix->mask], 1))) {
		if (likely(svc->key.rest == rest &&
			   svc->key.addr.w[0] == addr0 &&
			   svc->key.addr.w[1] == addr1))
			break;
		i++;
	}
	return svc;
}

/* Whether this host has an address, other than loopback. */
bool klb_own_address(struct net *net, u8 family, const union klb_addr *addr);
/* The same with loopback. */
bool klb_local_address(struct net *net, u8 family, const union klb_addr *addr);

/* Packets: the service that listens on any address of this host, if the
 * packet is for one of those. NULL: there is none. Under RCU.
 */
struct klb_service *klb_service_any(struct klb_net *kn, u8 family,
				    union klb_addr dst, u32 rest);

/* The endpoint of a table at a place, or else the first at the same address
 * whatever its port. NULL: there is none.
 */
struct klb_endpoint *klb_table_at(const struct klb_table *table, u8 family,
				  const union klb_addr *addr, __be16 port);
/* Index of the first endpoint that comes after @ep, which need not be there. */
u32 klb_table_after(const struct klb_table *table,
		    const struct klb_endpoint *ep);

/* Whether the next packet of a client would get the same endpoint without
 * anything remembered. Racy, as any setting.
 */
static inline bool klb_service_stateless(const struct klb_service *svc)
{
	return READ_ONCE(svc->scheduler) == KLB_SCHEDULER_MAGLEV &&
	       !READ_ONCE(svc->affinity) && !rcu_access_pointer(svc->inside) &&
	       READ_ONCE(svc->masquerade) == KLB_MASQUERADE_NEVER;
}

/* Configuration: klb_net.lock held. Errors carry an extack sentence and
 * leave everything as it was.
 */
struct klb_service *klb_service_find(struct klb_net *kn,
				     const struct klb_service_key *key);
/* The first service whose key is greater than @key, NULL: the very first. */
struct klb_service *klb_service_after(struct klb_net *kn,
				      const struct klb_service_key *key);
int klb_service_add(struct klb_net *kn, const struct klb_service_key *key,
		    struct klb_service_conf *conf,
		    struct netlink_ext_ack *extack);
int klb_service_set(struct klb_service *svc, struct klb_service_conf *conf,
		    struct netlink_ext_ack *extack);
void klb_service_del(struct klb_service *svc);

/* One endpoint: klb_net.lock held, errors as above. The endpoint changed is
 * left in *@ep, valid until the lock is released.
 */
int klb_service_add_endpoint(struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct klb_endpoint **ep,
			     struct netlink_ext_ack *extack);
int klb_service_set_endpoint(struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct klb_endpoint **ep,
			     struct netlink_ext_ack *extack);
int klb_service_del_endpoint(struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct netlink_ext_ack *extack);

void klb_service_put(struct klb_service *svc);

/**
 * klb_service_pick() - the endpoint that a new connection gets
 * @svc: the service
 * @t: tuple of the client's packet
 * @family: of @t
 *
 * Keyed by the flow and the service's seed, and by nothing that differs
 * between nodes.
 *
 * Return: the endpoint, valid under the caller's RCU, or NULL if none is
 * usable.
 */
static __always_inline struct klb_endpoint *
klb_service_pick(const struct klb_service *svc, const struct klb_tuple *t,
		 u8 family)
{
	const struct klb_table *table = rcu_dereference(svc->table);
	struct klb_key key;
	u32 hash;

	if (unlikely(!table))
		return NULL;
	klb_key_set(&key, t, family);
	hash = klb_key_hash(&table->key, family, &key);
	return table->endpoints[table->slots[reciprocal_scale(hash,
							      table->size)]];
}

#endif
