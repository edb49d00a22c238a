// SPDX-License-Identifier: GPL-2.0
#include "service_conf.h"

#include <linux/in.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "maglev.h"
#include "netns.h"
#include "pool.h"

/* Settings */

/* @size: wanted; @n_endpoints: as many as the service will have */
int klb_conf_size_check(u32 size, u32 n_endpoints,
			struct netlink_ext_ack *extack)
{
	if (size && (size < n_endpoints || size > KLB_MAGLEV_SIZE_MAX)) {
		NL_SET_ERR_MSG(extack,
			       "maglev-size is less than the number of endpoints, or more than 8388593");
		return -EINVAL;
	}
	return 0;
}

/* What does not go together, whether it is there or comes with @conf. */
static const char *fault(const struct klb_service *svc,
			 const struct klb_service_conf *conf)
{
	u8 forward = conf->has_forward ? conf->forward : svc->forward;
	u8 masquerade = conf->has_masquerade ? conf->masquerade :
					       svc->masquerade;
	u32 affinity = conf->has_affinity ? conf->affinity : svc->affinity;
	bool share = conf->has_share ? *conf->share : !!svc->share;
	bool pool = conf->has_pool ? *conf->pool :
				     !!rcu_access_pointer(svc->pool);

	if (masquerade != KLB_MASQUERADE_NEVER && forward != KLB_FORWARD_NAT)
		return "masquerade is for forward nat only";
	if (pool && forward == KLB_FORWARD_DSR)
		return "forward dsr replaces no source, so a pool is of no use to it";
	if (conf->has_pool && *conf->pool &&
	    !klb_pool_find(svc->kn, conf->pool))
		return "no such pool";
	if (klb_forward_direct(forward) && svc->any)
		return "forward dsr, ipip and gue are for a service with an address";
	if (share && !affinity)
		return "a share is of affinity, and the service has none";
	if (conf->n_secondary && svc->key.proto != IPPROTO_SCTP)
		return "secondary addresses are for sctp only";
	if (conf->n_secondary && svc->any)
		return "a service on any address has no secondary addresses";
	return NULL;
}

int klb_conf_check(const struct klb_service *svc,
		   const struct klb_service_conf *conf,
		   struct netlink_ext_ack *extack)
{
	const char *why = fault(svc, conf);

	if (!why)
		return 0;
	if (extack)
		extack->_msg = why;
	return -EINVAL;
}

/* What the endpoint gets is what the client has sent to the service. */
int klb_conf_endpoint_check(const struct klb_service *svc, u8 forward,
			    struct klb_endpoint_id id,
			    struct netlink_ext_ack *extack)
{
	if (klb_forward_direct(forward) && id.port != svc->key.port) {
		NL_SET_ERR_MSG(extack,
			       "with forward dsr, ipip or gue an endpoint's port is the service's");
		return -EINVAL;
	}
	if (id.family == svc->key.family)
		return 0;
	if (forward == KLB_FORWARD_DSR) {
		NL_SET_ERR_MSG(extack,
			       "with forward dsr an endpoint is of the service's address family");
		return -EINVAL;
	}
	if (svc->key.proto != IPPROTO_SCTP || klb_forward_direct(forward))
		return 0;
	NL_SET_ERR_MSG(extack, "sctp between address families is not supported");
	return -EOPNOTSUPP;
}

int klb_conf_endpoints_check(const struct klb_service *svc,
			     const struct klb_service_conf *conf,
			     struct netlink_ext_ack *extack)
{
	u8 forward = conf->has_forward ? conf->forward : svc->forward;
	const struct klb_endpoint *ep;
	int err = 0;
	u32 i;

	if (conf->has_endpoints) {
		for (i = 0; !err && i < conf->n_endpoints; i++)
			err = klb_conf_endpoint_check(svc, forward,
						      klb_endpoint_conf_id(&conf->endpoints[i]),
						      extack);
		return err;
	}
	for (ep = klb_endpoint_first(svc); !err && ep;
	     ep = klb_endpoint_next((struct klb_endpoint *)ep))
		err = klb_conf_endpoint_check(svc, forward,
					      klb_endpoint_id(ep), extack);
	return err;
}

static void apply_lists(struct klb_service *svc,
			struct klb_service_conf *conf,
			struct klb_conf_texts *t)
{
	if (conf->has_sources) {
		swap(svc->sources, conf->sources);
		klb_prefix_set_replace(&svc->source_set, t->sources);
		t->sources = NULL;
	}
	if (!conf->has_secondary)
		return;
	memcpy(svc->secondary, conf->secondary, sizeof(svc->secondary));
	svc->n_secondary = conf->n_secondary;
}

