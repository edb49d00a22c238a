// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	uapi/klb.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink-gen.h"

#include <linux/klb.h>

/* Common nested types */
const struct nla_policy klb_endpoint_nl_policy[KLB_A_ENDPOINT_SCOPE + 1] = {
	[KLB_A_ENDPOINT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_ENDPOINT_PORT] = { .type = NLA_U16, },
	[KLB_A_ENDPOINT_WEIGHT] = { .type = NLA_U16, },
	[KLB_A_ENDPOINT_STATE] = NLA_POLICY_MAX(NLA_U8, 2),
	[KLB_A_ENDPOINT_CONNS] = { .type = NLA_U32, },
	[KLB_A_ENDPOINT_PACKETS_IN] = { .type = NLA_U64, },
	[KLB_A_ENDPOINT_BYTES_IN] = { .type = NLA_U64, },
	[KLB_A_ENDPOINT_PACKETS_OUT] = { .type = NLA_U64, },
	[KLB_A_ENDPOINT_BYTES_OUT] = { .type = NLA_U64, },
	[KLB_A_ENDPOINT_CONNS_TOTAL] = { .type = NLA_U64, },
	[KLB_A_ENDPOINT_SCOPE] = NLA_POLICY_MAX(NLA_U8, 2),
};

/* KLB_CMD_SERVICE_GET - do */
const struct nla_policy klb_service_get_nl_policy[KLB_A_SERVICE_PORT + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
};

/* KLB_CMD_SERVICE_NEW - do */
const struct nla_policy klb_service_new_nl_policy[KLB_A_SERVICE_SECONDARY_NONE + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
	[KLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = KLB_NAME_MAX, },
	[KLB_A_SERVICE_SCHEDULER] = NLA_POLICY_MAX(NLA_U8, 5),
	[KLB_A_SERVICE_FORWARD] = NLA_POLICY_MAX(NLA_U8, 4),
	[KLB_A_SERVICE_TIMEOUT] = { .type = NLA_U32, },
	[KLB_A_SERVICE_MAGLEV_SIZE] = { .type = NLA_U32, },
	[KLB_A_SERVICE_SEED] = { .type = NLA_U32, },
	[KLB_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(klb_endpoint_nl_policy),
	[KLB_A_SERVICE_ENDPOINTS_NONE] = { .type = NLA_FLAG, },
	[KLB_A_SERVICE_MASQUERADE] = NLA_POLICY_MAX(NLA_U8, 3),
	[KLB_A_SERVICE_EMPTY] = NLA_POLICY_MAX(NLA_U8, 1),
	[KLB_A_SERVICE_AFFINITY] = { .type = NLA_U32, },
	[KLB_A_SERVICE_SHARE] = { .type = NLA_NUL_STRING, .len = KLB_POOL_NAME_MAX, },
	[KLB_A_SERVICE_POOL] = { .type = NLA_NUL_STRING, .len = KLB_POOL_NAME_MAX, },
	[KLB_A_SERVICE_SOURCE] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_SOURCE_NONE] = { .type = NLA_FLAG, },
	[KLB_A_SERVICE_SECONDARY] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_SECONDARY_NONE] = { .type = NLA_FLAG, },
};

/* KLB_CMD_SERVICE_SET - do */
const struct nla_policy klb_service_set_nl_policy[KLB_A_SERVICE_SECONDARY_NONE + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
	[KLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = KLB_NAME_MAX, },
	[KLB_A_SERVICE_SCHEDULER] = NLA_POLICY_MAX(NLA_U8, 5),
	[KLB_A_SERVICE_FORWARD] = NLA_POLICY_MAX(NLA_U8, 4),
	[KLB_A_SERVICE_TIMEOUT] = { .type = NLA_U32, },
	[KLB_A_SERVICE_MAGLEV_SIZE] = { .type = NLA_U32, },
	[KLB_A_SERVICE_SEED] = { .type = NLA_U32, },
	[KLB_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(klb_endpoint_nl_policy),
	[KLB_A_SERVICE_ENDPOINTS_NONE] = { .type = NLA_FLAG, },
	[KLB_A_SERVICE_MASQUERADE] = NLA_POLICY_MAX(NLA_U8, 3),
	[KLB_A_SERVICE_EMPTY] = NLA_POLICY_MAX(NLA_U8, 1),
	[KLB_A_SERVICE_AFFINITY] = { .type = NLA_U32, },
	[KLB_A_SERVICE_SHARE] = { .type = NLA_NUL_STRING, .len = KLB_POOL_NAME_MAX, },
	[KLB_A_SERVICE_POOL] = { .type = NLA_NUL_STRING, .len = KLB_POOL_NAME_MAX, },
	[KLB_A_SERVICE_SOURCE] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_SOURCE_NONE] = { .type = NLA_FLAG, },
	[KLB_A_SERVICE_SECONDARY] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_SECONDARY_NONE] = { .type = NLA_FLAG, },
};

/* KLB_CMD_SERVICE_DEL - do */
const struct nla_policy klb_service_del_nl_policy[KLB_A_SERVICE_PORT + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
};

