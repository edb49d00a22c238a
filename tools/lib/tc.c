// SPDX-License-Identifier: GPL-2.0
/* The little of rtnetlink's traffic control that attaching a filter needs. */
#include "tc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "rtnl.h"

#define KIND	"klb"

/* Handles of klb's filter; the kernel takes any. */
#define HANDLE			1
#define HANDLE_MADE_QDISC	2

static struct nl_msg *tc_request(struct klb *k, int type, int flags,
				 const struct tcmsg *tcm)
{
	return klb_rt_request(k, type, flags, tcm, sizeof(*tcm));
}

static int tc_change(struct klb *k, int type, int flags,
		     const struct tcmsg *tcm, const char *kind)
{
	struct nl_msg *msg = tc_request(k, type, flags, tcm);

	return klb_rt_do(k, msg, msg ? nla_put_string(msg, TCA_KIND, kind) : 0);
}

static int tc_dump(struct klb *k, int type, const struct tcmsg *tcm,
		   klb_msg_cb cb, void *arg)
{
	return klb_rt_dump(k, tc_request(k, type, NLM_F_DUMP, tcm), 0, cb,
			   arg);
}

/* The fixed part of the message, and its attributes in @tb. */
static const struct tcmsg *tc_open(const struct nlmsghdr *nlh,
				   struct nlattr *tb[TCA_MAX + 1])
{
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(struct tcmsg), tb,
			TCA_MAX, NULL) < 0)
		return NULL;
	return NLMSG_DATA(nlh);
}

static bool kind_is(struct nlattr *tb[TCA_MAX + 1], const char *kind)
{
	return tb[TCA_KIND] && !nla_strcmp(tb[TCA_KIND], kind);
}

int klb_tc_take_qdisc(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[TCA_MAX + 1];
	struct klb_tc_qdisc *q = arg;
	const struct tcmsg *tcm;

	tcm = tc_open(nlh, tb);
	if (!tcm || tcm->tcm_ifindex != q->ifindex ||
	    tcm->tcm_parent != TC_H_INGRESS)
		return 0;
	if (kind_is(tb, "clsact"))
		q->kind = KLB_TC_CLSACT;
	else if (kind_is(tb, "ingress"))
		q->kind = KLB_TC_INGRESS;
	q->shared = tb[TCA_INGRESS_BLOCK] || tb[TCA_EGRESS_BLOCK];
	return 0;
}

int klb_tc_qdisc(struct klb *k, int ifindex, struct klb_tc_qdisc *qdisc)
{
	struct tcmsg tcm = { .tcm_ifindex = ifindex };

	*qdisc = (struct klb_tc_qdisc){ .ifindex = ifindex };
	return tc_dump(k, RTM_GETQDISC, &tcm, klb_tc_take_qdisc, qdisc);
}

static const struct tcmsg clsact = {
	.tcm_parent = TC_H_CLSACT,
	.tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0),
};

int klb_tc_clsact_add(struct klb *k, int ifindex, bool *made)
{
	struct tcmsg tcm = clsact;
	int rc;

	tcm.tcm_ifindex = ifindex;
	rc = tc_change(k, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &tcm,
		       "clsact");
	*made = !rc;
	/* Someone else was quicker; what matters is that it is there. */
	return rc == -EEXIST ? 0 : rc;
}

int klb_tc_clsact_del(struct klb *k, int ifindex)
{
	struct tcmsg tcm = clsact;

	tcm.tcm_ifindex = ifindex;
	return tc_change(k, RTM_DELQDISC, 0, &tcm, "clsact");
}

static void take_klb(const struct tcmsg *tcm, struct nlattr *tb[TCA_MAX + 1],
		     struct klb_tc_filters *f)
{
	f->made_qdisc |= tcm->tcm_handle == HANDLE_MADE_QDISC;
	f->klb_prio = TC_H_MAJ(tcm->tcm_info) >> 16;
	f->klb_proto = TC_H_MIN(tcm->tcm_info);
	f->klb_chain = tb[TCA_CHAIN] && nla_len(tb[TCA_CHAIN]) >= 4 ?
		       nla_get_u32(tb[TCA_CHAIN]) : 0;
}

int klb_tc_take_filter(const struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[TCA_MAX + 1];
	struct klb_tc_filters *f = arg;
	const struct tcmsg *tcm;
	uint16_t prio;

	tcm = tc_open(nlh, tb);
	if (!tcm || tcm->tcm_ifindex != f->ifindex ||
	    tcm->tcm_parent != f->parent)
		return 0;
	prio = TC_H_MAJ(tcm->tcm_info) >> 16;
	f->used[prio / 8] |= 1 << (prio % 8);
	if (kind_is(tb, KIND))
		take_klb(tcm, tb, f);
	else
		f->others++;
	return 0;
}

static uint16_t lowest_free(const uint8_t *used)
{
	unsigned int prio;

	for (prio = 1; prio < 65536; prio++) {
		if (!(used[prio / 8] & 1 << (prio % 8)))
			return prio;
	}
	return 0;
}

int klb_tc_filters(struct klb *k, int ifindex, enum klb_tc_hook hook,
		   struct klb_tc_filters *filters)
{
	struct tcmsg tcm = { .tcm_ifindex = ifindex, .tcm_parent = hook };
	int rc;

	memset(filters, 0, sizeof(*filters));
	filters->ifindex = ifindex;
	filters->parent = hook;
	rc = tc_dump(k, RTM_GETTFILTER, &tcm, klb_tc_take_filter, filters);
	filters->free_prio = lowest_free(filters->used);
	return rc;
}

int klb_tc_filter_add(struct klb *k, int ifindex, enum klb_tc_hook hook,
		      uint16_t prio, bool made_qdisc)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_handle = made_qdisc ? HANDLE_MADE_QDISC : HANDLE,
		.tcm_parent = hook,
		.tcm_info = TC_H_MAKE((uint32_t)prio << 16, htons(ETH_P_ALL)),
	};

	return tc_change(k, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, &tcm,
			 KIND);
}

int klb_tc_filter_del(struct klb *k, int ifindex, enum klb_tc_hook hook,
		      const struct klb_tc_filters *filters)
{
	struct tcmsg tcm = {
		.tcm_ifindex = ifindex,
		.tcm_parent = hook,
		.tcm_info = TC_H_MAKE((uint32_t)filters->klb_prio << 16,
				      filters->klb_proto),
	};
	struct nl_msg *msg = tc_request(k, RTM_DELTFILTER, 0, &tcm);
	int rc = 0;

	if (msg)
		rc = nla_put_string(msg, TCA_KIND, KIND);
	if (msg && !rc && filters->klb_chain)
		rc = nla_put_u32(msg, TCA_CHAIN, filters->klb_chain);
	return klb_rt_do(k, msg, rc);
}
