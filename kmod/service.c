// SPDX-License-Identifier: GPL-2.0
#include "service.h"

#include <linux/inetdevice.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/addrconf.h>
#include <net/route.h>

#include "maglev.h"
#include "netns.h"
#include "plan.h"

/* Inlined, since each new connection asks. */
static __always_inline u32 hash_key(const void *key, u32 len, u32 seed)
{
	return klb_service_key_hash(key, seed);
}

static __always_inline u32 hash_service(const void *obj, u32 len, u32 seed)
{
	const struct klb_service *svc = obj;

	return klb_service_key_hash(&svc->key, seed);
}

static __always_inline int cmp_key(struct rhashtable_compare_arg *arg,
				   const void *obj)
{
	const struct klb_service *svc = obj;

	return !klb_service_key_equal(&svc->key, arg->key);
}

static const struct rhashtable_params service_params = {
	.key_len = sizeof(struct klb_service_key),
	.key_offset = offsetof(struct klb_service, key),
	.head_offset = offsetof(struct klb_service, node),
	.hashfn = hash_key,
	.obj_hashfn = hash_service,
	.obj_cmpfn = cmp_key,
	.automatic_shrinking = true,
};

int klb_services_init(struct klb_net *kn)
{
	int err;

	kn->services.sorted = RB_ROOT;
	INIT_LIST_HEAD(&kn->services.all);
	err = rhashtable_init(&kn->services.hash, &service_params);
	if (err)
		return err;
	err = rhltable_init(&kn->services.endpoints, &klb_endpoint_params);
	if (err)
		rhashtable_destroy(&kn->services.hash);
	return err;
}

void klb_services_exit(struct klb_net *kn)
{
	rhltable_destroy(&kn->services.endpoints);
	rhashtable_destroy(&kn->services.hash);
}

/* NodePort: every address of this host but loopback. */
static bool own_address(struct net *net, const struct klb_tuple *t)
{
	if (t->family == AF_INET6)
		return !ipv6_addr_loopback(&t->dst.in6) &&
		       ipv6_chk_addr(net, &t->dst.in6, NULL, 0);
	return !ipv4_is_loopback(t->dst.ip) &&
	       inet_addr_type(net, t->dst.ip) == RTN_LOCAL;
}

/**
 * klb_service_lookup() - the service that a packet is for
 * @kn: namespace
 * @t: the packet's tuple
 *
 * Return: the service, valid under the caller's RCU, or NULL. One with the
 * very address goes before one with any address.
 */
struct klb_service *klb_service_lookup(struct klb_net *kn,
				       const struct klb_tuple *t)
{
	struct klb_service_key key;
	struct klb_service *svc;

	key.rest = klb_service_rest(t->ports.dst, t->proto, t->family);
	klb_addr_copy(t->family, &key.addr, &t->dst);
	svc = rhashtable_lookup(&kn->services.hash, &key, service_params);
	if (svc || !READ_ONCE(kn->services.any))
		return svc;
	key.addr = (union klb_addr){};
	svc = rhashtable_lookup(&kn->services.hash, &key, service_params);
	if (svc && own_address(kn->net, t))
		return svc;
	return NULL;
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
	lockdep_assert_held(&kn->lock);
	return rhashtable_lookup_fast(&kn->services.hash, key, service_params);
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

/* Settings */

/* @size: wanted; @n_endpoints: as many as the service will have */
static int size_check(u32 size, u32 n_endpoints, struct netlink_ext_ack *extack)
{
	if (size && (size < n_endpoints || size > KLB_MAGLEV_SIZE_MAX)) {
		NL_SET_ERR_MSG(extack,
			       "maglev-size is less than the number of endpoints, or more than 8388593");
		return -EINVAL;
	}
	return 0;
}

static void conf_apply(struct klb_service *svc,
		       const struct klb_service_conf *conf)
{
	if (conf->has_scheduler)
		svc->scheduler = conf->scheduler;
	if (conf->has_forward)
		WRITE_ONCE(svc->forward, conf->forward);
	if (conf->has_timeout)
		WRITE_ONCE(svc->timeout, conf->timeout);
	if (conf->has_maglev_size)
		svc->maglev_size = conf->maglev_size;
	if (conf->has_seed)
		svc->seed = conf->seed;
}

/* The list of endpoints of a message */

static int conf_cmp4(const void *a, const void *b)
{
	const struct klb_endpoint_conf *x = a, *y = b;

	return klb_addr_cmp(AF_INET, &x->addr, &y->addr) ?:
	       (int)ntohs(x->port) - (int)ntohs(y->port);
}

static int conf_cmp6(const void *a, const void *b)
{
	const struct klb_endpoint_conf *x = a, *y = b;

	return klb_addr_cmp(AF_INET6, &x->addr, &y->addr) ?:
	       (int)ntohs(x->port) - (int)ntohs(y->port);
}

static int conf_sort(u8 family, struct klb_service_conf *conf,
		     struct netlink_ext_ack *extack)
{
	cmp_func_t cmp = family == AF_INET ? conf_cmp4 : conf_cmp6;
	u32 i;

	sort(conf->endpoints, conf->n_endpoints, sizeof(*conf->endpoints), cmp,
	     NULL);
	for (i = 1; i < conf->n_endpoints; i++) {
		if (cmp(&conf->endpoints[i - 1], &conf->endpoints[i]))
			continue;
		NL_SET_ERR_MSG(extack, "an endpoint is named twice");
		return -EINVAL;
	}
	return 0;
}

/* Services */

static struct klb_service *service_alloc(struct klb_net *kn,
					 const struct klb_service_key *key)
{
	struct klb_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL_ACCOUNT);

	if (!svc)
		return NULL;
	svc->key = *key;
	svc->kn = kn;
	svc->endpoints = RB_ROOT;
	INIT_LIST_HEAD(&svc->all_endpoints);
	refcount_set(&svc->refs, 1);
	svc->removed = true;
	list_add_tail(&svc->all, &kn->services.all);
	return svc;
}

