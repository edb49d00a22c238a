// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include "netlink.h"
#include "netns.h"
#include "notify.h"
#include "service.h"

struct request {
	struct klb_service_key key;
	struct klb_endpoint_conf conf;
};

static int read_request(struct genl_info *info, struct request *req)
{
	struct nlattr *nest = info->attrs[KLB_A_SERVICE_ENDPOINT];
	int err;

	err = klb_nl_key(info->attrs, &req->key, info->extack);
	if (err)
		return err;
	if (!nest)
		return klb_nl_missing(info->extack, NULL,
				      KLB_A_SERVICE_ENDPOINT,
				      "the endpoint is missing");
	if (klb_nl_count(info, KLB_A_SERVICE_ENDPOINT) > 1)
		return klb_nl_refuse(info->extack, nest,
				     "one endpoint at a time, or service-set");
	return klb_nl_endpoint(nest, req->key.family, &req->conf,
			       info->extack);
}

static struct klb_service *find_service(struct klb_net *kn,
					const struct klb_service_key *key,
					struct genl_info *info)
{
	struct klb_service *svc = klb_service_find(kn, key);

	if (!svc)
		NL_SET_ERR_MSG(info->extack, "no such service");
	return svc;
}

/* Adds or changes, as @apply does. */
static int change(struct genl_info *info,
		  int (*apply)(struct klb_service *svc,
			       const struct klb_endpoint_conf *conf,
			       struct klb_endpoint **ep,
			       struct netlink_ext_ack *extack))
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_endpoint *ep;
	struct klb_service *svc;
	struct request req;
	int err;

	err = read_request(info, &req);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	svc = find_service(kn, &req.key, info);
	err = svc ? apply(svc, &req.conf, &ep, info->extack) : -ENOENT;
	if (!err)
		klb_notify_endpoint(kn, ep, info);
	mutex_unlock(&kn->lock);
	return err;
}

int klb_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, klb_service_add_endpoint);
}

int klb_nl_endpoint_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change(info, klb_service_set_endpoint);
}

int klb_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_service *svc;
	struct request req;
	int err;

	err = read_request(info, &req);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	svc = find_service(kn, &req.key, info);
	err = svc ? klb_service_del_endpoint(svc, &req.conf, info->extack) :
		    -ENOENT;
	if (!err)
		klb_notify_endpoint_del(kn, svc, &req.conf, info);
	mutex_unlock(&kn->lock);
	return err;
}
