/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_POOL_H
#define KLB_POOL_H

#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "tuple.h"

struct klb_net;

/* Most addresses that a pool may have. */
#define KLB_POOL_ADDRS_MAX	65536

/* Source addresses and ports that services replace a client's with. Never
 * changes; packets that found a service find its pool, and it is freed a grace
 * period after the last service has let go of it.
 */
struct klb_pool {
	union klb_addr first;
	u32 n;			/* addresses from there on */
	u16 port_low, port_high;
	u8 family;

	/* under klb_net.lock */
	u32 refs;		/* the configuration and each service */
	struct list_head node;	/* klb_net.pools, in order of names */
	struct rcu_head rcu;
	char name[];
};

/* What a message wants of a pool; all of it is there and valid. */
struct klb_pool_conf {
	const char *name;
	union klb_addr first, last;	/* not less than first */
	u16 port_low, port_high;
	u8 family;
};

/* How many addresses there are from @first to @last, or -1 if that is more than
 * a pool can have; 0: @last is less.
 */
int klb_pool_count(u8 family, const union klb_addr *first,
		   const union klb_addr *last);
/* The address so many after the first. */
void klb_pool_addr(const struct klb_pool *pool, u32 i, union klb_addr *addr);

/* Which one a client address begins with. */
u32 klb_pool_home(const struct klb_pool *pool, u8 family,
		  const union klb_addr *client);

/* Configuration: klb_net.lock held. Errors carry an extack sentence and
 * leave everything as it was.
 */
struct klb_pool *klb_pool_find(struct klb_net *kn, const char *name);
/* On success the pool is left in *@pool, valid until the lock is released. */
int klb_pool_add(struct klb_net *kn, const struct klb_pool_conf *conf,
		 struct klb_pool **pool, struct netlink_ext_ack *extack);
int klb_pool_del(struct klb_net *kn, const char *name,
		 struct netlink_ext_ack *extack);
static inline struct klb_pool *klb_pool_get(struct klb_pool *pool)
{
	pool->refs++;
	return pool;
}

void klb_pool_put(struct klb_pool *pool);
/* All of them. No service is in the configuration any more. */
void klb_pools_flush(struct klb_net *kn);

#endif
