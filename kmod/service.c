// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <linux/inetdevice.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "conn_sctp.h"
#include "netns.h"
#include "plan.h"
#include "pool.h"
#include "secondary.h"
#include "service_conf.h"
#include "vip.h"

#define INDEX_MIN	64

/* In a slot whose service was removed; equal to no key. */
static struct klb_service gone;

static struct klb_service_index *index_locked(struct klb_net *kn)
{
	return rcu_dereference_protected(kn->services.index,
					 lockdep_is_held(&kn->lock));
}

/* The slot for a service that is not in the index: a free one. */
static void index_put(struct klb_service_index *ix, struct klb_service *svc)
{
	u32 i = klb_service_key_hash(&svc->key);

	while (rcu_access_pointer(ix->slot[i & ix->mask]))
		i++;
	rcu_assign_pointer(ix->slot[i & ix->mask], svc);
	ix->used++;
}

/* With all services, and room for as many again. */
static int index_rebuild(struct klb_net *kn)
{
	u32 n = roundup_pow_of_two(max(kn->services.count * 4, INDEX_MIN));
	struct klb_service_index *old = index_locked(kn), *ix;
	struct klb_service *svc;

	ix = kvzalloc(struct_size(ix, slot, n), GFP_KERNEL);
	if (!ix)
		return -ENOMEM;
	ix->mask = n - 1;
	list_for_each_entry(svc, &kn->services.all, all)
		if (!svc->removed)
			index_put(ix, svc);
	rcu_assign_pointer(kn->services.index, ix);
	if (old)
		kvfree_rcu(old, rcu);
	return 0;
}

static int index_add(struct klb_service *svc)
{
	struct klb_service_index *ix = index_locked(svc->kn);
	int err = 0;

	if (!ix || ix->used > ix->mask / 2)
		err = index_rebuild(svc->kn);
	if (!err)
		index_put(index_locked(svc->kn), svc);
	return err;
}

static void index_del(struct klb_service *svc)
{
	struct klb_service_index *ix = index_locked(svc->kn);
	u32 i = klb_service_key_hash(&svc->key);

	while (rcu_access_pointer(ix->slot[i & ix->mask]) != svc)
		i++;
	rcu_assign_pointer(ix->slot[i & ix->mask], &gone);
}

int klb_services_init(struct klb_net *kn)
{
	kn->services.sorted = RB_ROOT;
	INIT_LIST_HEAD(&kn->services.all);
	return rhltable_init(&kn->services.endpoints, &klb_endpoint_params);
}

void klb_services_exit(struct klb_net *kn)
{
	rhltable_destroy(&kn->services.endpoints);
	kvfree(rcu_dereference_protected(kn->services.index, 1));
}

bool klb_local_address(struct net *net, u8 family, const union klb_addr *addr)
{
	if (family == AF_INET6)
		return ipv6_chk_addr(net, &addr->in6, NULL, 0);
	return inet_addr_type(net, addr->ip) == RTN_LOCAL;
}

bool klb_own_address(struct net *net, u8 family, const union klb_addr *addr)
{
	if (family == AF_INET6 ? ipv6_addr_loopback(&addr->in6) :
				 ipv4_is_loopback(addr->ip))
		return false;
	return klb_local_address(net, family, addr);
}

/* NodePort: the addresses of this host that were chosen, never loopback. */
static bool is_nodeport(struct klb_net *kn, u8 family,
			const union klb_addr *dst)
{
	return (!rcu_access_pointer(kn->nodeport_set) ||
		klb_prefix_in(&kn->nodeport_set, family, dst)) &&
	       klb_own_address(kn->net, family, dst);
}

struct klb_service *klb_service_any(struct klb_net *kn, u8 family,
				    union klb_addr dst, u32 rest)
{
	const struct klb_service_index *ix = rcu_dereference(kn->services.index);
	struct klb_service *svc = klb_service_at(ix, 0, 0, rest);

	return svc && is_nodeport(kn, family, &dst) ? svc : NULL;
}

static int key_cmp(const struct klb_service_key *a,
		   const struct klb_service_key *b)
{
	if (a->family != b->family)
		return (int)a->family - (int)b->family;
	return klb_addr_cmp(a->family, &a->addr, &b->addr) ?:
	       (int)ntohs(a->port) - (int)ntohs(b->port) ?:
	       (int)a->proto - (int)b->proto;
}

