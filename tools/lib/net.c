// SPDX-License-Identifier: GPL-2.0
#include "net.h"

#include <errno.h>
#include <linux/klb.h>
#include <string.h>

#include "handle.h"

int klb_net_put(struct nl_msg *msg, const struct klb_net *net)
{
	if (net->has & KLB_NET_HAS_CONN_MAX &&
	    nla_put_u32(msg, KLB_A_NET_CONN_MAX, net->conn_max))
		return -EMSGSIZE;
	if (net->has & KLB_NET_HAS_VETH_PEER &&
	    nla_put_u8(msg, KLB_A_NET_VETH_PEER, net->veth_peer))
		return -EMSGSIZE;
	return 0;
}

static void take_attr(const struct nlattr *nla, struct klb_net *net)
{
	switch (nla_type(nla)) {
	case KLB_A_NET_CONN_MAX:
		net->has |= KLB_NET_HAS_CONN_MAX;
		return klb_get_u32(nla, &net->conn_max);
	case KLB_A_NET_VETH_PEER:
		net->has |= KLB_NET_HAS_VETH_PEER;
		return klb_get_u8(nla, &net->veth_peer);
	case KLB_A_NET_CONNS:
		return klb_get_u32(nla, &net->conns);
	case KLB_A_NET_BUCKETS:
		return klb_get_u32(nla, &net->buckets);
	case KLB_A_NET_SERVICES:
		return klb_get_u32(nla, &net->services);
	case KLB_A_NET_VERSION:
		return klb_get_text(nla, net->version, sizeof(net->version));
	}
}

void klb_net_parse(struct klb_attrs attrs, struct klb_net *net)
{
	struct nlattr *nla;
	int rem;

	memset(net, 0, sizeof(*net));
	klb_for_each_attr(nla, attrs, rem)
		take_attr(nla, net);
}

static int net_msg(const struct nlmsghdr *nlh, void *arg)
{
	struct klb_attrs attrs;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (!rc)
		klb_net_parse(attrs, arg);
	return rc;
}

int klb_net_get(struct klb *k, struct klb_net *net)
{
	memset(net, 0, sizeof(*net));
	return klb_do(k, klb_request(k, KLB_CMD_NET_GET, 0), 0, net_msg, net);
}

int klb_net_set(struct klb *k, const struct klb_net *net)
{
	struct nl_msg *msg = klb_request(k, KLB_CMD_NET_SET, 32);
	int rc = msg ? klb_net_put(msg, net) : 0;

	return klb_do(k, msg, rc, NULL, NULL);
}
