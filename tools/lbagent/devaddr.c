// SPDX-License-Identifier: GPL-2.0
#include "devaddr.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "route.h"
#include "rtnl.h"

bool devaddr_parse(const struct nlmsghdr *nlh, struct devaddr *devaddr)
{
	const struct ifaddrmsg *ifa = NLMSG_DATA(nlh);
	struct nlattr *tb[IFA_MAX + 1];
	const struct nlattr *own;
	uint8_t len;

	memset(devaddr, 0, sizeof(*devaddr));
	if (nlh->nlmsg_type != RTM_NEWADDR && nlh->nlmsg_type != RTM_DELADDR)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*ifa), tb, IFA_MAX,
			NULL) < 0)
		return false;
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return false;
	/* Where there is a peer, IFA_ADDRESS is the peer's. */
	own = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	len = ifa->ifa_family == AF_INET ? 4 : 16;
	if (!own || nla_len(own) != len)
		return false;
	devaddr->addr.len = len;
	memcpy(devaddr->addr.b, nla_data(own), len);
	devaddr->ifindex = ifa->ifa_index;
	if (tb[IFA_PROTO] && nla_len(tb[IFA_PROTO]) >= 1)
		devaddr->protocol = nla_get_u8(tb[IFA_PROTO]);
	return true;
}

struct walk {
	int ifindex;
	devaddr_cb cb;
	void *arg;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct devaddr devaddr;

	if (!devaddr_parse(nlh, &devaddr) || devaddr.ifindex != w->ifindex)
		return 0;
	return w->cb(&devaddr, w->arg);
}

int devaddr_dump(struct klb *k, int ifindex, devaddr_cb cb, void *arg)
{
	const struct ifaddrmsg ifa = { .ifa_index = ifindex };
	struct walk w = { ifindex, cb, arg };
	struct nl_msg *msg = klb_rt_request(k, RTM_GETADDR, NLM_F_DUMP, &ifa,
					    sizeof(ifa));

	return klb_rt_dump(k, msg, 0, take, &w);
}

static int put(struct nl_msg *msg, const struct klb_addr *addr)
{
	int rc;

	rc = nla_put(msg, IFA_LOCAL, addr->len, addr->b);
	if (!rc)
		rc = nla_put(msg, IFA_ADDRESS, addr->len, addr->b);
	/* Nobody else is behind the device whom it could be a duplicate of. */
	if (!rc)
		rc = nla_put_u32(msg, IFA_FLAGS,
				 IFA_F_NODAD | IFA_F_NOPREFIXROUTE);
	if (!rc)
		rc = nla_put_u8(msg, IFA_PROTO, ROUTE_PROTOCOL);
	return rc;
}

static int send_addr(struct klb *k, int type, int flags, int ifindex,
		     const struct klb_addr *addr)
{
	const struct ifaddrmsg ifa = {
		.ifa_family = addr->len == 4 ? AF_INET : AF_INET6,
		.ifa_prefixlen = addr->len * 8, .ifa_index = ifindex,
	};
	struct nl_msg *msg = klb_rt_request(k, type, flags, &ifa, sizeof(ifa));

	return klb_rt_do(k, msg, msg ? put(msg, addr) : 0);
}

int devaddr_add(struct klb *k, int ifindex, const struct klb_addr *addr)
{
	int rc = send_addr(k, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex,
			   addr);

	return rc == -EEXIST ? 0 : rc;
}

int devaddr_del(struct klb *k, int ifindex, const struct klb_addr *addr)
{
	int rc = send_addr(k, RTM_DELADDR, 0, ifindex, addr);

	return rc == -EADDRNOTAVAIL ? 0 : rc;
}
