// SPDX-License-Identifier: GPL-2.0
#include "datapath.h"

#include "netlink.h"
#include "netns.h"
#include "stats.h"

/* Request */

static int need_all(struct genl_info *info)
{
	struct nlattr **a = info->attrs;
	int i;

	for (i = KLB_A_EXPLAIN_PROTO; i <= KLB_A_EXPLAIN_VIP_PORT; i++)
		if (!a[i])
			return klb_nl_missing(info->extack, NULL, i,
					      "protocol, addresses and ports of a packet are all needed");
	return 0;
}

static int read_tuple(struct genl_info *info, struct klb_tuple *t)
{
	struct netlink_ext_ack *extack = info->extack;
	struct nlattr **a = info->attrs;
	u8 family;
	int err;

	memset(t, 0, sizeof(*t));
	err = need_all(info) ?:
	      klb_nl_proto(a[KLB_A_EXPLAIN_PROTO], &t->proto, extack) ?:
	      klb_nl_addr(a[KLB_A_EXPLAIN_CLIENT_ADDR], &t->family, &t->src,
			  extack) ?:
	      klb_nl_port(a[KLB_A_EXPLAIN_CLIENT_PORT], &t->ports.src,
			  extack) ?:
	      klb_nl_addr(a[KLB_A_EXPLAIN_VIP_ADDR], &family, &t->dst,
			  extack) ?:
	      klb_nl_port(a[KLB_A_EXPLAIN_VIP_PORT], &t->ports.dst, extack);
	if (err)
		return err;
	if (family != t->family)
		return klb_nl_refuse(extack, a[KLB_A_EXPLAIN_VIP_ADDR],
				     "a packet has addresses of one family");
	return 0;
}

/* Reply */

static int put_packet(struct sk_buff *skb, const struct klb_tuple *t)
{
	return nla_put_u8(skb, KLB_A_EXPLAIN_PROTO, t->proto) ?:
	       klb_nl_put_addr(skb, KLB_A_EXPLAIN_CLIENT_ADDR, t->family,
			       &t->src) ?:
	       nla_put_be16(skb, KLB_A_EXPLAIN_CLIENT_PORT, t->ports.src) ?:
	       klb_nl_put_addr(skb, KLB_A_EXPLAIN_VIP_ADDR, t->family,
			       &t->dst) ?:
	       nla_put_be16(skb, KLB_A_EXPLAIN_VIP_PORT, t->ports.dst);
}

static int put_outcome(struct sk_buff *skb, const struct klb_explanation *ex)
{
	return nla_put_u8(skb, KLB_A_EXPLAIN_OUTCOME, ex->outcome) ?:
	       nla_put_string(skb, KLB_A_EXPLAIN_REASON,
			      klb_reason_names[ex->reason]) ?:
	       nla_put_string(skb, KLB_A_EXPLAIN_REASON_DOC,
			      klb_reason_docs[ex->reason]);
}

