// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "csum.h"
#include "netns.h"
#include "service.h"

/* Where an endpoint is, in the form of a service's key; without a word of its
 * own the padding at its end would be hashed as it is found.
 */
static void key_of(const struct klb_endpoint *ep, struct klb_service_key *key)
{
	memset(key, 0, sizeof(*key));
	key->addr = ep->addr;
	key->port = ep->port;
	key->proto = ep->svc->key.proto;
	key->family = ep->family;
}

static u32 hash_key(const void *key, u32 len, u32 seed)
{
	return jhash_1word(klb_service_key_hash(key), seed);
}

static u32 hash_endpoint(const void *obj, u32 len, u32 seed)
{
	struct klb_service_key key;

	key_of(obj, &key);
	return jhash_1word(klb_service_key_hash(&key), seed);
}

static int cmp_key(struct rhashtable_compare_arg *arg, const void *obj)
{
	struct klb_service_key key;

	key_of(obj, &key);
	return !klb_service_key_equal(&key, arg->key);
}

const struct rhashtable_params klb_endpoint_params = {
	.head_offset = offsetof(struct klb_endpoint, peers.rhead),
	.hashfn = hash_key,
	.obj_hashfn = hash_endpoint,
	.obj_cmpfn = cmp_key,
	.automatic_shrinking = true,
};

struct rhlist_head *klb_endpoints_at(struct klb_net *kn,
				     const struct klb_tuple *t)
{
	struct klb_service_key key = {
		.port = t->ports.src,
		.proto = t->proto,
		.family = t->family,
	};

	klb_addr_copy(t->family, &key.addr, &t->src);
	return rhltable_lookup(&kn->services.endpoints, &key,
			       klb_endpoint_params);
}

int klb_endpoint_id_cmp(struct klb_endpoint_id a, struct klb_endpoint_id b)
{
	if (a.family != b.family)
		return (int)a.family - (int)b.family;
	return klb_addr_cmp(a.family, a.addr, b.addr) ?:
	       (int)ntohs(a.port) - (int)ntohs(b.port);
}

static int cmp(struct klb_endpoint_id id, const struct klb_endpoint *ep)
{
	return klb_endpoint_id_cmp(id, (struct klb_endpoint_id){
		ep->family, ep->port, &ep->addr });
}

/* The client's part of both sides is the same and leaves no trace. */
static void set_deltas(struct klb_endpoint *ep)
{
	const struct klb_service_key *key = &ep->svc->key;

	ep->addr_delta = klb_csum_delta(klb_addr_sum(&key->addr),
					klb_addr_sum(&ep->addr));
	ep->l4_delta = klb_csum_fold((u32)ep->addr_delta +
				     klb_csum_delta((__force u16)key->port,
						    (__force u16)ep->port));
}

u8 klb_endpoint_way(const struct klb_service *svc, u8 forward, u8 family)
{
	switch (forward) {
	case KLB_FORWARD_DSR:
		return KLB_WAY_DSR;
	case KLB_FORWARD_IPIP:
		return KLB_WAY_IPIP;
	case KLB_FORWARD_GUE:
		return KLB_WAY_GUE;
	default:
		return family == svc->key.family ? KLB_WAY_PLAIN : KLB_WAY_XLAT;
	}
}

/**
 * klb_endpoint_alloc() - an endpoint that is not yet part of its service
 * @svc: the service, of which a reference is taken
 * @forward: enum klb_forward that the service has, or is about to have
 * @conf: what it shall be; weight 1, state up, scope all where it does not say
 *
 * Return: the endpoint with the reference of the configuration, or NULL.
 * klb_endpoint_put() takes it back whether it was inserted or not.
 */
struct klb_endpoint *klb_endpoint_alloc(struct klb_service *svc,
					u8 forward,
					const struct klb_endpoint_conf *conf)
{
	struct klb_endpoint *ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);
	struct klb_service_key key;
	u8 family = conf->family;

	if (!ep)
		return NULL;
	ep->family = family;
	ep->way = klb_endpoint_way(svc, forward, family);
	klb_addr_copy(family, &ep->addr, &conf->addr);
	ep->port = conf->port;
	ep->weight = conf->has_weight ? conf->weight : 1;
	ep->state = conf->has_state ? conf->state : KLB_ENDPOINT_STATE_UP;
	ep->scope = conf->has_scope ? conf->scope : KLB_SCOPE_ALL;
	ep->removed = true;
	ep->svc = svc;
	ep->born = svc->kn->births + 1;
	WRITE_ONCE(svc->kn->births, ep->born);
	set_deltas(ep);
	atomic_set(&ep->refs, 1);
	/* those of other services at the same address share a list: it is
	 * found by a key, and the object is none
	 */
	key_of(ep, &key);
	if (rhltable_insert_key(&svc->kn->services.endpoints, &key, &ep->peers,
				klb_endpoint_params)) {
		kfree(ep);
		return NULL;
	}
	klb_sieve_add(svc->kn, family, &ep->addr, ep->port);
	refcount_inc(&svc->refs);
	list_add_tail(&ep->all, &svc->all_endpoints);
	return ep;
}