static bool is_any(const struct klb_service *svc)
{
	return klb_addr_any(svc->key.family, &svc->key.addr);
}

/* Packets for the service are let through to the tables. */
static int sieve_in(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;
	int err;

	err = klb_sieve_add(kn, svc->key.family, &svc->key.addr,
			    svc->key.port);
	if (err)
		return err;
	svc->in_sieve = true;
	WRITE_ONCE(kn->services.any, kn->services.any + is_any(svc));
	return 0;
}

static void sieve_out(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;

	klb_sieve_del(kn, svc->key.family, &svc->key.addr, svc->key.port);
	WRITE_ONCE(kn->services.any, kn->services.any - is_any(svc));
}

/**
 * klb_service_put() - give a reference back
 * @svc: klb_net.lock is held
 */
void klb_service_put(struct klb_service *svc)
{
	if (!refcount_dec_and_test(&svc->refs))
		return;
	list_del(&svc->all);
	if (svc->in_sieve)
		sieve_out(svc);
	kfree(svc->name);
	kfree_rcu(svc, rcu);
}

static int publish(struct klb_service *svc)
{
	struct klb_net *kn = svc->kn;
	int err;

	err = sieve_in(svc);
	if (!err)
		err = rhashtable_insert_fast(&kn->services.hash, &svc->node,
					     service_params);
	if (err)
		return err;
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
		rhashtable_remove_fast(&kn->services.hash, &svc->node,
				       service_params);
		rb_erase(&svc->sorted, &kn->services.sorted);
		kn->services.count--;
		svc->removed = true;
	}
	klb_plan_clear(svc);
	klb_service_put(svc);
}

static char *name_dup(const struct klb_service_conf *conf)
{
	return conf->has_name && *conf->name ? kstrdup(conf->name, GFP_KERNEL) :
					       NULL;
}

static int no_memory(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "no memory for the service");
	return -ENOMEM;
}

/* Everything of @conf, or nothing. */
static int change(struct klb_service *svc, struct klb_service_conf *conf,
		  struct netlink_ext_ack *extack)
{
	u32 seed = conf->has_seed ? conf->seed : svc->seed;
	u32 size = conf->has_maglev_size ? conf->maglev_size :
					   svc->maglev_size;
	u32 n = conf->n_endpoints;
	char *name = name_dup(conf);
	struct klb_plan *plan;
	int err = 0;

	if (conf->has_name && *conf->name && !name)
		return no_memory(extack);
	if (conf->has_endpoints || conf->has_seed || conf->has_maglev_size) {
		plan = conf->has_endpoints ? klb_plan_replace(svc, conf) :
					     klb_plan_current(svc, &n);
		err = klb_plan_run(svc, plan, n, size, seed, extack);
	}
	if (err) {
		kfree(name);
		return err;
	}
	if (conf->has_name)
		swap(svc->name, name);
	kfree(name);
	conf_apply(svc, conf);
	return 0;
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

	err = size_check(size, n, extack);
	if (!err && conf->has_endpoints)
		err = conf_sort(svc->key.family, conf, extack);
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

	if (klb_service_find(kn, key)) {
		NL_SET_ERR_MSG(extack, "the service exists already");
		return -EEXIST;
	}
	err = klb_conns_start(kn);
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

/* Whether one more endpoint can be added. */
static int add_check(const struct klb_service *svc,
		     const struct klb_endpoint_conf *conf,
		     struct netlink_ext_ack *extack)
{
	if (klb_endpoint_find(svc, &conf->addr, conf->port)) {
		NL_SET_ERR_MSG(extack, "the endpoint exists already");
		return -EEXIST;
	}
	if (svc->n_endpoints >= KLB_ENDPOINTS_MAX) {
		NL_SET_ERR_MSG(extack,
			       "a service has at most 65535 endpoints");
		return -ENOSPC;
	}
	return size_check(svc->maglev_size, svc->n_endpoints + 1, extack);
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
	next = klb_endpoint_after(svc, &conf->addr, conf->port);
	at = next ? klb_plan_find(plan, next) : plan + n;
	memmove(at + 1, at, (plan + n - at) * sizeof(*at));
	if (klb_plan_one(at, svc, conf)) {
		kvfree(plan);
		return no_memory(extack);
	}
	*ep = at->ep;
	return klb_plan_run(svc, plan, n + 1, svc->maglev_size, svc->seed, extack);
}

static struct klb_endpoint *find_told(struct klb_service *svc,
				      const struct klb_endpoint_conf *conf,
				      struct netlink_ext_ack *extack)
{
	struct klb_endpoint *ep = klb_endpoint_find(svc, &conf->addr,
						    conf->port);

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
	if (conf->has_weight)
		at->weight = conf->weight;
	if (conf->has_state)
		at->state = conf->state;
	return klb_plan_run(svc, plan, n, svc->maglev_size, svc->seed, extack);
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
	return klb_plan_run(svc, plan, n, svc->maglev_size, svc->seed, extack);
}