static int put_service(struct sk_buff *skb, const struct klb_service *svc)
{
	struct nlattr *nest;

	if (!svc)
		return 0;
	nest = nla_nest_start(skb, KLB_A_EXPLAIN_SERVICE);
	if (!nest || klb_nl_put_service(skb, svc))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_conn(struct sk_buff *skb, const struct klb_explanation *ex)
{
	struct nlattr *nest;

	if (!ex->has_conn)
		return 0;
	nest = nla_nest_start(skb, KLB_A_EXPLAIN_CONN);
	if (!nest || klb_nl_put_conn(skb, &ex->conn))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int put_route(struct sk_buff *skb, const struct klb_explanation *ex)
{
	if (!ex->ifindex)
		return 0;
	if (nla_put_u32(skb, KLB_A_EXPLAIN_IFINDEX, ex->ifindex) ||
	    (ex->nexthop_len && nla_put(skb, KLB_A_EXPLAIN_NEXTHOP,
					ex->nexthop_len, &ex->nexthop)) ||
	    nla_put_u32(skb, KLB_A_EXPLAIN_MTU, ex->mtu))
		return -EMSGSIZE;
	return ex->veth_peer ? nla_put_flag(skb, KLB_A_EXPLAIN_VETH_PEER) : 0;
}

/* Room for a step. */
#define STEP_ROOM	(9 * NLA_HDRLEN + 2 * sizeof(union klb_addr) + 6 * 4)

static int put_step(struct sk_buff *skb, const struct klb_told *told)
{
	return nla_put_u8(skb, KLB_A_EXPLAIN_STEP_KIND, told->kind) ?:
	       (told->family ?
		klb_nl_put_addr(skb, KLB_A_EXPLAIN_STEP_ADDR, told->family,
				&told->addr) : 0) ?:
	       (told->prefix ?
		nla_put_u8(skb, KLB_A_EXPLAIN_STEP_LEN, told->len) : 0) ?:
	       (told->port ?
		nla_put_be16(skb, KLB_A_EXPLAIN_STEP_PORT, told->port) : 0) ?:
	       (told->to_family ?
		klb_nl_put_addr(skb, KLB_A_EXPLAIN_STEP_TO_ADDR,
				told->to_family, &told->to) : 0) ?:
	       (told->to_port ?
		nla_put_be16(skb, KLB_A_EXPLAIN_STEP_TO_PORT, told->to_port) :
		0) ?:
	       (told->counts ?
		nla_put_u32(skb, KLB_A_EXPLAIN_STEP_N, told->n) : 0) ?:
	       (told->of ? nla_put_u32(skb, KLB_A_EXPLAIN_STEP_OF, told->of) :
			   0);
}

static int put_steps(struct sk_buff *skb, const struct klb_steps *steps)
{
	struct nlattr *nest;
	u8 i;

	for (i = 0; i < steps->n; i++) {
		nest = nla_nest_start(skb, KLB_A_EXPLAIN_STEP);
		if (!nest || put_step(skb, &steps->v[i]))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}
	return 0;
}

static int put_explanation(struct sk_buff *skb, const struct klb_tuple *t,
			   const struct klb_explanation *ex)
{
	return put_packet(skb, t) ?: put_outcome(skb, ex) ?:
	       put_service(skb, ex->svc) ?:
	       (ex->ep ? klb_nl_put_endpoint_conf(skb, KLB_A_EXPLAIN_ENDPOINT,
						  ex->ep) : 0) ?:
	       put_conn(skb, ex) ?: put_route(skb, ex) ?:
	       put_steps(skb, &ex->steps);
}

/* Room for all that is said of a packet, the header of the message included. */
#define ROOM	(KLB_NL_SERVICE_ROOM + 1024 + KLB_STEPS_MAX * STEP_ROOM)

static int explain(struct klb_net *kn, struct sk_buff *skb,
		   const struct klb_tuple *t, struct klb_explanation *ex)
{
	int err;

	mutex_lock(&kn->lock); /* for the settings of service and endpoint */
	rcu_read_lock();
	local_bh_disable();
	klb_explain(kn, t, ex);
	local_bh_enable();
	err = put_explanation(skb, t, ex);
	rcu_read_unlock();
	mutex_unlock(&kn->lock);
	return err;
}

int klb_nl_explain_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct klb_net *kn = klb_net(genl_info_net(info));
	struct klb_explanation *ex;
	struct klb_tuple t;
	struct sk_buff *msg;
	void *hdr;
	int err;

	err = read_tuple(info, &t);
	if (err)
		return err;
	ex = kmalloc(sizeof(*ex), GFP_KERNEL);
	msg = ex ? genlmsg_new(ROOM, GFP_KERNEL) : NULL;
	if (!msg) {
		kfree(ex);
		return -ENOMEM;
	}
	hdr = genlmsg_put_reply(msg, info, &klb_nl_family, 0, KLB_CMD_EXPLAIN);
	err = explain(kn, msg, &t, ex);
	kfree(ex);
	return klb_nl_reply(msg, hdr, info, err);
}
