// SPDX-License-Identifier: GPL-2.0
#include "notify.h"

#include <net/genetlink.h>

#include "netlink.h"
#include "netns.h"

/* Room for all that is told of a service or an endpoint. */
#define NOTIFY_SIZE	KLB_NL_SERVICE_ROOM

/* Counts a change, and begins to tell it if anybody listens. */
static struct sk_buff *begin_large(struct klb_net *kn, struct genl_info *info,
				   u8 cmd, size_t size, void **hdr)
{
	struct sk_buff *skb;

	lockdep_assert_held(&kn->lock);
	kn->config_seq++;
	if (!genl_has_listeners(&klb_nl_family, kn->net, KLB_NLGRP_CONFIG) &&
	    !nlmsg_report(info->nlhdr))
		return NULL;
	skb = genlmsg_new(size, GFP_KERNEL);
	if (!skb) {
		genl_set_err(&klb_nl_family, kn->net, info->snd_portid,
			     KLB_NLGRP_CONFIG, -ENOBUFS);
		return NULL;
	}
	*hdr = genlmsg_put(skb, info->snd_portid, info->snd_seq,
			   &klb_nl_family, 0, cmd);
	return skb;
}

static struct sk_buff *begin(struct klb_net *kn, struct genl_info *info,
			     u8 cmd, void **hdr)
{
	return begin_large(kn, info, cmd, NOTIFY_SIZE, hdr);
}

/* The room is enough, so @err is 0 unless somebody forgot to adapt it. */
static void tell(struct sk_buff *skb, void *hdr, struct genl_info *info,
		 int err)
{
	if (WARN_ON_ONCE(err)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genl_notify(&klb_nl_family, skb, info, KLB_NLGRP_CONFIG, GFP_KERNEL);
}

void klb_notify_service(struct klb_net *kn, const struct klb_service *svc,
			struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = begin(kn, info, KLB_CMD_SERVICE_NTF, &hdr);
	if (skb)
		tell(skb, hdr, info, klb_nl_put_service(skb, svc));
}

void klb_notify_service_del(struct klb_net *kn,
			    const struct klb_service_key *key,
			    struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = begin(kn, info, KLB_CMD_SERVICE_DEL_NTF, &hdr);
	if (skb)
		tell(skb, hdr, info, klb_nl_put_key(skb, key));
}

void klb_notify_endpoint(struct klb_net *kn, const struct klb_endpoint *ep,
			 struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = begin(kn, info, KLB_CMD_ENDPOINT_NTF, &hdr);
	if (!skb)
		return;
	err = klb_nl_put_key(skb, &ep->svc->key) ?:
	      klb_nl_put_endpoint_conf(skb, KLB_A_SERVICE_ENDPOINT, ep);
	tell(skb, hdr, info, err);
}

static int put_endpoint_gone(struct sk_buff *skb,
			     const struct klb_endpoint_conf *conf)
{
	struct nlattr *nest = nla_nest_start(skb, KLB_A_SERVICE_ENDPOINT);

	if (!nest ||
	    klb_nl_put_endpoint_id(skb, conf->family, &conf->addr, conf->port))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

void klb_notify_endpoint_del(struct klb_net *kn,
			     const struct klb_service *svc,
			     const struct klb_endpoint_conf *conf,
			     struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;
	int err;

	skb = begin(kn, info, KLB_CMD_ENDPOINT_DEL_NTF, &hdr);
	if (!skb)
		return;
	err = klb_nl_put_key(skb, &svc->key) ?:
	      put_endpoint_gone(skb, conf);
	tell(skb, hdr, info, err);
}

void klb_notify_pool(struct klb_net *kn, const struct klb_pool *pool,
		     struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = begin(kn, info, KLB_CMD_POOL_NTF, &hdr);
	if (skb)
		tell(skb, hdr, info, klb_nl_put_pool(skb, pool));
}

void klb_notify_pool_del(struct klb_net *kn, const char *name,
			 struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = begin(kn, info, KLB_CMD_POOL_DEL_NTF, &hdr);
	if (skb)
		tell(skb, hdr, info,
		     nla_put_string(skb, KLB_A_POOL_NAME, name));
}

void klb_notify_net(struct klb_net *kn, struct genl_info *info)
{
	struct sk_buff *skb;
	void *hdr;

	skb = begin_large(kn, info, KLB_CMD_NET_NTF, KLB_NL_NET_ROOM, &hdr);
	if (skb)
		tell(skb, hdr, info, klb_nl_put_net(skb, kn));
}
