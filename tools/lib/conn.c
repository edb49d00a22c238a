// SPDX-License-Identifier: GPL-2.0
#include "conn.h"

#include <errno.h>
#include <linux/klb.h>
#include <string.h>

#include "handle.h"

#define FILTER_ROOM	192

static int put_lens(struct nl_msg *msg, const struct klb_conn *f)
{
	static const int types[] = {
		[KLB_CONN_CLIENT] = KLB_A_CONN_CLIENT_LEN,
		[KLB_CONN_VIP] = KLB_A_CONN_VIP_LEN,
		[KLB_CONN_ENDPOINT] = KLB_A_CONN_ENDPOINT_LEN,
		[KLB_CONN_SNAT] = KLB_A_CONN_SNAT_LEN,
	};
	int i;

	for (i = 0; i < KLB_CONN_PLACES; i++) {
		if (f->has_len & 1 << i && nla_put_u8(msg, types[i], f->len[i]))
			return -EMSGSIZE;
	}
	return 0;
}

int klb_conn_put(struct nl_msg *msg, const struct klb_conn *f)
{
	if (f->proto && nla_put_u8(msg, KLB_A_CONN_PROTO, f->proto))
		return -EMSGSIZE;
	if (f->has_state && nla_put_u8(msg, KLB_A_CONN_STATE, f->state))
		return -EMSGSIZE;
	if (klb_put_ap(msg, KLB_A_CONN_CLIENT_ADDR, KLB_A_CONN_CLIENT_PORT,
		       &f->client) ||
	    klb_put_ap(msg, KLB_A_CONN_VIP_ADDR, KLB_A_CONN_VIP_PORT,
		       &f->vip) ||
	    klb_put_ap(msg, KLB_A_CONN_ENDPOINT_ADDR, KLB_A_CONN_ENDPOINT_PORT,
		       &f->endpoint) ||
	    klb_put_ap(msg, KLB_A_CONN_SNAT_ADDR, KLB_A_CONN_SNAT_PORT,
		       &f->snat))
		return -EMSGSIZE;
	return put_lens(msg, f);
}

static void take_peer(const struct nlattr *nla, struct klb_conn *c)
{
	switch (nla_type(nla)) {
	case KLB_A_CONN_CLIENT_ADDR:
		return klb_get_addr(nla, &c->client.addr);
	case KLB_A_CONN_CLIENT_PORT:
		return klb_get_port(nla, &c->client.port);
	case KLB_A_CONN_VIP_ADDR:
		return klb_get_addr(nla, &c->vip.addr);
	case KLB_A_CONN_VIP_PORT:
		return klb_get_port(nla, &c->vip.port);
	case KLB_A_CONN_ENDPOINT_ADDR:
		return klb_get_addr(nla, &c->endpoint.addr);
	case KLB_A_CONN_ENDPOINT_PORT:
		return klb_get_port(nla, &c->endpoint.port);
	case KLB_A_CONN_SNAT_ADDR:
		return klb_get_addr(nla, &c->snat.addr);
	case KLB_A_CONN_SNAT_PORT:
		return klb_get_port(nla, &c->snat.port);
	}
}

static void take_state(const struct nlattr *nla, struct klb_conn *c)
{
	switch (nla_type(nla)) {
	case KLB_A_CONN_PROTO:
		return klb_get_u8(nla, &c->proto);
	case KLB_A_CONN_STATE:
		c->has_state = true;
		return klb_get_u8(nla, &c->state);
	case KLB_A_CONN_EXPIRES:
		return klb_get_u32(nla, &c->expires);
	case KLB_A_CONN_PACKETS_IN:
		return klb_get_u64(nla, &c->traffic.packets_in);
	case KLB_A_CONN_BYTES_IN:
		return klb_get_u64(nla, &c->traffic.bytes_in);
	case KLB_A_CONN_PACKETS_OUT:
		return klb_get_u64(nla, &c->traffic.packets_out);
	case KLB_A_CONN_BYTES_OUT:
		return klb_get_u64(nla, &c->traffic.bytes_out);
	}
}

void klb_conn_parse(struct klb_attrs attrs, struct klb_conn *conn)
{
	struct nlattr *nla;
	int rem;

	memset(conn, 0, sizeof(*conn));
	klb_for_each_attr(nla, attrs, rem) {
		take_peer(nla, conn);
		take_state(nla, conn);
	}
}

struct walk {
	klb_conn_cb cb;
	void *arg;
};

static int dump_msg(const struct nlmsghdr *nlh, void *arg)
{
	const struct walk *w = arg;
	struct klb_attrs attrs;
	struct klb_conn conn;
	int rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (rc)
		return rc;
	klb_conn_parse(attrs, &conn);
	return w->cb(&conn, w->arg);
}

int klb_conn_dump(struct klb *k, const struct klb_conn *filter,
		  klb_conn_cb cb, void *arg)
{
	struct nl_msg *msg = klb_dump_request(k, KLB_CMD_CONN_GET, FILTER_ROOM);
	int rc = msg ? klb_conn_put(msg, filter) : 0;
	struct walk w = { cb, arg };

	return klb_dump_stream(k, msg, rc, dump_msg, &w);
}

static int count_msg(const struct nlmsghdr *nlh, void *arg)
{
	struct klb_attrs attrs;
	struct nlattr *nla;
	int rem, rc;

	rc = klb_attrs_of(nlh, &attrs);
	if (rc)
		return rc;
	klb_for_each_attr(nla, attrs, rem) {
		if (nla_type(nla) == KLB_A_CONN_COUNT)
			klb_get_u32(nla, arg);
	}
	return 0;
}

static int counted(struct klb *k, int cmd, const struct klb_conn *filter,
		   uint32_t *count)
{
	struct nl_msg *msg = klb_request(k, cmd, FILTER_ROOM);
	int rc = msg ? klb_conn_put(msg, filter) : 0;

	*count = 0;
	return klb_do(k, msg, rc, count_msg, count);
}

int klb_conn_count(struct klb *k, const struct klb_conn *filter,
		   uint32_t *count)
{
	return counted(k, KLB_CMD_CONN_COUNT, filter, count);
}

int klb_conn_flush(struct klb *k, const struct klb_conn *filter,
		   uint32_t *count)
{
	return counted(k, KLB_CMD_CONN_FLUSH, filter, count);
}
