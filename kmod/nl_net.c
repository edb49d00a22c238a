// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <net/ipv6.h>

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
			klb_conn_table_count(&kn->conns)) ||
	    nla_put_u32(skb, KLB_A_NET_BUCKETS, count_buckets(kn)) ||
	    nla_put_u32(skb, KLB_A_NET_SERVICES, kn->services.count) ||
	    nla_put_string(skb, KLB_A_NET_VERSION, THIS_MODULE->version) ||
	    klb_nl_put_prefixes(skb, KLB_A_NET_PODS, &kn->pods) ||
	    klb_nl_put_prefixes(skb, KLB_A_NET_NODEPORTS, &kn->nodeports) ||
	    klb_nl_put_prefixes(skb, KLB_A_NET_GUARD, &kn->guard) ||
	    nla_put_u8(skb, KLB_A_NET_ECHO, kn->echo) ||
	    nla_put_be16(skb, KLB_A_NET_GUE_PORT, kn->gue_port) ||
	    nla_put_u64_64bit(skb, KLB_A_NET_EVENTS_LOST,
			      atomic64_read(&kn->conns.events_lost),
			      KLB_A_NET_PAD) ||
	    nla_put_u32(skb, KLB_A_NET_CHAIN_MAX,
			READ_ONCE(kn->conns.longest)) ||
	    nla_put_u64_64bit(skb, KLB_A_NET_EVICTED,
			      atomic64_read(&kn->conns.evicted),
			      KLB_A_NET_PAD))
		return -EMSGSIZE;
	return 0;
}

int klb_nl_net_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct sk_buff *msg;
	void *hdr;
	int err;

	msg = genlmsg_new(KLB_NL_NET_ROOM, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &klb_nl_family, 0, KLB_CMD_NET_GET);
	mutex_lock(&kn->lock);
	err = klb_nl_put_net(msg, kn);
	mutex_unlock(&kn->lock);
	return klb_nl_reply(msg, hdr, info, err);
}

/* What a message wants of the namespace, beside single values. */
struct conf {
	struct klb_prefixes pods, nodeports, guard;
	bool has_pods, has_nodeports, has_guard;
	struct klb_prefix_set *nodeport_set, *guard_set;
	__be16 gue_port;	/* 0: not told */
	struct klb_prefix_set *pod_set;
};

static int read_values(struct genl_info *info, struct conf *conf)
{
	struct nlattr *conn_max = info->attrs[KLB_A_NET_CONN_MAX];
	struct nlattr *gue_port = info->attrs[KLB_A_NET_GUE_PORT];

	if (conn_max && (s32)nla_get_u32(conn_max) <= 0)
		return klb_nl_refuse(info->extack, conn_max,
				     "conn-max is 1 to 2147483647");
	return gue_port ? klb_nl_port(gue_port, &conf->gue_port,
				      info->extack) : 0;
}

/* On loopback the client would be loopback, which no endpoint can answer. */
static int check_nodeports(struct genl_info *info, const struct conf *conf)
{
	const struct klb_prefix *p = conf->nodeports.v;
	u32 i;

	for (i = 0; i < conf->nodeports.n; i++, p++)
		if (p->family == AF_INET ? ipv4_is_loopback(p->addr.ip) :
					   ipv6_addr_loopback(&p->addr.in6))
			return klb_nl_refuse(info->extack,
					     info->attrs[KLB_A_NET_NODEPORTS],
					     "services do not listen on loopback addresses");
	return 0;
}

/* For packets to ask. */
static int make_sets(struct genl_info *info, struct conf *conf)
{
	if (!klb_prefix_set_new(&conf->pods, &conf->pod_set) &&
	    !klb_prefix_set_new(&conf->nodeports, &conf->nodeport_set) &&
	    !klb_prefix_set_new(&conf->guard, &conf->guard_set))
		return 0;
	NL_SET_ERR_MSG(info->extack, "no memory for the prefixes");
	return -ENOMEM;
}

/* To be freed with conf_free(), whether it was read or not. */
static int read_conf(struct genl_info *info, struct conf *conf)
{
	memset(conf, 0, sizeof(*conf));
	return read_values(info, conf) ?:
	       klb_nl_prefixes(info, KLB_A_NET_PODS, KLB_A_NET_PODS_NONE,
			       KLB_NET_PREFIXES_MAX, &conf->pods,
			       &conf->has_pods) ?:
	       klb_nl_prefixes(info, KLB_A_NET_NODEPORTS,
			       KLB_A_NET_NODEPORTS_NONE, KLB_NET_PREFIXES_MAX,
			       &conf->nodeports, &conf->has_nodeports) ?:
	       klb_nl_prefixes(info, KLB_A_NET_GUARD, KLB_A_NET_GUARD_NONE,
			       KLB_NET_PREFIXES_MAX, &conf->guard,
			       &conf->has_guard) ?:
	       check_nodeports(info, conf) ?:
	       make_sets(info, conf);
}

static void conf_free(struct conf *conf)
{
	kvfree(conf->pods.v);
	klb_prefix_set_free(conf->pod_set);
	kvfree(conf->nodeports.v);
	kvfree(conf->guard.v);
	klb_prefix_set_free(conf->nodeport_set);
	klb_prefix_set_free(conf->guard_set);
}

static void apply_values(struct klb_net *kn, struct nlattr **attrs)
{
	struct nlattr *conn_max = attrs[KLB_A_NET_CONN_MAX];
	struct nlattr *veth_peer = attrs[KLB_A_NET_VETH_PEER];
	struct nlattr *echo = attrs[KLB_A_NET_ECHO];

	if (conn_max)
		WRITE_ONCE(kn->conn_max, nla_get_u32(conn_max));
	if (veth_peer)
		WRITE_ONCE(kn->veth_peer, nla_get_u8(veth_peer));
	if (echo)
		WRITE_ONCE(kn->echo, nla_get_u8(echo));
}

static void apply_nodeports(struct klb_net *kn, struct conf *conf)
{
	swap(kn->nodeports, conf->nodeports);
	klb_prefix_set_replace(&kn->nodeport_set, conf->nodeport_set);
	conf->nodeport_set = NULL;
}

static void apply_guard(struct klb_net *kn, struct conf *conf)
{
	u8 wide = kn->wide & ~KLB_WIDE_GUARD;

	swap(kn->guard, conf->guard);
	klb_prefix_set_replace(&kn->guard_set, conf->guard_set);
	conf->guard_set = NULL;
	WRITE_ONCE(kn->wide, wide | (kn->guard.n ? KLB_WIDE_GUARD : 0));
}

/* Lists that are replaced are left in @conf. */
static void apply(struct klb_net *kn, struct nlattr **attrs,
		  struct conf *conf)
{
	apply_values(kn, attrs);
	if (conf->gue_port)
		WRITE_ONCE(kn->gue_port, conf->gue_port);
	if (conf->has_pods) {
		swap(kn->pods, conf->pods);
		klb_prefix_set_replace(&kn->pod_set, conf->pod_set);
		conf->pod_set = NULL;
	}
	if (conf->has_nodeports)
		apply_nodeports(kn, conf);
	if (conf->has_guard)
		apply_guard(kn, conf);
}

int klb_nl_net_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct conf conf;
	int err;

	err = read_conf(info, &conf);
	if (!err) {
		mutex_lock(&kn->lock);
		apply(kn, info->attrs, &conf);
		klb_notify_net(kn, info);
		mutex_unlock(&kn->lock);
	}
	conf_free(&conf);
	return err;
}
