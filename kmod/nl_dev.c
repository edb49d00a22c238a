// SPDX-License-Identifier: GPL-2.0
#include "hook_tc.h"

#include <net/sock.h>

#include "netlink.h"
#include "netns.h"

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	int *last;	/* ifindex of the last device told */
};

static int dump_dev(int ifindex, u32 hooks, void *arg)
{
	struct dump *d = arg;
	void *hdr;

	if (ifindex <= *d->last)
		return 0;
	hdr = klb_nl_part(d->skb, d->cb, KLB_CMD_DEV_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(d->skb, KLB_A_DEV_IFINDEX, ifindex) ||
	    nla_put_u32(d->skb, KLB_A_DEV_HOOKS, hooks)) {
		genlmsg_cancel(d->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	*d->last = ifindex;
	return 0;
}

int klb_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct klb_net *kn = klb_net(sock_net(skb->sk));
	struct dump d = { .skb = skb, .cb = cb, .last = (int *)cb->ctx };
	int err;

	err = klb_tc_for_each(kn, dump_dev, &d);
	return skb->len ?: err;
}
