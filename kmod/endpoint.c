// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include <linux/slab.h>

#include "netns.h"
#include "service.h"

static int cmp(u8 family, const union klb_addr *addr, __be16 port,
	       const struct klb_endpoint *ep)
{
	int diff = klb_addr_cmp(family, addr, &ep->addr);

	return diff ?: (int)ntohs(port) - (int)ntohs(ep->port);
}

/**
 * klb_endpoint_alloc() - an endpoint that is not yet part of its service
 * @svc: the service, of which a reference is taken
 * @conf: what it shall be; weight 1 and state up where it does not say
 *
 * Return: the endpoint with the reference of the configuration, or NULL.
 * klb_endpoint_put() takes it back whether it was inserted or not.
 */
struct klb_endpoint *klb_endpoint_alloc(struct klb_service *svc,
					const struct klb_endpoint_conf *conf)
{
	struct klb_endpoint *ep = kzalloc(sizeof(*ep), GFP_KERNEL_ACCOUNT);
	u8 family = svc->key.family;

	if (!ep)
		return NULL;
	klb_addr_copy(family, &ep->addr, &conf->addr);
	ep->port = conf->port;
	if (klb_sieve_add(svc->kn, family, &ep->addr, ep->port,
			  svc->key.proto)) {
		kfree(ep);
		return NULL;
	}
	ep->weight = conf->has_weight ? conf->weight : 1;
	ep->state = conf->has_state ? conf->state : KLB_ENDPOINT_STATE_UP;
	ep->removed = true;
	atomic_set(&ep->refs, 1);
	refcount_inc(&svc->refs);
	ep->svc = svc;
	list_add_tail(&ep->all, &svc->all_endpoints);
	return ep;
}

/**
 * klb_endpoint_find() - endpoint of a service by address and port
 * @svc: klb_net.lock is held
 * @addr: of the service's family
 * @port: its port
 *
 * Return: the endpoint, or NULL.
 */
struct klb_endpoint *klb_endpoint_find(const struct klb_service *svc,
				       const union klb_addr *addr, __be16 port)
{
	struct rb_node *n = svc->endpoints.rb_node;

	while (n) {
		struct klb_endpoint *ep = rb_entry(n, struct klb_endpoint,
						   node);
		int diff = cmp(svc->key.family, addr, port, ep);

		if (!diff)
			return ep;
		n = diff < 0 ? n->rb_left : n->rb_right;
	}
	return NULL;
}

/**
 * klb_endpoint_after() - the endpoint that follows in order
 * @svc: klb_net.lock is held
 * @addr: address to start after, NULL for the first endpoint
 * @port: port that goes with @addr
 *
 * Return: the endpoint, or NULL after the last.
 */
struct klb_endpoint *klb_endpoint_after(const struct klb_service *svc,
					const union klb_addr *addr,
					__be16 port)
{
	struct rb_node *n = svc->endpoints.rb_node;
	struct klb_endpoint *next = NULL;

	if (!addr) {
		n = rb_first(&svc->endpoints);
		return n ? rb_entry(n, struct klb_endpoint, node) : NULL;
	}
	while (n) {
		struct klb_endpoint *ep = rb_entry(n, struct klb_endpoint,
						   node);

		if (cmp(svc->key.family, addr, port, ep) < 0) {
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

	while (*link) {
		parent = *link;
		if (cmp(ep->svc->key.family, &ep->addr, ep->port,
			rb_entry(parent, struct klb_endpoint, node)) < 0)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&ep->node, parent, link);
	rb_insert_color(&ep->node, &ep->svc->endpoints);
	ep->svc->n_endpoints++;
	WRITE_ONCE(ep->removed, false);
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
	rb_erase(&ep->node, &ep->svc->endpoints);
	ep->svc->n_endpoints--;
	klb_endpoint_put(ep);
}

/**
 * klb_endpoint_tryget() - a reference for a new connection
 * @ep: seen under RCU
 *
 * Return: false if it is being freed.
 */
bool klb_endpoint_tryget(struct klb_endpoint *ep)
{
	return atomic_inc_not_zero(&ep->refs);
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
	klb_sieve_del(svc->kn, svc->key.family, &ep->addr, ep->port,
		      svc->key.proto);
	klb_service_put(svc);
	call_rcu(&ep->rcu, endpoint_free);
}
