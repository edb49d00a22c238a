// SPDX-License-Identifier: GPL-2.0
#include "hook_dev.h"
#include "hook_tc.h"

#include <net/sock.h>

#include "netlink.h"
#include "netns.h"

/* Where a dump stands: first the devices with filters, then klb devices that
 * have none, each in order of ifindex.
 */
struct cursor {
	int filters;	/* the last device told */
	int klb;	/* likewise */
};

struct dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	struct cursor *at;
};

static int put_dev(const struct dump *d, int ifindex, u32 hooks)
{
	void *hdr;

	hdr = klb_nl_part(d->skb, d->cb, KLB_CMD_DEV_GET);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(d->skb, KLB_A_DEV_IFINDEX, ifindex) ||
	    nla_put_u32(d->skb, KLB_A_DEV_HOOKS, hooks)) {
		genlmsg_cancel(d->skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(d->skb, hdr);
	return 0;
}

static int dump_dev(int ifindex, u32 hooks, void *arg)
{
	struct dump *d = arg;
	int err;

	if (ifindex <= d->at->filters)
		return 0;
	err = put_dev(d, ifindex, hooks);
	if (!err)
		d->at->filters = ifindex;
	return err;
}

static int is_dev(int ifindex, u32 hooks, void *arg)
{
	return ifindex == *(int *)arg;
}

static int dump_klb_devs(struct klb_net *kn, const struct dump *d)
{
	int ifindex, err;

	while ((ifindex = klb_dev_after(kn->net, d->at->klb))) {
		if (!klb_tc_for_each(kn, is_dev, &ifindex)) {
			err = put_dev(d, ifindex, 0);
			if (err)
				return err;
		}
		d->at->klb = ifindex;
	}
	return 0;
}

int klb_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct klb_net *kn = klb_net(sock_net(skb->sk));
	struct dump d = { .skb = skb, .cb = cb, .at = (void *)cb->ctx };
	int err;

	BUILD_BUG_ON(sizeof(struct cursor) > sizeof(cb->ctx));
	err = klb_tc_for_each(kn, dump_dev, &d) ?: dump_klb_devs(kn, &d);
	return skb->len ?: err;
}
