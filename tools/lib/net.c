// SPDX-License-Identifier: GPL-2.0
#include "net.h"

#include <errno.h>
#include <linux/klb.h>
#include <string.h>

#include "handle.h"

void klb_net_free(struct klb_net *net)
{
	klb_prefixes_free(&net->pods);
	klb_prefixes_free(&net->nodeports);
	klb_prefixes_free(&net->guard);
}

uint32_t klb_net_differences(const struct klb_net *a, const struct klb_net *b)
{
	uint32_t has = 0;

	if (a->conn_max != b->conn_max)
		has |= KLB_NET_HAS_CONN_MAX;
	if (a->veth_peer != b->veth_peer)
		has |= KLB_NET_HAS_VETH_PEER;
	if (a->echo != b->echo)
		has |= KLB_NET_HAS_ECHO;
	if (a->gue_port != b->gue_port)
		has |= KLB_NET_HAS_GUE_PORT;
	if (!klb_prefixes_same(&a->pods, &b->pods))
		has |= KLB_NET_HAS_PODS;
	if (!klb_prefixes_same(&a->nodeports, &b->nodeports))
		has |= KLB_NET_HAS_NODEPORTS;
	if (!klb_prefixes_same(&a->guard, &b->guard))
		has |= KLB_NET_HAS_GUARD;
	return has;
}

size_t klb_net_room(const struct klb_net *net)
{
	return 64 + KLB_PREFIX_ROOM * (net->pods.n + net->nodeports.n +
				       net->guard.n);
}

static int put_lists(struct nl_msg *msg, const struct klb_net *net)
{
	int rc = 0;

	if (net->has & KLB_NET_HAS_PODS)
		rc = klb_put_prefixes(msg, KLB_A_NET_PODS, KLB_A_NET_PODS_NONE,
				      &net->pods);
	if (!rc && net->has & KLB_NET_HAS_NODEPORTS)
		rc = klb_put_prefixes(msg, KLB_A_NET_NODEPORTS,
				      KLB_A_NET_NODEPORTS_NONE,
				      &net->nodeports);
	if (!rc && net->has & KLB_NET_HAS_GUARD)
		rc = klb_put_prefixes(msg, KLB_A_NET_GUARD,
				      KLB_A_NET_GUARD_NONE, &net->guard);
	return rc;
}

int klb_net_put(struct nl_msg *msg, const struct klb_net *net)
{
	if (net->has & KLB_NET_HAS_CONN_MAX &&
	    nla_put_u32(msg, KLB_A_NET_CONN_MAX, net->conn_max))
		return -EMSGSIZE;
	if (net->has & KLB_NET_HAS_VETH_PEER &&
	    nla_put_u8(msg, KLB_A_NET_VETH_PEER, net->veth_peer))
		return -EMSGSIZE;
	if (net->has & KLB_NET_HAS_ECHO &&
	    nla_put_u8(msg, KLB_A_NET_ECHO, net->echo))
		return -EMSGSIZE;
	if (net->has & KLB_NET_HAS_GUE_PORT &&
	    klb_put_port(msg, KLB_A_NET_GUE_PORT, net->gue_port))
		return -EMSGSIZE;
	return put_lists(msg, net);
}

static int take_list(const struct nlattr *nla, struct klb_net *net)
{
	switch (nla_type(nla)) {
	case KLB_A_NET_PODS:
		return klb_take_prefix(nla, &net->pods);
	case KLB_A_NET_NODEPORTS:
		return klb_take_prefix(nla, &net->nodeports);
	case KLB_A_NET_GUARD:
		return klb_take_prefix(nla, &net->guard);
	}
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
	case KLB_A_NET_ECHO:
		/* one that knows this setting tells all lists, even if empty */
		net->has |= KLB_NET_HAS_ECHO | KLB_NET_HAS_PODS |
			    KLB_NET_HAS_NODEPORTS | KLB_NET_HAS_GUARD;
		return klb_get_u8(nla, &net->echo);
	case KLB_A_NET_GUE_PORT:
		net->has |= KLB_NET_HAS_GUE_PORT;
		return klb_get_port(nla, &net->gue_port);
	case KLB_A_NET_CONNS:
		return klb_get_u32(nla, &net->conns);
	case KLB_A_NET_BUCKETS:
		return klb_get_u32(nla, &net->buckets);
	case KLB_A_NET_SERVICES:
		return klb_get_u32(nla, &net->services);
	case KLB_A_NET_EVENTS_LOST:
		return klb_get_u64(nla, &net->events_lost);
	case KLB_A_NET_CHAIN_MAX:
		return klb_get_u32(nla, &net->chain_max);
	case KLB_A_NET_EVICTED:
		return klb_get_u64(nla, &net->evicted);
	case KLB_A_NET_VERSION:
		return klb_get_text(nla, net->version, sizeof(net->version));
	}
}

int klb_net_parse(struct klb_attrs attrs, struct klb_net *net)
{
	struct nlattr *nla;
	int rem, rc = 0;

	memset(net, 0, sizeof(*net));
	klb_for_each_attr(nla, attrs, rem) {
		take_attr(nla, net);
		rc = rc ? rc : take_list(nla, net);
	}
	return rc;
}

static int net_msg(const struct nlmsghdr *nlh, void *arg)
{
	struct klb_attrs attrs;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	return rc ? rc : klb_net_parse(attrs, arg);
}

int klb_net_get(struct klb *k, struct klb_net *net)
{
	memset(net, 0, sizeof(*net));
	return klb_do(k, klb_request(k, KLB_CMD_NET_GET, 0), 0, net_msg, net);
}

int klb_net_set(struct klb *k, const struct klb_net *net)
{
	struct nl_msg *msg = klb_request(k, KLB_CMD_NET_SET, klb_net_room(net));
	int rc = msg ? klb_net_put(msg, net) : 0;

	return klb_do(k, msg, rc, NULL, NULL);
}
