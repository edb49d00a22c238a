// SPDX-License-Identifier: GPL-2.0
#include "route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <string.h>

#include "rtnl.h"

static uint8_t family_of(uint8_t len)
{
	return len == 4 ? AF_INET : AF_INET6;
}

/* True if it is there and has the family's length, or is not there. */
static bool read_addr(const struct nlattr *nla, uint8_t len,
		      struct klb_addr *addr)
{
	if (!nla)
		return true;
	if (nla_len(nla) != len)
		return false;
	addr->len = len;
	memcpy(addr->b, nla_data(nla), len);
	return true;
}

static uint32_t read_u32(const struct nlattr *nla, uint32_t otherwise)
{
	return nla && nla_len(nla) >= 4 ? nla_get_u32(nla) : otherwise;
}

bool route_parse(const struct nlmsghdr *nlh, struct route *route)
{
	const struct rtmsg *rtm = NLMSG_DATA(nlh);
	struct nlattr *tb[RTA_MAX + 1];
	uint8_t len;

	memset(route, 0, sizeof(*route));
	if (nlh->nlmsg_type != RTM_NEWROUTE && nlh->nlmsg_type != RTM_DELROUTE)
		return false;
	if (nlmsg_parse((struct nlmsghdr *)nlh, sizeof(*rtm), tb, RTA_MAX,
			NULL) < 0)
		return false;
	if (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
		return false;
	len = rtm->rtm_family == AF_INET ? 4 : 16;
	if (rtm->rtm_flags & RTM_F_CLONED || rtm->rtm_dst_len > len * 8 ||
	    read_u32(tb[RTA_TABLE], rtm->rtm_table) != RT_TABLE_MAIN)
		return false;
	route->to.addr.len = len;	/* the default one has none in it */
	route->to.len = rtm->rtm_dst_len;
	route->protocol = rtm->rtm_protocol;
	route->ifindex = read_u32(tb[RTA_OIF], 0);
	route->metric = read_u32(tb[RTA_PRIORITY], 0);
	route->direct = rtm->rtm_type == RTN_UNICAST && route->ifindex &&
			!tb[RTA_GATEWAY] && !tb[RTA_VIA];
	return read_addr(tb[RTA_DST], len, &route->to.addr) &&
	       read_addr(tb[RTA_PREFSRC], len, &route->src);
}

struct walk {
	uint8_t family, protocol;
	route_cb cb;
	void *arg;
};

static int take(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct route route;

	/*
	 * Kernels that cannot select tell all of them, and one without IPv6
	 * tells those of IPv4 when asked for the others.
	 */
	if (!route_parse(nlh, &route) || route.protocol != w->protocol ||
	    family_of(route.to.addr.len) != w->family)
		return 0;
	return w->cb(&route, w->arg);
}

static int dump_family(struct klb *k, uint8_t family, uint8_t protocol,
		       route_cb cb, void *arg)
{
	const struct rtmsg rtm = {
		.rtm_family = family, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = protocol,
	};
	struct nl_msg *msg = klb_rt_request(k, RTM_GETROUTE, NLM_F_DUMP, &rtm,
					    sizeof(rtm));
	struct walk w = { family, protocol, cb, arg };

	return klb_rt_dump(k, msg, 0, take, &w);
}

int route_dump(struct klb *k, uint8_t protocol, route_cb cb, void *arg)
{
	int rc = dump_family(k, AF_INET, protocol, cb, arg);

	return rc ? rc : dump_family(k, AF_INET6, protocol, cb, arg);
}

static int put(struct nl_msg *msg, const struct route *route)
{
	const struct klb_addr *to = &route->to.addr;
	int rc;

	rc = nla_put(msg, RTA_DST, to->len, to->b);
	if (!rc)
		rc = nla_put_u32(msg, RTA_OIF, route->ifindex);
	if (!rc && route->src.len)
		rc = nla_put(msg, RTA_PREFSRC, route->src.len, route->src.b);
	return rc;
}

static int send_route(struct klb *k, int type, int flags,
		      const struct route *route)
{
	const struct rtmsg rtm = {
		.rtm_family = family_of(route->to.addr.len),
		.rtm_dst_len = route->to.len, .rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = ROUTE_PROTOCOL, .rtm_type = RTN_UNICAST,
		.rtm_scope = route->to.addr.len == 4 ? RT_SCOPE_LINK :
						       RT_SCOPE_UNIVERSE,
	};
	struct nl_msg *msg = klb_rt_request(k, type, flags, &rtm, sizeof(rtm));

	return klb_rt_do(k, msg, msg ? put(msg, route) : 0);
}

int route_add(struct klb *k, const struct route *route, bool replace)
{
	return send_route(k, RTM_NEWROUTE, NLM_F_CREATE |
			  (replace ? NLM_F_REPLACE : NLM_F_EXCL), route);
}

int route_del(struct klb *k, const struct route *route)
{
	int rc = send_route(k, RTM_DELROUTE, 0, route);

	return rc == -ESRCH ? 0 : rc;
}
