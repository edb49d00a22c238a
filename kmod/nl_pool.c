// SPDX-License-Identifier: GPL-2.0
#include "netlink.h"

static int refuse(struct netlink_ext_ack *extack)
{
	NL_SET_ERR_MSG(extack, "pools are not supported");
	return -EOPNOTSUPP;
}

int klb_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info)
{
	return refuse(info->extack);
}

int klb_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return refuse(info->extack);
}

int klb_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	return 0;	/* there is none */
}