/* KLB_CMD_ENDPOINT_NEW - do */
const struct nla_policy klb_endpoint_new_nl_policy[KLB_A_SERVICE_ENDPOINT + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
	[KLB_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(klb_endpoint_nl_policy),
};

/* KLB_CMD_ENDPOINT_SET - do */
const struct nla_policy klb_endpoint_set_nl_policy[KLB_A_SERVICE_ENDPOINT + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
	[KLB_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(klb_endpoint_nl_policy),
};

/* KLB_CMD_ENDPOINT_DEL - do */
const struct nla_policy klb_endpoint_del_nl_policy[KLB_A_SERVICE_ENDPOINT + 1] = {
	[KLB_A_SERVICE_PROTO] = { .type = NLA_U8, },
	[KLB_A_SERVICE_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_SERVICE_PORT] = { .type = NLA_U16, },
	[KLB_A_SERVICE_ENDPOINT] = NLA_POLICY_NESTED(klb_endpoint_nl_policy),
};

/* KLB_CMD_CONN_GET - dump */
const struct nla_policy klb_conn_get_nl_policy[KLB_A_CONN_SNAT_LEN + 1] = {
	[KLB_A_CONN_PROTO] = { .type = NLA_U8, },
	[KLB_A_CONN_CLIENT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_CLIENT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_VIP_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_VIP_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_ENDPOINT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_ENDPOINT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_SNAT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_SNAT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_STATE] = NLA_POLICY_MAX(NLA_U8, 13),
	[KLB_A_CONN_CLIENT_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_VIP_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_ENDPOINT_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_SNAT_LEN] = { .type = NLA_U8, },
};

/* KLB_CMD_CONN_COUNT - do */
const struct nla_policy klb_conn_count_nl_policy[KLB_A_CONN_SNAT_LEN + 1] = {
	[KLB_A_CONN_PROTO] = { .type = NLA_U8, },
	[KLB_A_CONN_CLIENT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_CLIENT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_VIP_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_VIP_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_ENDPOINT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_ENDPOINT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_SNAT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_SNAT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_STATE] = NLA_POLICY_MAX(NLA_U8, 13),
	[KLB_A_CONN_CLIENT_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_VIP_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_ENDPOINT_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_SNAT_LEN] = { .type = NLA_U8, },
};

/* KLB_CMD_CONN_FLUSH - do */
const struct nla_policy klb_conn_flush_nl_policy[KLB_A_CONN_SNAT_LEN + 1] = {
	[KLB_A_CONN_PROTO] = { .type = NLA_U8, },
	[KLB_A_CONN_CLIENT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_CLIENT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_VIP_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_VIP_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_ENDPOINT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_ENDPOINT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_SNAT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_CONN_SNAT_PORT] = { .type = NLA_U16, },
	[KLB_A_CONN_STATE] = NLA_POLICY_MAX(NLA_U8, 13),
	[KLB_A_CONN_CLIENT_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_VIP_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_ENDPOINT_LEN] = { .type = NLA_U8, },
	[KLB_A_CONN_SNAT_LEN] = { .type = NLA_U8, },
};

/* KLB_CMD_NET_SET - do */
const struct nla_policy klb_net_set_nl_policy[KLB_A_NET_GUE_PORT + 1] = {
	[KLB_A_NET_CONN_MAX] = { .type = NLA_U32, },
	[KLB_A_NET_VETH_PEER] = NLA_POLICY_MAX(NLA_U8, 1),
	[KLB_A_NET_PODS] = { .type = NLA_BINARY, },
	[KLB_A_NET_PODS_NONE] = { .type = NLA_FLAG, },
	[KLB_A_NET_NODEPORTS] = { .type = NLA_BINARY, },
	[KLB_A_NET_NODEPORTS_NONE] = { .type = NLA_FLAG, },
	[KLB_A_NET_GUARD] = { .type = NLA_BINARY, },
	[KLB_A_NET_GUARD_NONE] = { .type = NLA_FLAG, },
	[KLB_A_NET_ECHO] = NLA_POLICY_MAX(NLA_U8, 1),
	[KLB_A_NET_GUE_PORT] = { .type = NLA_U16, },
};

/* KLB_CMD_EXPLAIN - do */
const struct nla_policy klb_explain_nl_policy[KLB_A_EXPLAIN_VIP_PORT + 1] = {
	[KLB_A_EXPLAIN_PROTO] = { .type = NLA_U8, },
	[KLB_A_EXPLAIN_CLIENT_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_EXPLAIN_CLIENT_PORT] = { .type = NLA_U16, },
	[KLB_A_EXPLAIN_VIP_ADDR] = { .type = NLA_BINARY, },
	[KLB_A_EXPLAIN_VIP_PORT] = { .type = NLA_U16, },
};

/* KLB_CMD_POOL_NEW - do */
const struct nla_policy klb_pool_new_nl_policy[KLB_A_POOL_PORT_HIGH + 1] = {
	[KLB_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = KLB_POOL_NAME_MAX, },
	[KLB_A_POOL_FIRST] = { .type = NLA_BINARY, },
	[KLB_A_POOL_LAST] = { .type = NLA_BINARY, },
	[KLB_A_POOL_PORT_LOW] = { .type = NLA_U16, },
	[KLB_A_POOL_PORT_HIGH] = { .type = NLA_U16, },
};

/* KLB_CMD_POOL_DEL - do */
const struct nla_policy klb_pool_del_nl_policy[KLB_A_POOL_NAME + 1] = {
	[KLB_A_POOL_NAME] = { .type = NLA_NUL_STRING, .len = KLB_POOL_NAME_MAX, },
};

/* Ops table for klb */
const struct genl_ops klb_nl_ops[20] = {
	{
		.cmd		= KLB_CMD_SERVICE_GET,
		.doit		= klb_nl_service_get_doit,
		.dumpit		= klb_nl_service_get_dumpit,
		.policy		= klb_service_get_nl_policy,
		.maxattr	= KLB_A_SERVICE_PORT,
	},
	{
		.cmd		= KLB_CMD_SERVICE_NEW,
		.doit		= klb_nl_service_new_doit,
		.policy		= klb_service_new_nl_policy,
		.maxattr	= KLB_A_SERVICE_SECONDARY_NONE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_SERVICE_SET,
		.doit		= klb_nl_service_set_doit,
		.policy		= klb_service_set_nl_policy,
		.maxattr	= KLB_A_SERVICE_SECONDARY_NONE,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_SERVICE_DEL,
		.doit		= klb_nl_service_del_doit,
		.policy		= klb_service_del_nl_policy,
		.maxattr	= KLB_A_SERVICE_PORT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd	= KLB_CMD_SERVICE_FLUSH,
		.doit	= klb_nl_service_flush_doit,
		.flags	= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_ENDPOINT_NEW,
		.doit		= klb_nl_endpoint_new_doit,
		.policy		= klb_endpoint_new_nl_policy,
		.maxattr	= KLB_A_SERVICE_ENDPOINT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_ENDPOINT_SET,
		.doit		= klb_nl_endpoint_set_doit,
		.policy		= klb_endpoint_set_nl_policy,
		.maxattr	= KLB_A_SERVICE_ENDPOINT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_ENDPOINT_DEL,
		.doit		= klb_nl_endpoint_del_doit,
		.policy		= klb_endpoint_del_nl_policy,
		.maxattr	= KLB_A_SERVICE_ENDPOINT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_CONN_GET,
		.dumpit		= klb_nl_conn_get_dumpit,
		.policy		= klb_conn_get_nl_policy,
		.maxattr	= KLB_A_CONN_SNAT_LEN,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_CONN_COUNT,
		.doit		= klb_nl_conn_count_doit,
		.policy		= klb_conn_count_nl_policy,
		.maxattr	= KLB_A_CONN_SNAT_LEN,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_CONN_FLUSH,
		.doit		= klb_nl_conn_flush_doit,
		.policy		= klb_conn_flush_nl_policy,
		.maxattr	= KLB_A_CONN_SNAT_LEN,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd	= KLB_CMD_STATS_GET,
		.dumpit	= klb_nl_stats_get_dumpit,
	},
	{
		.cmd	= KLB_CMD_NET_GET,
		.doit	= klb_nl_net_get_doit,
	},
	{
		.cmd		= KLB_CMD_NET_SET,
		.doit		= klb_nl_net_set_doit,
		.policy		= klb_net_set_nl_policy,
		.maxattr	= KLB_A_NET_GUE_PORT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd	= KLB_CMD_DEV_GET,
		.dumpit	= klb_nl_dev_get_dumpit,
	},
	{
		.cmd		= KLB_CMD_EXPLAIN,
		.doit		= klb_nl_explain_doit,
		.policy		= klb_explain_nl_policy,
		.maxattr	= KLB_A_EXPLAIN_VIP_PORT,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_POOL_NEW,
		.doit		= klb_nl_pool_new_doit,
		.policy		= klb_pool_new_nl_policy,
		.maxattr	= KLB_A_POOL_PORT_HIGH,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd		= KLB_CMD_POOL_DEL,
		.doit		= klb_nl_pool_del_doit,
		.policy		= klb_pool_del_nl_policy,
		.maxattr	= KLB_A_POOL_NAME,
		.flags		= GENL_ADMIN_PERM,
	},
	{
		.cmd	= KLB_CMD_POOL_GET,
		.dumpit	= klb_nl_pool_get_dumpit,
	},
	{
		.cmd	= KLB_CMD_CONN_LISTEN,
		.doit	= klb_nl_conn_listen_doit,
		.flags	= GENL_ADMIN_PERM,
	},
};

const struct genl_multicast_group klb_nl_mcgrps[2] = {
	[KLB_NLGRP_CONFIG] = { "config", },
	[KLB_NLGRP_CONN] = { "conn", .flags = GENL_MCAST_CAP_NET_ADMIN, },
};
