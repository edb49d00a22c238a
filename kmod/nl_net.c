// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include <linux/limits.h>
#include <linux/module.h>

#include "netlink.h"
#include "notify.h"

/* 0 as long as the namespace had no service */
static u32 count_buckets(struct klb_net *kn)
{
	const struct klb_buckets *b;
	u32 n;

	rcu_read_lock();
	b = rcu_dereference(kn->conns.buckets);
	n = b ? b->mask + 1 : 0;
	rcu_read_unlock();
	return n;
}

int klb_nl_put_net(struct sk_buff *skb, struct klb_net *kn)
{
	lockdep_assert_held(&kn->lock);
	if (nla_put_u32(skb, KLB_A_NET_CONN_MAX, kn->conn_max) ||
	    nla_put_u8(skb, KLB_A_NET_VETH_PEER, kn->veth_peer) ||
	    nla_put_u32(skb, KLB_A_NET_CONNS,
			atomic_read(&kn->conns.count)) ||
	    nla_put_u32(skb, KLB_A_NET_BUCKETS, count_buckets(kn)) ||
	    nla_put_u32(skb, KLB_A_NET_SERVICES, kn->services.count) ||
	    nla_put_string(skb, KLB_A_NET_VERSION, THIS_MODULE->version))
		return -EMSGSIZE;
	return 0;
}

int klb_nl_net_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &klb_nl_family, 0, KLB_CMD_NET_GET);
	mutex_lock(&kn->lock);
	err = klb_nl_put_net(msg, kn);
	mutex_unlock(&kn->lock);
	return klb_nl_reply(msg, hdr, info, err);
}

int klb_nl_net_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *conn_max = info->attrs[KLB_A_NET_CONN_MAX];
	struct nlattr *veth_peer = info->attrs[KLB_A_NET_VETH_PEER];
	struct klb_net *kn = klb_net(genl_info_net(info));

	if (conn_max && (s32)nla_get_u32(conn_max) <= 0)
		return klb_nl_refuse(info->extack, conn_max,
				     "conn-max is 1 to 2147483647");
	mutex_lock(&kn->lock);
	if (conn_max)
		WRITE_ONCE(kn->conn_max, nla_get_u32(conn_max));
	if (veth_peer)
		WRITE_ONCE(kn->veth_peer, nla_get_u8(veth_peer));
	klb_notify_net(kn, info);
	mutex_unlock(&kn->lock);
	return 0;
}
