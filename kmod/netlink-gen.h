/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	uapi/klb.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_KLB_GEN_H
#define _LINUX_KLB_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <linux/klb.h>

/* Common nested types */
extern const struct nla_policy klb_endpoint_nl_policy[KLB_A_ENDPOINT_SCOPE + 1];

extern const struct nla_policy klb_service_get_nl_policy[KLB_A_SERVICE_PORT + 1];

extern const struct nla_policy klb_service_new_nl_policy[KLB_A_SERVICE_SECONDARY_NONE + 1];

extern const struct nla_policy klb_service_set_nl_policy[KLB_A_SERVICE_SECONDARY_NONE + 1];

extern const struct nla_policy klb_service_del_nl_policy[KLB_A_SERVICE_PORT + 1];

extern const struct nla_policy klb_endpoint_new_nl_policy[KLB_A_SERVICE_ENDPOINT + 1];

extern const struct nla_policy klb_endpoint_set_nl_policy[KLB_A_SERVICE_ENDPOINT + 1];

extern const struct nla_policy klb_endpoint_del_nl_policy[KLB_A_SERVICE_ENDPOINT + 1];

extern const struct nla_policy klb_conn_get_nl_policy[KLB_A_CONN_SNAT_LEN + 1];

extern const struct nla_policy klb_conn_count_nl_policy[KLB_A_CONN_SNAT_LEN + 1];

extern const struct nla_policy klb_conn_flush_nl_policy[KLB_A_CONN_SNAT_LEN + 1];

extern const struct nla_policy klb_net_set_nl_policy[KLB_A_NET_GUE_PORT + 1];

extern const struct nla_policy klb_explain_nl_policy[KLB_A_EXPLAIN_VIP_PORT + 1];

extern const struct nla_policy klb_pool_new_nl_policy[KLB_A_POOL_PORT_HIGH + 1];

extern const struct nla_policy klb_pool_del_nl_policy[KLB_A_POOL_NAME + 1];

/* Ops table for klb */
extern const struct genl_ops klb_nl_ops[20];

int klb_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_service_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int klb_nl_service_new_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_service_flush_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_endpoint_new_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_endpoint_set_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_endpoint_del_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_conn_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int klb_nl_conn_count_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_conn_flush_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int klb_nl_net_get_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_net_set_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_dev_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int klb_nl_explain_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_pool_new_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_pool_del_doit(struct sk_buff *skb, struct genl_info *info);
int klb_nl_pool_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int klb_nl_conn_listen_doit(struct sk_buff *skb, struct genl_info *info);

enum {
	KLB_NLGRP_CONFIG,
	KLB_NLGRP_CONN,
};

extern const struct genl_multicast_group klb_nl_mcgrps[2];

#endif /* _LINUX_KLB_GEN_H */