struct klb_service *klb_service_find(struct klb_net *kn,
				     const struct klb_service_key *key)
{
	const struct klb_service_index *ix = index_locked(kn);

	return ix ? klb_service_at(ix, key->addr.w[0], key->addr.w[1],
				   key->rest) : NULL;
}

struct klb_service *klb_service_after(struct klb_net *kn,
				      const struct klb_service_key *key)
{
	struct rb_node *n = kn->services.sorted.rb_node;
	struct klb_service *next = NULL;

	lockdep_assert_held(&kn->lock);
	if (!key) {
		n = rb_first(&kn->services.sorted);
		return n ? rb_entry(n, struct klb_service, sorted) : NULL;
	}
	while (n) {
		struct klb_service *svc = rb_entry(n, struct klb_service,
						   sorted);

		if (key_cmp(key, &svc->key) < 0) {
			next = svc;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return next;
}

static void sort_in(struct klb_service *svc)
{
	struct rb_root *root = &svc->kn->services.sorted;
	struct rb_node **link = &root->rb_node, *parent = NULL;

	while (*link) {
		struct klb_service *at;

		parent = *link;
		at = rb_entry(parent, struct klb_service, sorted);
		link = key_cmp(&svc->key, &at->key) < 0 ? &parent->rb_left :
							  &parent->rb_right;
	}
	rb_link_node(&svc->sorted, parent, link);
	rb_insert_color(&svc->sorted, root);
}

/* Services */

static struct klb_service *service_alloc(struct klb_net *kn,
					 const struct klb_service_key *key)
{
	struct klb_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL_ACCOUNT);

	if (!svc)
		return NULL;
	svc->key = *key;
	svc->any = klb_addr_any(key->family, &key->addr);
	svc->kn = kn;
	svc->endpoints = RB_ROOT;
	INIT_LIST_HEAD(&svc->all_endpoints);
	spin_lock_init(&svc->sched_lock);
	refcount_set(&svc->refs, 1);
	svc->removed = true;
	list_add_tail(&svc->all, &kn->services.all);
	return svc;
}

static void note_wide(struct klb_net *kn)
{
	u8 wide = kn->wide & ~(KLB_WIDE_ANY | KLB_WIDE_SCTP);

	if (kn->services.any)
		wide |= KLB_WIDE_ANY;
	if (kn->services.sctp)
		wide |= KLB_WIDE_SCTP;
	WRITE_ONCE(kn->wide, wide);
}

/* Packets for the service are let through to the tables. */
static void sieve_in(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;

	klb_sieve_add(kn, svc->key.family, &svc->key.addr, svc->key.port);
	svc->in_sieve = true;
	kn->services.any += svc->any;
	kn->services.sctp += svc->key.proto == IPPROTO_SCTP;
	note_wide(kn);
}

static void sieve_out(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;

	klb_sieve_del(kn, svc->key.family, &svc->key.addr, svc->key.port);
	kn->services.any -= svc->any;
	kn->services.sctp -= svc->key.proto == IPPROTO_SCTP;
	note_wide(kn);
}

/**
 * klb_service_put() - give a reference back
 * @svc: klb_net.lock is held
 */
void klb_service_put(struct klb_service *svc)
{
	struct klb_pool *pool;

	if (!refcount_dec_and_test(&svc->refs))
		return;
	list_del(&svc->all);
	if (svc->in_sieve)
		sieve_out(svc);
	pool = rcu_dereference_protected(svc->pool,
					 lockdep_is_held(&svc->kn->lock));
	kfree(svc->name);
	kfree(svc->share);
	if (pool)
		klb_pool_put(pool);
	kvfree(svc->sources.v);
	klb_prefix_set_replace(&svc->source_set, NULL);
	kfree_rcu(svc, rcu);
}

static int publish(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;
	int err;

	sieve_in(svc);
	err = klb_vip_add(kn, svc->key.family, &svc->key.addr);
	if (err)
		return err;
	err = index_add(svc);
	if (err) {
		klb_vip_del(kn, svc->key.family, &svc->key.addr);
		return err;
	}
	svc->removed = false;
	sort_in(svc);
	kn->services.count++;
	return 0;
}

/**
 * klb_service_del() - remove a service
 * @svc: klb_net.lock is held; invalid afterwards
 *
 * TCP connections live on, and packets for them are let through as long as
 * there are any; UDP flows end with their next packet.
 */
void klb_service_del(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;

	if (!svc->removed) {
		index_del(svc);
		klb_vip_del(kn, svc->key.family, &svc->key.addr);
		rb_erase(&svc->sorted, &kn->services.sorted);
		kn->services.count--;
		svc->removed = true;
	}
	klb_plan_clear(svc);
	klb_secondary_use(svc, NULL);
	klb_service_put(svc);
}

static int no_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "no memory for the service");
	return -ENOMEM;
}