/**
 * klb_endpoint_find() - endpoint of a service by where it is
 * @svc: klb_net.lock is held
 * @id: family, address and port
 *
 * Return: the endpoint, or NULL.
 */
struct klb_endpoint *klb_endpoint_find(const struct klb_service *svc,
				       struct klb_endpoint_id id)
{
	struct rb_node *n = svc->endpoints.rb_node;

	while (n) {
		struct klb_endpoint *ep = rb_entry(n, struct klb_endpoint,
						   node);
		int diff = cmp(id, ep);

		if (!diff)
			return ep;
		n = diff < 0 ? n->rb_left : n->rb_right;
	}
	return NULL;
}

/* In order; klb_net.lock is held. */
struct klb_endpoint *klb_endpoint_first(const struct klb_service *svc)
{
	return rb_entry_safe(rb_first(&svc->endpoints), struct klb_endpoint,
			     node);
}

/**
 * klb_endpoint_after() - the endpoint that follows in order
 * @svc: klb_net.lock is held
 * @id: where to start after; there need not be one
 *
 * Return: the endpoint, or NULL after the last.
 */
struct klb_endpoint *klb_endpoint_after(const struct klb_service *svc,
					struct klb_endpoint_id id)
{
	struct rb_node *n = svc->endpoints.rb_node;
	struct klb_endpoint *next = NULL;

	while (n) {
		struct klb_endpoint *ep = rb_entry(n, struct klb_endpoint,
						   node);

		if (cmp(id, ep) < 0) {
			next = ep;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return next;
}

/**
 * klb_endpoint_insert() - make an endpoint part of its service
 * @ep: as klb_endpoint_alloc() made it; no equal one is there
 */
void klb_endpoint_insert(struct klb_endpoint *ep)
{
	struct rb_node **link = &ep->svc->endpoints.rb_node, *parent = NULL;
	struct klb_endpoint_id id = { ep->family, ep->port, &ep->addr };

	while (*link) {
		parent = *link;
		if (cmp(id, rb_entry(parent, struct klb_endpoint, node)) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&ep->node, parent, link);
	rb_insert_color(&ep->node, &ep->svc->endpoints);
	ep->svc->n_endpoints++;
	WRITE_ONCE(ep->removed, false);
	klb_endpoint_set_state(ep, ep->state);
}

/**
 * klb_endpoint_set_state() - change what the administrator says of an endpoint
 * @ep: part of its service; klb_net.lock is held
 * @state: enum klb_endpoint_state
 */
void klb_endpoint_set_state(struct klb_endpoint *ep, u8 state)
{
	ep->state = state;
	WRITE_ONCE(ep->serving, state != KLB_ENDPOINT_STATE_DOWN);
}

/**
 * klb_endpoint_remove() - take an endpoint out of its service
 * @ep: klb_net.lock is held; gone when its last connection is
 *
 * No table refers to it any more.
 */
void klb_endpoint_remove(struct klb_endpoint *ep)
{
	WRITE_ONCE(ep->removed, true);
	WRITE_ONCE(ep->serving, false);
	rb_erase(&ep->node, &ep->svc->endpoints);
	ep->svc->n_endpoints--;
	klb_endpoint_put(ep);
}

/* Packets may have renewed the route until now. */
static void endpoint_free(struct rcu_head *rcu)
{
	struct klb_endpoint *ep = container_of(rcu, struct klb_endpoint, rcu);
	struct klb_route *rt = rcu_dereference_protected(ep->route, 1);

	if (rt)
		klb_route_put(rt);
	kfree(ep);
}

/**
 * klb_endpoint_put() - give a reference back
 * @ep: process context, klb_net.lock is held
 */
void klb_endpoint_put(struct klb_endpoint *ep)
{
	struct klb_service *svc = ep->svc;

	if (!atomic_dec_and_test(&ep->refs))
		return;
	list_del(&ep->all);
	rhltable_remove(&svc->kn->services.endpoints, &ep->peers,
			klb_endpoint_params);
	klb_sieve_del(svc->kn, ep->family, &ep->addr, ep->port);
	klb_service_put(svc);
	call_rcu(&ep->rcu, endpoint_free);
}
