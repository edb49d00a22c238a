// SPDX-License-Identifier: GPL-2.0
#include "endpoint.h"

#include <errno.h>
#include <linux/klb.h>
#include <string.h>

#include "handle.h"
#include "service.h"

void klb_endpoint_init(struct klb_endpoint *ep)
{
	memset(ep, 0, sizeof(*ep));
	ep->weight = KLB_ENDPOINT_WEIGHT_DEFAULT;
	ep->state = KLB_ENDPOINT_STATE_UP;
	ep->scope = KLB_SCOPE_ALL;
}

int klb_endpoint_put(struct nl_msg *msg, int type,
		     const struct klb_endpoint *ep)
{
	struct nlattr *nest = nla_nest_start(msg, type | NLA_F_NESTED);
	int rc;

	if (!nest)
		return -EMSGSIZE;
	rc = klb_put_ap(msg, KLB_A_ENDPOINT_ADDR, KLB_A_ENDPOINT_PORT, &ep->ap);
	if (!rc && ep->has & KLB_ENDPOINT_HAS_WEIGHT)
		rc = nla_put_u16(msg, KLB_A_ENDPOINT_WEIGHT, ep->weight);
	if (!rc && ep->has & KLB_ENDPOINT_HAS_STATE)
		rc = nla_put_u8(msg, KLB_A_ENDPOINT_STATE, ep->state);
	if (!rc && ep->has & KLB_ENDPOINT_HAS_SCOPE)
		rc = nla_put_u8(msg, KLB_A_ENDPOINT_SCOPE, ep->scope);
	nla_nest_end(msg, nest);
	return rc ? -EMSGSIZE : 0;
}

static void take_attr(const struct nlattr *nla, struct klb_endpoint *ep)
{
	switch (nla_type(nla)) {
	case KLB_A_ENDPOINT_ADDR:
		return klb_get_addr(nla, &ep->ap.addr);
	case KLB_A_ENDPOINT_PORT:
		return klb_get_port(nla, &ep->ap.port);
	case KLB_A_ENDPOINT_WEIGHT:
		ep->has |= KLB_ENDPOINT_HAS_WEIGHT;
		return klb_get_u16(nla, &ep->weight);
	case KLB_A_ENDPOINT_STATE:
		ep->has |= KLB_ENDPOINT_HAS_STATE;
		return klb_get_u8(nla, &ep->state);
	case KLB_A_ENDPOINT_SCOPE:
		ep->has |= KLB_ENDPOINT_HAS_SCOPE;
		return klb_get_u8(nla, &ep->scope);
	case KLB_A_ENDPOINT_CONNS:
		return klb_get_u32(nla, &ep->conns);
	case KLB_A_ENDPOINT_PACKETS_IN:
		return klb_get_u64(nla, &ep->traffic.packets_in);
	case KLB_A_ENDPOINT_BYTES_IN:
		return klb_get_u64(nla, &ep->traffic.bytes_in);
	case KLB_A_ENDPOINT_PACKETS_OUT:
		return klb_get_u64(nla, &ep->traffic.packets_out);
	case KLB_A_ENDPOINT_BYTES_OUT:
		return klb_get_u64(nla, &ep->traffic.bytes_out);
	case KLB_A_ENDPOINT_CONNS_TOTAL:
		return klb_get_u64(nla, &ep->conns_total);
	}
}

void klb_endpoint_parse(struct klb_attrs attrs, struct klb_endpoint *ep)
{
	struct nlattr *nla;
	int rem;

	klb_endpoint_init(ep);
	klb_for_each_attr(nla, attrs, rem)
		take_attr(nla, ep);
}

static int request(struct klb *k, int cmd, const struct klb_service *key,
		   const struct klb_endpoint *ep)
{
	struct nl_msg *msg = klb_request(k, cmd, 64 + KLB_ENDPOINT_ROOM);
	int rc = 0;

	if (msg)
		rc = klb_service_put_key(msg, key);
	if (msg && !rc)
		rc = klb_endpoint_put(msg, KLB_A_SERVICE_ENDPOINT, ep);
	return klb_do(k, msg, rc, NULL, NULL);
}

int klb_endpoint_add(struct klb *k, const struct klb_service *key,
		     const struct klb_endpoint *ep)
{
	return request(k, KLB_CMD_ENDPOINT_NEW, key, ep);
}

int klb_endpoint_set(struct klb *k, const struct klb_service *key,
		     const struct klb_endpoint *ep)
{
	return request(k, KLB_CMD_ENDPOINT_SET, key, ep);
}

int klb_endpoint_del(struct klb *k, const struct klb_service *key,
		     const struct klb_endpoint *ep)
{
	struct klb_endpoint bare = { .ap = ep->ap };

	return request(k, KLB_CMD_ENDPOINT_DEL, key, &bare);
}
