// SPDX-License-Identifier: GPL-2.0
#include "losses.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdlib.h>

#include "rtnews.h"

struct losses {
	struct rtnews *news;
	losses_cb cb;
	void *arg;
};

#define AT(field)	offsetof(struct nlmsghdr, field)
#define PROTOCOL	(NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol))

/*
 * An address that is removed, a route of ours that is, and a route that
 * replaces another one, as that may be ours. Halves of words are in host byte
 * order, and loaded as if they were not.
 */
static int listen_for(struct losses *l, sd_event *event, rtnews_cb cb,
		      struct klb_err *err)
{
	static const int groups[] = {
		RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE, RTNLGRP_NONE,
	};
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT(nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_DELADDR), 6, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_NEWROUTE), 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ, htons(RTM_DELROUTE), 0, 5),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, PROTOCOL),
		BPF_JUMP(BPF_JMP | BPF_JEQ, ROUTE_PROTOCOL, 2, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, AT(nlmsg_flags)),
		BPF_JUMP(BPF_JMP | BPF_JSET, htons(NLM_F_REPLACE), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog filter = {
		.len = sizeof(code) / sizeof(code[0]), .filter = code,
	};

	return rtnews_new(&l->news, event, groups, &filter, cb, l, err);
}

static int take(const struct nlmsghdr *nlh, void *arg)
{
	struct losses *l = arg;
	struct devaddr devaddr;
	struct route route;

	if (!nlh)
		l->cb(NULL, NULL, l->arg);
	else if (devaddr_parse(nlh, &devaddr))
		l->cb(NULL, &devaddr, l->arg);
	else if (route_parse(nlh, &route))
		l->cb(&route.to, NULL, l->arg);
	return 0;
}

int losses_new(struct losses **out, sd_event *event, losses_cb cb, void *arg,
	       struct klb_err *err)
{
	struct losses *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return klb_err_set(err, -ENOMEM, "out of memory");
	l->cb = cb;
	l->arg = arg;
	rc = listen_for(l, event, take, err);
	if (rc)
		losses_free(l);
	else
		*out = l;
	return rc;
}

void losses_free(struct losses *l)
{
	if (!l)
		return;
	rtnews_free(l->news);
	free(l);
}