static struct klb_table_conf table_conf(const struct klb_service *svc)
{
	return (struct klb_table_conf){
		.scheduler = svc->scheduler,
		.maglev_size = svc->maglev_size,
		.seed = svc->seed,
	};
}

/* What does not change is as it was. */
static int change_tables(struct klb_service *svc, struct klb_service_conf *conf,
			 struct netlink_ext_ack *extack)
{
	struct klb_table_conf want = table_conf(svc);
	u8 forward = conf->has_forward ? conf->forward : svc->forward;
	u32 n = conf->n_endpoints;
	struct klb_plan *plan;

	if (conf->has_affinity && conf->affinity && klb_affinity_start(svc->kn))
		return no_memory(extack);
	if (!conf->has_endpoints && !conf->has_seed && !conf->has_forward &&
	    !conf->has_maglev_size && !conf->has_scheduler)
		return 0;
	if (conf->has_scheduler)
		want.scheduler = conf->scheduler;
	if (conf->has_maglev_size)
		want.maglev_size = conf->maglev_size;
	if (conf->has_seed)
		want.seed = conf->seed;
	plan = conf->has_endpoints ? klb_plan_replace(svc, conf) :
				     klb_plan_again(svc, forward, &n);
	return klb_plan_run(svc, plan, n, &want, extack);
}

/* Everything of @conf, or nothing. */
static int change(struct klb_service *svc, struct klb_service_conf *conf,
		  struct netlink_ext_ack *extack)
{
	bool counted = klb_sched_counts(svc->scheduler);
	struct klb_secondaries *secondaries;
	struct klb_conf_texts texts;
	int err;

	err = klb_secondary_make(svc, conf->secondary, conf->n_secondary,
				 &secondaries, extack);
	if (err)
		return err;
	if (klb_conf_texts_dup(svc->kn, &texts, conf)) {
		kfree(secondaries);
		return no_memory(extack);
	}
	err = change_tables(svc, conf, extack);
	if (!err) {
		klb_conf_apply(svc, conf, &texts);
		if (!counted && klb_sched_counts(svc->scheduler) &&
		    !svc->removed) {
			/* what began uncounted is in the table then */
			synchronize_rcu();
			klb_conn_count_in(svc);
		}
	}
	if (!err && conf->has_secondary)
		klb_secondary_use(svc, secondaries);
	else
		kfree(secondaries);
	klb_conf_texts_free(&texts);
	return err;
}

/**
 * klb_service_set() - change a service in one step
 * @svc: klb_net.lock is held
 * @conf: what to change; its endpoints are sorted
 * @extack: gets a sentence if it is refused
 *
 * Return: 0, -EINVAL or -ENOMEM; then nothing has changed.
 */
int klb_service_set(struct klb_service *svc, struct klb_service_conf *conf,
		    struct netlink_ext_ack *extack)
{
	u32 n = conf->has_endpoints ? conf->n_endpoints : svc->n_endpoints;
	u32 size = conf->has_maglev_size ? conf->maglev_size :
					   svc->maglev_size;
	int err;

	err = klb_conf_size_check(size, n, extack) ?: klb_conf_check(svc, conf, extack);
	if (!err && conf->has_endpoints)
		err = klb_conf_sort(conf, extack);
	if (!err)
		err = klb_conf_endpoints_check(svc, conf, extack);
	return err ?: change(svc, conf, extack);
}

/**
 * klb_service_add() - add a service with all its endpoints
 * @kn: its lock is held
 * @key: address, port, protocol
 * @conf: the rest; its endpoints are sorted
 * @extack: gets a sentence if it is refused
 *
 * Return: 0, -EEXIST, -EINVAL or -ENOMEM; then nothing has changed.
 */
