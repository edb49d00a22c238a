// SPDX-License-Identifier: GPL-2.0
#include "neigh.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "rtnl.h"

#define PINNED	(NUD_PERMANENT | NUD_NOARP)
#define VALID	(NUD_REACHABLE | NUD_PROBE | NUD_STALE | NUD_DELAY)

bool neigh_parse(const struct nlmsghdr *nlh, struct neigh *neigh)
{
	const struct ndmsg *ndm = NLMSG_DATA(nlh);
	struct nlattr *tb[NDA_MAX + 1];
	uint8_t len;

	memset(neigh, 0, sizeof(*neigh));
	if (nlh->nlmsg_type != RTM_NEWNEIGH && nlh->nlmsg_type != RTM_DELNEIGH)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*ndm), tb, NDA_MAX,
			NULL) < 0)
		return false;
	/* Bridges tell of theirs, too. */
	if (ndm->ndm_family != AF_INET && ndm->ndm_family != AF_INET6)
		return false;
	len = ndm->ndm_family == AF_INET ? 4 : 16;
	if (!tb[NDA_DST] || nla_len(tb[NDA_DST]) != len ||
	    ndm->ndm_flags & NTF_PROXY)
		return false;
	neigh->ifindex = ndm->ndm_ifindex;
	neigh->addr.len = len;
	memcpy(neigh->addr.b, nla_data(tb[NDA_DST]), len);
	if (nlh->nlmsg_type == RTM_DELNEIGH)
		return true;
	if (ndm->ndm_state & PINNED)
		neigh->is = NEIGH_PINNED;
	else if (ndm->ndm_state & VALID)
		neigh->is = NEIGH_THERE;
	else if (ndm->ndm_state & NUD_FAILED)
		neigh->is = NEIGH_SILENT;
	return true;
}

struct walk {
	neigh_cb cb;
	void *arg;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct neigh neigh;

	return neigh_parse(nlh, &neigh) ? w->cb(&neigh, w->arg) : 0;
}

int neigh_dump(struct klb *k, neigh_cb cb, void *arg)
{
	const struct ndmsg ndm = { .ndm_family = AF_UNSPEC };
	struct walk w = { cb, arg };
	struct nl_msg *msg = klb_rt_request(k, RTM_GETNEIGH, NLM_F_DUMP, &ndm,
					    sizeof(ndm));

	return klb_rt_dump(k, msg, 0, take, &w);
}

int neigh_ask(struct klb *k, int ifindex, const struct klb_addr *addr)
{
	const struct ndmsg ndm = {
		.ndm_family = addr->len == 4 ? AF_INET : AF_INET6,
		.ndm_ifindex = ifindex, .ndm_flags = NTF_USE,
	};
	struct nl_msg *msg = klb_rt_request(k, RTM_NEWNEIGH, NLM_F_CREATE,
					    &ndm, sizeof(ndm));

	return klb_rt_do(k, msg, msg ? nla_put(msg, NDA_DST, addr->len,
					       addr->b) : 0);
}
