// SPDX-License-Identifier: GPL-2.0
#include "explain.h"

#include <errno.h>
#include <linux/klb.h>
#include <string.h>

#include "handle.h"

int klb_explain_put(struct nl_msg *msg, const struct klb_explain *ex)
{
	if (nla_put_u8(msg, KLB_A_EXPLAIN_PROTO, ex->proto) ||
	    klb_put_ap(msg, KLB_A_EXPLAIN_CLIENT_ADDR,
		       KLB_A_EXPLAIN_CLIENT_PORT, &ex->client) ||
	    klb_put_ap(msg, KLB_A_EXPLAIN_VIP_ADDR, KLB_A_EXPLAIN_VIP_PORT,
		       &ex->vip))
		return -EMSGSIZE;
	return 0;
}

static void take_question(const struct nlattr *nla, struct klb_explain *ex)
{
	switch (nla_type(nla)) {
	case KLB_A_EXPLAIN_PROTO:
		return klb_get_u8(nla, &ex->proto);
	case KLB_A_EXPLAIN_CLIENT_ADDR:
		return klb_get_addr(nla, &ex->client.addr);
	case KLB_A_EXPLAIN_CLIENT_PORT:
		return klb_get_port(nla, &ex->client.port);
	case KLB_A_EXPLAIN_VIP_ADDR:
		return klb_get_addr(nla, &ex->vip.addr);
	case KLB_A_EXPLAIN_VIP_PORT:
		return klb_get_port(nla, &ex->vip.port);
	}
}

static void take_answer(const struct nlattr *nla, struct klb_explain *ex)
{
	switch (nla_type(nla)) {
	case KLB_A_EXPLAIN_OUTCOME:
		return klb_get_u8(nla, &ex->outcome);
	case KLB_A_EXPLAIN_REASON:
		return klb_get_text(nla, ex->reason, sizeof(ex->reason));
	case KLB_A_EXPLAIN_REASON_DOC:
		return klb_get_text(nla, ex->reason_doc,
				    sizeof(ex->reason_doc));
	case KLB_A_EXPLAIN_IFINDEX:
		return klb_get_u32(nla, &ex->ifindex);
	case KLB_A_EXPLAIN_NEXTHOP:
		return klb_get_addr(nla, &ex->nexthop);
	case KLB_A_EXPLAIN_MTU:
		return klb_get_u32(nla, &ex->mtu);
	case KLB_A_EXPLAIN_VETH_PEER:
		ex->veth_peer = true;
	}
}

static void take_step_attr(const struct nlattr *nla,
			   struct klb_explain_step *s)
{
	switch (nla_type(nla)) {
	case KLB_A_EXPLAIN_STEP_KIND:
		return klb_get_u8(nla, &s->kind);
	case KLB_A_EXPLAIN_STEP_ADDR:
		return klb_get_addr(nla, &s->at.addr);
	case KLB_A_EXPLAIN_STEP_LEN:
		s->prefix = true;
		return klb_get_u8(nla, &s->len);
	case KLB_A_EXPLAIN_STEP_PORT:
		return klb_get_port(nla, &s->at.port);
	case KLB_A_EXPLAIN_STEP_TO_ADDR:
		return klb_get_addr(nla, &s->to.addr);
	case KLB_A_EXPLAIN_STEP_TO_PORT:
		return klb_get_port(nla, &s->to.port);
	case KLB_A_EXPLAIN_STEP_N:
		s->has_n = true;
		return klb_get_u32(nla, &s->n);
	case KLB_A_EXPLAIN_STEP_OF:
		return klb_get_u32(nla, &s->of);
	}
}

static void take_step(struct klb_attrs attrs, struct klb_explain *ex)
{
	struct klb_explain_step *s;
	struct nlattr *nla;
	int rem;

	if (ex->n_steps == KLB_EXPLAIN_STEPS_MAX)
		return;
	s = &ex->steps[ex->n_steps++];
	memset(s, 0, sizeof(*s));
	klb_for_each_attr(nla, attrs, rem)
		take_step_attr(nla, s);
}

static int take_object(const struct nlattr *nla, struct klb_explain *ex)
{
	struct klb_attrs nest = klb_attrs_nested(nla);

	switch (nla_type(nla)) {
	case KLB_A_EXPLAIN_SERVICE:
		ex->has_service = true;
		return klb_service_parse(nest, &ex->service);
	case KLB_A_EXPLAIN_ENDPOINT:
		ex->has_endpoint = true;
		klb_endpoint_parse(nest, &ex->endpoint);
		return 0;
	case KLB_A_EXPLAIN_CONN:
		ex->has_conn = true;
		klb_conn_parse(nest, &ex->conn);
		return 0;
	case KLB_A_EXPLAIN_STEP:
		take_step(nest, ex);
	}
	return 0;
}

int klb_explain_parse(struct klb_attrs attrs, struct klb_explain *ex)
{
	struct nlattr *nla;
	int rem, rc = 0;

	klb_for_each_attr(nla, attrs, rem) {
		take_question(nla, ex);
		take_answer(nla, ex);
		rc = take_object(nla, ex);
		if (rc)
			break;
	}
	klb_service_free(&ex->service);
	return rc;
}

static int explain_msg(const struct nlmsghdr *nlh, void *arg)
{
	struct klb_attrs attrs;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	return rc ? rc : klb_explain_parse(attrs, arg);
}

int klb_explain(struct klb *k, struct klb_explain *ex)
{
	struct nl_msg *msg = klb_request(k, KLB_CMD_EXPLAIN, 96);
	int rc = msg ? klb_explain_put(msg, ex) : 0;

	return klb_do(k, msg, rc, explain_msg, ex);
}