int klb_service_add(struct klb_net *kn, const struct klb_service_key *key,
		    struct klb_service_conf *conf,
		    struct netlink_ext_ack *extack)
{
	struct klb_service *svc;
	int err;

	if (klb_service_find(kn, key) || klb_secondary_taken(kn, key)) {
		NL_SET_ERR_MSG(extack, "the service exists already");
		return -EEXIST;
	}
	err = klb_conns_start(kn);
	if (!err && key->proto == IPPROTO_SCTP)
		err = klb_sctp_start_net(kn);
	if (err) {
		NL_SET_ERR_MSG(extack, "no memory for connections");
		return err;
	}
	svc = service_alloc(kn, key);
	if (!svc)
		return no_memory(extack);
	err = klb_service_set(svc, conf, extack);
	if (!err && publish(svc))
		err = no_memory(extack);
	if (err)
		klb_service_del(svc);
	return err;
}

/* The same service with other endpoints. */
static int run(struct klb_service *svc, struct klb_plan *plan, u32 n,
	       struct netlink_ext_ack *extack)
{
	const struct klb_table_conf conf = table_conf(svc);
	int err = klb_plan_run(svc, plan, n, &conf, extack);

	if (!err)
		klb_conf_note_plain(svc);
	return err;
}

/* Whether one more endpoint can be added. */
static int add_check(const struct klb_service *svc,
		     const struct klb_endpoint_conf *conf,
		     struct netlink_ext_ack *extack)
{
	if (klb_endpoint_find(svc, klb_endpoint_conf_id(conf))) {
		NL_SET_ERR_MSG(extack, "the endpoint exists already");
		return -EEXIST;
	}
	if (svc->n_endpoints >= KLB_ENDPOINTS_MAX) {
		NL_SET_ERR_MSG(extack,
			       "a service has at most 65535 endpoints");
		return -ENOSPC;
	}
	return klb_conf_endpoint_check(svc, svc->forward,
				       klb_endpoint_conf_id(conf), extack) ?:
	       klb_conf_size_check(svc->maglev_size, svc->n_endpoints + 1,
				   extack);
}

int klb_service_add_endpoint(struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct klb_endpoint **ep,
			     struct netlink_ext_ack *extack)
{
	struct klb_endpoint *next;
	struct klb_plan *plan, *at;
	int err;
	u32 n;

	err = add_check(svc, conf, extack);
	if (err)
		return err;
	plan = klb_plan_current(svc, &n);
	if (!plan)
		return no_memory(extack);
	next = klb_endpoint_after(svc, klb_endpoint_conf_id(conf));
	at = next ? klb_plan_find(plan, next) : plan + n;
	memmove(at + 1, at, (plan + n - at) * sizeof(*at));
	if (klb_plan_one(at, svc, svc->forward, conf)) {
		kvfree(plan);
		return no_memory(extack);
	}
	*ep = at->ep;
	return run(svc, plan, n + 1, extack);
}

static struct klb_endpoint *find_told(struct klb_service *svc,
				      const struct klb_endpoint_conf *conf,
				      struct netlink_ext_ack *extack)
{
	struct klb_endpoint *ep;

	ep = klb_endpoint_find(svc, klb_endpoint_conf_id(conf));
	if (!ep)
		NL_SET_ERR_MSG(extack, "no such endpoint");
	return ep;
}

int klb_service_set_endpoint(struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct klb_endpoint **ep,
			     struct netlink_ext_ack *extack)
{
	struct klb_plan *plan, *at;
	u32 n;

	*ep = find_told(svc, conf, extack);
	if (!*ep)
		return -ENOENT;
	plan = klb_plan_current(svc, &n);
	if (!plan)
		return no_memory(extack);
	at = klb_plan_find(plan, *ep);
	klb_plan_change(at, conf);
	return run(svc, plan, n, extack);
}

int klb_service_del_endpoint(struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct netlink_ext_ack *extack)
{
	struct klb_endpoint *ep = find_told(svc, conf, extack);
	struct klb_plan *plan, *at;
	u32 n;

	if (!ep)
		return -ENOENT;
	plan = klb_plan_current(svc, &n);
	if (!plan)
		return no_memory(extack);
	at = klb_plan_find(plan, ep);
	n--;
	memmove(at, at + 1, (plan + n - at) * sizeof(*at));
	return run(svc, plan, n, extack);
}
