/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NETLINK_H
#define KLB_NETLINK_H

#include <net/genetlink.h>
#include <linux/klb.h>

#include "conn.h"
#include "endpoint.h"
#include "netlink-gen.h"
#include "prefix.h"
#include "service.h"
#include "tuple.h"

/* What the handlers of all objects share. A handler takes klb_net.lock
 * itself: the family has parallel_ops, so genetlink takes none for it.
 */

extern struct genl_family klb_nl_family;

int klb_netlink_init(void);
void klb_netlink_exit(void);

/* Refusals: -EINVAL, with a sentence for people and the attribute to blame. */
int klb_nl_refuse(struct netlink_ext_ack *extack, const struct nlattr *attr,
		  const char *why);
int klb_nl_missing(struct netlink_ext_ack *extack, struct nlattr *nest,
		   int type, const char *why);

/* Reading. A NULL attribute is a missing one only where that is said. */
int klb_nl_addr(const struct nlattr *attr, u8 *family, union klb_addr *addr,
		struct netlink_ext_ack *extack);
int klb_nl_port(const struct nlattr *attr, __be16 *port,
		struct netlink_ext_ack *extack);
int klb_nl_proto(const struct nlattr *attr, u8 *proto,
		 struct netlink_ext_ack *extack);
/* Whether an address can be one of a service or an endpoint. */
int klb_nl_addr_usable(const struct nlattr *attr, u8 family,
		       const union klb_addr *addr,
		       struct netlink_ext_ack *extack);
/* Key of a service; all three attributes are needed. */
int klb_nl_key(struct nlattr **attrs, struct klb_service_key *key,
	       struct netlink_ext_ack *extack);
/* An endpoint of a service of @family; address and port are needed. */
int klb_nl_endpoint(struct nlattr *nest, u8 family,
		    struct klb_endpoint_conf *conf,
		    struct netlink_ext_ack *extack);
/* One prefix, and a list of them: nl_prefix.c */
int klb_nl_prefix(const struct nlattr *attr, struct klb_prefix *p,
		  struct netlink_ext_ack *extack);
int klb_nl_prefixes(struct genl_info *info, int type, int none, u32 max,
		    struct klb_prefixes *list, bool *has);
/* How many attributes of @type stand in the message itself. */
u32 klb_nl_count(const struct genl_info *info, int type);

/* Writing: 0 or -EMSGSIZE, then what was begun is to be trimmed. */
int klb_nl_put_addr(struct sk_buff *skb, int type, u8 family,
		    const union klb_addr *addr);
int klb_nl_put_key(struct sk_buff *skb, const struct klb_service_key *key);
/* Key and settings, the sources' number only. klb_net.lock held. */
int klb_nl_put_service(struct sk_buff *skb, const struct klb_service *svc);
/* Room that they need, the header of the message included. */
#define KLB_NL_SERVICE_ROOM	(512 + KLB_NAME_MAX + 1)
int klb_nl_put_prefix(struct sk_buff *skb, int type,
		      const struct klb_prefix *p);
int klb_nl_put_prefixes(struct sk_buff *skb, int type,
			const struct klb_prefixes *list);
/* Room that a prefix needs. */
#define KLB_NL_PREFIX_ROOM	nla_total_size(sizeof(union klb_addr) + 1)
int klb_nl_put_endpoint_id(struct sk_buff *skb, u8 family,
			   const union klb_addr *addr, __be16 port);
/* What was configured, without and with counters. klb_net.lock held. */
int klb_nl_put_endpoint_conf(struct sk_buff *skb, int type,
			     const struct klb_endpoint *ep);
int klb_nl_put_endpoint(struct sk_buff *skb, int type,
			const struct klb_endpoint *ep);
/* Attributes from @first on are conns, pad, packets-in, bytes-in,
 * packets-out, bytes-out, conns-total.
 */
int klb_nl_put_totals(struct sk_buff *skb, int first,
		      const struct klb_totals *ended,
		      const struct klb_totals *live);
int klb_nl_put_conn(struct sk_buff *skb, const struct klb_conn_info *info);
int klb_nl_put_pool(struct sk_buff *skb, const struct klb_pool *pool);
int klb_nl_put_net(struct sk_buff *skb, struct klb_net *kn);
/* Room that it needs, the header of the message included. */
#define KLB_NL_NET_ROOM	\
	(256 + 3 * KLB_NET_PREFIXES_MAX * KLB_NL_PREFIX_ROOM)

/* Header of one message of a dump; flagged when cb->seq changed. */
void *klb_nl_part(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);

/* A dump of what is configured. @part puts as many messages as there is room
 * for, with klb_net.lock held, and keeps in cb->ctx where it stands; if the
 * configuration changes between two parts the dump is flagged.
 */
int klb_nl_dump_config(struct sk_buff *skb, struct netlink_callback *cb,
		       int (*part)(struct klb_net *kn, struct sk_buff *skb,
				   struct netlink_callback *cb));
/* Sends a reply that was put together with @err. Consumes it. */
int klb_nl_reply(struct sk_buff *skb, void *hdr, struct genl_info *info,
		 int err);

#endif
