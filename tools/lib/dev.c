// SPDX-License-Identifier: GPL-2.0
#include "dev.h"

#include <errno.h>
#include <linux/klb.h>
#include <stdio.h>
#include <string.h>

#include "handle.h"
#include "tc.h"

void klb_dev_parse(struct klb_attrs attrs, struct klb_dev *dev)
{
	struct nlattr *nla;
	int rem;

	memset(dev, 0, sizeof(*dev));
	klb_for_each_attr(nla, attrs, rem) {
		if (nla_type(nla) == KLB_A_DEV_IFINDEX)
			klb_get_u32(nla, &dev->ifindex);
		else if (nla_type(nla) == KLB_A_DEV_HOOKS)
			klb_get_u32(nla, &dev->hooks);
	}
}

struct walk {
	klb_dev_cb cb;
	void *arg;
};

static int dev_msg(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct klb_attrs attrs;
	struct klb_dev dev;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (rc)
		return rc;
	klb_dev_parse(attrs, &dev);
	/* It may have gone since, then the number has to do. */
	if (!if_indextoname(dev.ifindex, dev.name))
		snprintf(dev.name, sizeof(dev.name), "if%u", dev.ifindex);
	return w->cb(&dev, w->arg);
}

int klb_dev_dump(struct klb *k, klb_dev_cb cb, void *arg)
{
	struct nl_msg *msg = klb_dump_request(k, KLB_CMD_DEV_GET, 0);
	struct walk w = { cb, arg };

	return klb_dump(k, msg, 0, dev_msg, &w);
}

static int find_dev(struct klb *k, const char *name, int *ifindex)
{
	*ifindex = if_nametoindex(name);
	if (!*ifindex)
		return klb_err_set(&k->err, -ENODEV,
				   "there is no device \"%.64s\"", name);
	return 0;
}

static int attach_hook(struct klb *k, int ifindex, enum klb_tc_hook hook,
		       bool made_qdisc)
{
	struct klb_tc_filters filters;
	int rc;

	rc = klb_tc_filters(k, ifindex, hook, &filters);
	if (rc || filters.klb_prio)
		return rc;
	if (!filters.free_prio)
		return klb_err_set(&k->err, -ENOSPC,
				   "no free filter priority on the device");
	return klb_tc_filter_add(k, ifindex, hook, filters.free_prio,
				 made_qdisc);
}

int klb_dev_attach(struct klb *k, const char *name, uint32_t hooks)
{
	struct klb_tc_qdisc qdisc;
	bool made = false;
	int ifindex, rc;

	rc = find_dev(k, name, &ifindex);
	if (!rc)
		rc = klb_tc_qdisc(k, ifindex, &qdisc);
	if (!rc && qdisc.kind == KLB_TC_INGRESS && hooks & KLB_DEV_HOOK_EGRESS)
		return klb_err_set(&k->err, -EBUSY,
				   "device \"%.64s\" has an ingress qdisc, which has no egress hook: replace it by clsact or attach ingress only",
				   name);
	if (!rc && qdisc.kind == KLB_TC_NONE)
		rc = klb_tc_clsact_add(k, ifindex, &made);
	if (!rc && hooks & KLB_DEV_HOOK_INGRESS)
		rc = attach_hook(k, ifindex, KLB_TC_HOOK_INGRESS, made);
	if (!rc && hooks & KLB_DEV_HOOK_EGRESS)
		rc = attach_hook(k, ifindex, KLB_TC_HOOK_EGRESS, made);
	return rc;
}

/* What taking klb off a device has found. */
struct found {
	bool made_qdisc;
	unsigned int others;
};

/* Takes all of klb off one hook. */
static int detach_hook(struct klb *k, int ifindex, enum klb_tc_hook hook,
		       struct found *found)
{
	struct klb_tc_filters filters;
	int rc;

	for (;;) {
		rc = klb_tc_filters(k, ifindex, hook, &filters);
		if (rc || !filters.klb_prio)
			break;
		rc = klb_tc_filter_del(k, ifindex, hook, &filters);
		if (rc)
			return rc;
		found->made_qdisc |= filters.made_qdisc;
	}
	found->others += filters.others;
	return rc;
}

/* The qdisc goes only if it was made for klb and is of no use to others. */
int klb_dev_detach(struct klb *k, const char *name)
{
	struct found found = { 0 };
	struct klb_tc_qdisc qdisc;
	int ifindex, rc;

	rc = find_dev(k, name, &ifindex);
	if (!rc)
		rc = klb_tc_qdisc(k, ifindex, &qdisc);
	if (rc || qdisc.kind == KLB_TC_NONE)
		return rc;
	rc = detach_hook(k, ifindex, KLB_TC_HOOK_INGRESS, &found);
	if (!rc && qdisc.kind == KLB_TC_CLSACT)
		rc = detach_hook(k, ifindex, KLB_TC_HOOK_EGRESS, &found);
	if (rc || !found.made_qdisc || found.others ||
	    qdisc.kind != KLB_TC_CLSACT || qdisc.shared)
		return rc;
	return klb_tc_clsact_del(k, ifindex);
}
