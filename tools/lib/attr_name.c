// SPDX-License-Identifier: GPL-2.0
#include "attr_name.h"

#include <linux/genetlink.h>
#include <linux/klb.h>
#include <stddef.h>

struct attr_set {
	unsigned int max;
	const char *const *names;
	/* The attribute of this set that nests another one, 0 if none does. */
	unsigned int nest;
	const struct attr_set *nested;
};

static const char *const endpoint_names[] = {
	[KLB_A_ENDPOINT_ADDR] = "endpoint addr",
	[KLB_A_ENDPOINT_PORT] = "endpoint port",
	[KLB_A_ENDPOINT_WEIGHT] = "endpoint weight",
	[KLB_A_ENDPOINT_STATE] = "endpoint state",
	[KLB_A_ENDPOINT_SCOPE] = "endpoint scope",
};

static const char *const service_names[] = {
	[KLB_A_SERVICE_PROTO] = "proto",
	[KLB_A_SERVICE_ADDR] = "addr",
	[KLB_A_SERVICE_PORT] = "port",
	[KLB_A_SERVICE_NAME] = "name",
	[KLB_A_SERVICE_SCHEDULER] = "scheduler",
	[KLB_A_SERVICE_FORWARD] = "forward",
	[KLB_A_SERVICE_TIMEOUT] = "timeout",
	[KLB_A_SERVICE_MAGLEV_SIZE] = "maglev-size",
	[KLB_A_SERVICE_SEED] = "seed",
	[KLB_A_SERVICE_ENDPOINT] = "endpoint",
	[KLB_A_SERVICE_ENDPOINTS_NONE] = "endpoints-none",
	[KLB_A_SERVICE_MASQUERADE] = "masquerade",
	[KLB_A_SERVICE_EMPTY] = "empty",
	[KLB_A_SERVICE_AFFINITY] = "affinity",
	[KLB_A_SERVICE_SHARE] = "share",
	[KLB_A_SERVICE_POOL] = "snat",
	[KLB_A_SERVICE_SOURCE] = "source",
	[KLB_A_SERVICE_SOURCE_NONE] = "source-none",
	[KLB_A_SERVICE_SECONDARY] = "secondary",
	[KLB_A_SERVICE_SECONDARY_NONE] = "secondary-none",
};

static const char *const conn_names[] = {
	[KLB_A_CONN_PROTO] = "proto",
	[KLB_A_CONN_CLIENT_ADDR] = "client-addr",
	[KLB_A_CONN_CLIENT_PORT] = "client-port",
	[KLB_A_CONN_VIP_ADDR] = "vip-addr",
	[KLB_A_CONN_VIP_PORT] = "vip-port",
	[KLB_A_CONN_ENDPOINT_ADDR] = "endpoint-addr",
	[KLB_A_CONN_ENDPOINT_PORT] = "endpoint-port",
	[KLB_A_CONN_SNAT_ADDR] = "snat-addr",
	[KLB_A_CONN_SNAT_PORT] = "snat-port",
	[KLB_A_CONN_STATE] = "state",
	[KLB_A_CONN_CLIENT_LEN] = "client-len",
	[KLB_A_CONN_VIP_LEN] = "vip-len",
	[KLB_A_CONN_ENDPOINT_LEN] = "endpoint-len",
	[KLB_A_CONN_SNAT_LEN] = "snat-len",
};

static const char *const net_names[] = {
	[KLB_A_NET_CONN_MAX] = "conn-max",
	[KLB_A_NET_VETH_PEER] = "veth-peer",
	[KLB_A_NET_PODS] = "pods",
	[KLB_A_NET_PODS_NONE] = "pods-none",
	[KLB_A_NET_NODEPORTS] = "nodeports",
	[KLB_A_NET_NODEPORTS_NONE] = "nodeports-none",
	[KLB_A_NET_GUARD] = "guard",
	[KLB_A_NET_GUARD_NONE] = "guard-none",
	[KLB_A_NET_ECHO] = "echo",
	[KLB_A_NET_GUE_PORT] = "gue-port",
};

static const char *const pool_names[] = {
	[KLB_A_POOL_NAME] = "name",
	[KLB_A_POOL_FIRST] = "first",
	[KLB_A_POOL_LAST] = "last",
	[KLB_A_POOL_PORT_LOW] = "port-low",
	[KLB_A_POOL_PORT_HIGH] = "port-high",
};

static const char *const explain_names[] = {
	[KLB_A_EXPLAIN_PROTO] = "proto",
	[KLB_A_EXPLAIN_CLIENT_ADDR] = "client-addr",
	[KLB_A_EXPLAIN_CLIENT_PORT] = "client-port",
	[KLB_A_EXPLAIN_VIP_ADDR] = "vip-addr",
	[KLB_A_EXPLAIN_VIP_PORT] = "vip-port",
};

#define SET(n)	.max = sizeof(n) / sizeof((n)[0]) - 1, .names = (n)

static const struct attr_set endpoint_set = { SET(endpoint_names) };
static const struct attr_set service_set = {
	SET(service_names), KLB_A_SERVICE_ENDPOINT, &endpoint_set
};

static const struct attr_set conn_set = { SET(conn_names) };
static const struct attr_set net_set = { SET(net_names) };
static const struct attr_set pool_set = { SET(pool_names) };
static const struct attr_set explain_set = { SET(explain_names) };

static const struct attr_set *set_of(const struct nlmsghdr *req)
{
	const struct genlmsghdr *genl = NLMSG_DATA(req);

	switch (genl->cmd) {
	case KLB_CMD_CONN_GET:
	case KLB_CMD_CONN_COUNT:
	case KLB_CMD_CONN_FLUSH:
		return &conn_set;
	case KLB_CMD_NET_SET:
		return &net_set;
	case KLB_CMD_POOL_NEW:
	case KLB_CMD_POOL_DEL:
		return &pool_set;
	case KLB_CMD_EXPLAIN:
		return &explain_set;
	default:
		return &service_set;
	}
}

static const char *name_in(const struct attr_set *set, unsigned int type)
{
	return type <= set->max ? set->names[type] : NULL;
}

/* Walks [at, end) of the request, down into a nest that holds @offset. */
static const char *find(const struct nlmsghdr *req, const struct attr_set *set,
			size_t at, size_t end, uint32_t offset)
{
	const struct nlattr *nla;
	unsigned int type;

	while (at + NLA_HDRLEN <= end) {
		nla = (const struct nlattr *)((const char *)req + at);
		type = nla->nla_type & NLA_TYPE_MASK;
		if (nla->nla_len < NLA_HDRLEN || nla->nla_len > end - at)
			return NULL;
		if (offset == at)
			return name_in(set, type);
		if (offset < at + nla->nla_len)
			return set->nested && type == set->nest ?
			       find(req, set->nested, at + NLA_HDRLEN,
				    at + nla->nla_len, offset) : NULL;
		at += NLA_ALIGN(nla->nla_len);
	}
	return NULL;
}

const char *klb_attr_name_at(const struct nlmsghdr *req, uint32_t offset)
{
	return find(req, set_of(req), NLMSG_HDRLEN + GENL_HDRLEN,
		    req->nlmsg_len, offset);
}

const char *klb_attr_name_missing(const struct nlmsghdr *req, uint32_t type,
				  uint32_t nest_offset)
{
	const struct attr_set *set = set_of(req);

	if (nest_offset)
		set = set->nested;
	return set ? name_in(set, type) : NULL;
}
