// SPDX-License-Identifier: GPL-2.0
#include "pool.h"

#include "netlink.h"
#include "netns.h"
#include "notify.h"

#define PORT_LOW	1024	/* unless the request says another */
#define PORT_HIGH	65535

/* Requests */

/* The word that lbctl has for no pool. */
static const char none[] = "none";

static int read_name(struct genl_info *info, const char **name)
{
	const struct nlattr *attr = info->attrs[KLB_A_POOL_NAME];

	if (!attr)
		return klb_nl_missing(info->extack, NULL, KLB_A_POOL_NAME,
				      "the name of the pool is missing");
	*name = nla_data(attr);
	if (!**name || !strcmp(*name, none))
		return klb_nl_refuse(info->extack, attr,
				     "a pool's name is not empty and not none");
	return 0;
}

static int read_addr(struct genl_info *info, int type, u8 *family,
		     union klb_addr *addr)
{
	const struct nlattr *attr = info->attrs[type];
	int err = klb_nl_addr(attr, family, addr, info->extack);

	if (err)
		return err;
	if (klb_addr_any(*family, addr))
		return klb_nl_refuse(info->extack, attr,
				     "a source cannot be any address");
	return klb_nl_addr_usable(attr, *family, addr, info->extack);
}

static int read_last(struct genl_info *info, struct klb_pool_conf *conf)
{
	const struct nlattr *attr = info->attrs[KLB_A_POOL_LAST];
	u8 family;
	int err, n;

	if (!attr) {
		conf->last = conf->first;
		return 0;
	}
	err = read_addr(info, KLB_A_POOL_LAST, &family, &conf->last);
	if (err)
		return err;
	if (family != conf->family)
		return klb_nl_refuse(info->extack, attr,
				     "a pool has addresses of one family");
	n = klb_pool_count(family, &conf->first, &conf->last);
	if (!n)
		return klb_nl_refuse(info->extack, attr,
				     "the last address is lower than the first");
	if (n < 0)
		return klb_nl_refuse(info->extack, attr,
				     "a pool has at most 65536 addresses");
	return 0;
}

static int read_port(struct genl_info *info, int type, u16 *port)
{
	const struct nlattr *attr = info->attrs[type];
	__be16 value;
	int err;

	if (!attr)
		return 0;
	err = klb_nl_port(attr, &value, info->extack);
	if (!err)
		*port = ntohs(value);
	return err;
}

static int read_ports(struct genl_info *info, struct klb_pool_conf *conf)
{
	int err;

	conf->port_low = PORT_LOW;
	conf->port_high = PORT_HIGH;
	err = read_port(info, KLB_A_POOL_PORT_LOW, &conf->port_low) ?:
	      read_port(info, KLB_A_POOL_PORT_HIGH, &conf->port_high);
	if (err || conf->port_low <= conf->port_high)
		return err;
	return klb_nl_refuse(info->extack,
			     info->attrs[KLB_A_POOL_PORT_HIGH] ?:
			     info->attrs[KLB_A_POOL_PORT_LOW],
			     "the last port is lower than the first");
}

static int read_conf(struct genl_info *info, struct klb_pool_conf *conf)
{
	int err = read_name(info, &conf->name);

	if (err)
		return err;
	if (!info->attrs[KLB_A_POOL_FIRST])
		return klb_nl_missing(info->extack, NULL, KLB_A_POOL_FIRST,
				      "the address of the pool is missing");
	return read_addr(info, KLB_A_POOL_FIRST, &conf->family, &conf->first) ?:
	       read_last(info, conf) ?: read_ports(info, conf);
}

int klb_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_pool_conf conf;
	struct klb_pool *pool;
	int err;

	err = read_conf(info, &conf);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	err = klb_pool_add(kn, &conf, &pool, info->extack);
	if (!err)
		klb_notify_pool(kn, pool, info);
	mutex_unlock(&kn->lock);
	return err;
}

int klb_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	const char *name;
	int err;

	err = read_name(info, &name);
	if (err)
		return err;
	mutex_lock(&kn->lock);
	err = klb_pool_del(kn, name, info->extack);
	if (!err)
		klb_notify_pool_del(kn, name, info);
	mutex_unlock(&kn->lock);
	return err;
}

/* Replies */

int klb_nl_put_pool(struct sk_buff *skb, const struct klb_pool *pool)
{
	union klb_addr last;

	klb_pool_addr(pool, pool->n - 1, &last);
	return nla_put_string(skb, KLB_A_POOL_NAME, pool->name) ?:
	       klb_nl_put_addr(skb, KLB_A_POOL_FIRST, pool->family,
			       &pool->first) ?:
	       klb_nl_put_addr(skb, KLB_A_POOL_LAST, pool->family, &last) ?:
	       nla_put_be16(skb, KLB_A_POOL_PORT_LOW,
			    htons(pool->port_low)) ?:
	       nla_put_be16(skb, KLB_A_POOL_PORT_HIGH,
			    htons(pool->port_high));
}

static int dump_one(struct sk_buff *skb, struct netlink_callback *cb,
		    const struct klb_pool *pool)
{
	void *hdr = klb_nl_part(skb, cb, KLB_CMD_POOL_GET);

	if (!hdr)
		return -EMSGSIZE;
	if (klb_nl_put_pool(skb, pool)) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);
	return 0;
}

/* Where a dump stands. */
struct cursor {
	u32 told;	/* pools; if they change meanwhile the dump is flagged */
};

static int dump(struct klb_net *kn, struct sk_buff *skb,
		struct netlink_callback *cb)
{
	struct cursor *at = (void *)cb->ctx;
	const struct klb_pool *pool;
	u32 i = 0;
	int err;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));
	list_for_each_entry(pool, &kn->pools, node) {
		if (i++ < at->told)
			continue;
		err = dump_one(skb, cb, pool);
		if (err)
			return err;
		at->told = i;
	}
	return 0;
}

int klb_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return klb_nl_dump_config(skb, cb, dump);
}
