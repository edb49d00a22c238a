/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SERVICE_CONF_H
#define KLB_SERVICE_CONF_H

#include <linux/netlink.h>
#include <linux/types.h>

#include "endpoint.h"

struct klb_net;
struct klb_pool;
struct klb_service;
struct klb_service_conf;

/* What a message wants of a service: whether it can be, and making it so.
 * klb_net.lock is held; errors carry an extack sentence.
 */

/* @size: wanted; @n_endpoints: as many as the service will have */
int klb_conf_size_check(u32 size, u32 n_endpoints,
			struct netlink_ext_ack *extack);
int klb_conf_check(const struct klb_service *svc,
		   const struct klb_service_conf *conf,
		   struct netlink_ext_ack *extack);
/* Whether an endpoint can be one of @svc if that is @forward. */
int klb_conf_endpoint_check(const struct klb_service *svc, u8 forward,
			    struct klb_endpoint_id id,
			    struct netlink_ext_ack *extack);
/* The same for all that it will have. */
int klb_conf_endpoints_check(const struct klb_service *svc,
			     const struct klb_service_conf *conf,
			     struct netlink_ext_ack *extack);
/* Brings the endpoints in order; none can be there twice. */
int klb_conf_sort(struct klb_service_conf *conf,
		  struct netlink_ext_ack *extack);

/* Copies of what a message says, NULL where nothing is to be; of a pool a
 * reference.
 */
struct klb_conf_texts {
	char *name, *share;
	struct klb_pool *pool;
	struct klb_prefix_set *sources;
};

int klb_conf_texts_dup(struct klb_net *kn, struct klb_conf_texts *t,
		       const struct klb_service_conf *conf);
void klb_conf_texts_free(struct klb_conf_texts *t);
/* Cannot fail. What is replaced changes places with @conf and @texts. */
void klb_conf_apply(struct klb_service *svc, struct klb_service_conf *conf,
		    struct klb_conf_texts *texts);
/* Looks again whether the service is plain. */
void klb_conf_note_plain(struct klb_service *svc);

#endif
