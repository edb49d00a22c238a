// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include <linux/in.h>
#include <linux/jhash.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "netns.h"

/* Addresses */

/* As a number: its upper and lower half. */
static void number_of(u8 family, const union klb_addr *addr, u64 *hi, u64 *lo)
{
	*hi = family == AF_INET ? 0 : be64_to_cpu((__force __be64)addr->w[0]);
	*lo = family == AF_INET ? ntohl(addr->ip) :
				  be64_to_cpu((__force __be64)addr->w[1]);
}

int klb_pool_count(u8 family, const union klb_addr *first,
		   const union klb_addr *last)
{
	u64 hi, lo, to_hi, to_lo;

	number_of(family, first, &hi, &lo);
	number_of(family, last, &to_hi, &to_lo);
	if (to_hi < hi || (to_hi == hi && to_lo < lo))
		return 0;
	to_hi -= hi + (to_lo < lo);
	to_lo -= lo;
	return to_hi || to_lo >= KLB_POOL_ADDRS_MAX ? -1 : to_lo + 1;
}

void klb_pool_addr(const struct klb_pool *pool, u32 i, union klb_addr *addr)
{
	u64 hi, lo;

	number_of(pool->family, &pool->first, &hi, &lo);
	memset(addr, 0, sizeof(*addr));
	if (pool->family == AF_INET) {
		addr->ip = htonl(lo + i);
		return;
	}
	hi += lo + i < lo;
	addr->w[0] = (__force u64)cpu_to_be64(hi);
	addr->w[1] = (__force u64)cpu_to_be64(lo + i);
}

u32 klb_pool_home(const struct klb_pool *pool, u8 family,
		  const union klb_addr *client)
{
	u32 hash = family == AF_INET ?
		   jhash_1word((__force u32)client->ip, 0) :
		   jhash2((__force const u32 *)client, 4, 0);

	return reciprocal_scale(hash, pool->n);
}

/* Configuration */

/* The first whose name is not less than @name; the list's head if there is
 * none.
 */
static struct list_head *place_of(struct klb_net *kn, const char *name)
{
	struct klb_pool *pool;

	lockdep_assert_held(&kn->lock);
	list_for_each_entry(pool, &kn->pools, node)
		if (strcmp(pool->name, name) >= 0)
			return &pool->node;
	return &kn->pools;
}

struct klb_pool *klb_pool_find(struct klb_net *kn, const char *name)
{
	struct list_head *at = place_of(kn, name);
	struct klb_pool *pool = list_entry(at, struct klb_pool, node);

	return at != &kn->pools && !strcmp(pool->name, name) ? pool : NULL;
}

static struct klb_pool *pool_alloc(const struct klb_pool_conf *conf)
{
	size_t len = strlen(conf->name) + 1;
	struct klb_pool *pool = kzalloc(struct_size(pool, name, len),
					GFP_KERNEL_ACCOUNT);

	if (!pool)
		return NULL;
	pool->first = conf->first;
	pool->n = klb_pool_count(conf->family, &conf->first, &conf->last);
	pool->port_low = conf->port_low;
	pool->port_high = conf->port_high;
	pool->family = conf->family;
	pool->refs = 1;
	memcpy(pool->name, conf->name, len);
	return pool;
}

int klb_pool_add(struct klb_net *kn, const struct klb_pool_conf *conf,
		 struct klb_pool **pool, struct netlink_ext_ack *extack)
{
	if (klb_pool_find(kn, conf->name)) {
		NL_SET_ERR_MSG(extack, "the pool exists already");
		return -EEXIST;
	}
	*pool = pool_alloc(conf);
	if (!*pool) {
		NL_SET_ERR_MSG(extack, "no memory for the pool");
		return -ENOMEM;
	}
	list_add_tail(&(*pool)->node, place_of(kn, conf->name));
	return 0;
}

/* Services that were removed and still have connections do not count. */
static bool named(struct klb_net *kn, const struct klb_pool *pool)
{
	struct klb_service *svc;

	list_for_each_entry(svc, &kn->services.all, all)
		if (!svc->removed && rcu_access_pointer(svc->pool) == pool)
			return true;
	return false;
}

static void remove(struct klb_pool *pool)
{
	list_del(&pool->node);
	klb_pool_put(pool);
}

int klb_pool_del(struct klb_net *kn, const char *name,
		 struct netlink_ext_ack *extack)
{
	struct klb_pool *pool = klb_pool_find(kn, name);

	if (!pool) {
		NL_SET_ERR_MSG(extack, "no such pool");
		return -ENOENT;
	}
	if (named(kn, pool)) {
		NL_SET_ERR_MSG(extack, "the pool is in use by a service");
		return -EBUSY;
	}
	remove(pool);
	return 0;
}

/**
 * klb_pool_put() - give a reference back
 * @pool: klb_net.lock is held
 */
void klb_pool_put(struct klb_pool *pool)
{
	if (!--pool->refs)
		kfree_rcu(pool, rcu);
}

void klb_pools_flush(struct klb_net *kn)
{
	struct klb_pool *pool, *next;

	list_for_each_entry_safe(pool, next, &kn->pools, node)
		remove(pool);
}
