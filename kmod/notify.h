/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NOTIFY_H
#define KLB_NOTIFY_H

#include <linux/types.h>

struct genl_info;
struct klb_endpoint;
struct klb_endpoint_conf;
struct klb_net;
struct klb_pool;
struct klb_service;
struct klb_service_key;

/* Every change of the configuration goes through one of these, after it was
 * made and with klb_net.lock still held, so that they are told in order and
 * counted in klb_net.config_seq, by which dumps see that they were
 * interrupted. @info is the request that made the change.
 */
void klb_notify_service(struct klb_net *kn, const struct klb_service *svc,
			struct genl_info *info);
void klb_notify_service_del(struct klb_net *kn,
			    const struct klb_service_key *key,
			    struct genl_info *info);
void klb_notify_endpoint(struct klb_net *kn, const struct klb_endpoint *ep,
			 struct genl_info *info);
void klb_notify_endpoint_del(struct klb_net *kn,
			     const struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct genl_info *info);
void klb_notify_pool(struct klb_net *kn, const struct klb_pool *pool,
		     struct genl_info *info);
void klb_notify_pool_del(struct klb_net *kn, const char *name,
			 struct genl_info *info);
void klb_notify_net(struct klb_net *kn, struct genl_info *info);

#endif