static void apply_words(struct klb_service *svc,
			const struct klb_service_conf *conf,
			struct klb_conf_texts *t)
{
	if (conf->has_name)
		swap(svc->name, t->name);
	if (conf->has_share)
		swap(svc->share, t->share);
	if (conf->has_pool)
		t->pool = rcu_replace_pointer(svc->pool, t->pool,
					      lockdep_is_held(&svc->kn->lock));
}

/* Whether a new connection takes nothing but Maglev and its destination
 * replaced.
 */
static bool plain(const struct klb_service *svc)
{
	return svc->forward == KLB_FORWARD_NAT && !svc->any &&
	       klb_service_stateless(svc) &&
	       !rcu_access_pointer(svc->source_set) &&
	       !rcu_access_pointer(svc->pool) &&
	       svc->key.proto != IPPROTO_SCTP && !svc->mixed;
}

void klb_conf_note_plain(struct klb_service *svc)
{
	WRITE_ONCE(svc->plain, plain(svc));
}

/* A memory that was switched off, or is to be another, is forgotten. */
static void apply_affinity(struct klb_service *svc,
			   const struct klb_service_conf *conf)
{
	u32 affinity = conf->has_affinity ? conf->affinity : svc->affinity;

	if (affinity && (!svc->affinity || conf->has_share))
		WRITE_ONCE(svc->affinity_id,
			   klb_affinity_id(svc->kn, svc->share));
	WRITE_ONCE(svc->affinity, affinity);
}

void klb_conf_apply(struct klb_service *svc, struct klb_service_conf *conf,
		    struct klb_conf_texts *texts)
{
	apply_words(svc, conf, texts);
	if (conf->has_masquerade)
		WRITE_ONCE(svc->masquerade, conf->masquerade);
	if (conf->has_empty)
		WRITE_ONCE(svc->empty, conf->empty);
	apply_affinity(svc, conf);
	apply_lists(svc, conf, texts);
	if (conf->has_scheduler)
		WRITE_ONCE(svc->scheduler, conf->scheduler);
	if (conf->has_forward)
		WRITE_ONCE(svc->forward, conf->forward);
	if (conf->has_timeout)
		WRITE_ONCE(svc->timeout, conf->timeout);
	if (conf->has_maglev_size)
		svc->maglev_size = conf->maglev_size;
	if (conf->has_seed)
		svc->seed = conf->seed;
	klb_conf_note_plain(svc);
}

/* The list of endpoints of a message */

static int conf_cmp(const void *a, const void *b)
{
	return klb_endpoint_id_cmp(klb_endpoint_conf_id(a),
				   klb_endpoint_conf_id(b));
}

int klb_conf_sort(struct klb_service_conf *conf,
		  struct netlink_ext_ack *extack)
{
	u32 i;

	sort(conf->endpoints, conf->n_endpoints, sizeof(*conf->endpoints),
	     conf_cmp, NULL);
	for (i = 1; i < conf->n_endpoints; i++) {
		if (conf_cmp(&conf->endpoints[i - 1], &conf->endpoints[i]))
			continue;
		NL_SET_ERR_MSG(extack, "an endpoint is named twice");
		return -EINVAL;
	}
	return 0;
}

/* Texts */

void klb_conf_texts_free(struct klb_conf_texts *t)
{
	kfree(t->name);
	kfree(t->share);
	if (t->pool)
		klb_pool_put(t->pool);
	klb_prefix_set_free(t->sources);
}

static char *text_dup(bool has, const char *text, bool *failed)
{
	char *copy;

	if (!has || !*text)
		return NULL;
	copy = kstrdup(text, GFP_KERNEL_ACCOUNT);
	*failed |= !copy;
	return copy;
}

/* klb_conf_check() has seen that it is there. */
static struct klb_pool *pool_of(struct klb_net *kn,
				const struct klb_service_conf *conf)
{
	return conf->has_pool && *conf->pool ?
	       klb_pool_get(klb_pool_find(kn, conf->pool)) : NULL;
}

int klb_conf_texts_dup(struct klb_net *kn, struct klb_conf_texts *t,
		       const struct klb_service_conf *conf)
{
	bool failed = false;

	t->name = text_dup(conf->has_name, conf->name, &failed);
	t->share = text_dup(conf->has_share, conf->share, &failed);
	t->pool = pool_of(kn, conf);
	t->sources = NULL;
	if (conf->has_sources && klb_prefix_set_new(&conf->sources, &t->sources))
		failed = true;
	if (!failed)
		return 0;
	klb_conf_texts_free(t);
	return -ENOMEM;
}
