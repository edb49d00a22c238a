// SPDX-License-Identifier: GPL-2.0
/* What is told of connections. */
#include <linux/jiffies.h>

#include "conn_sctp.h"
#include "netns.h"

/* What is dead and neither expired nor closed was so while there were packets:
 * see where datapath.c begins again.
 */
u8 klb_conn_ended_by(const struct klb_conn *conn)
{
	u8 state = klb_conn_state_shown(READ_ONCE(conn->state));

	if (conn->flags & KLB_CONN_FLUSHED)
		return KLB_CONN_END_FLUSHED;
	if (conn->flags & KLB_CONN_EVICTED)
		return KLB_CONN_END_EVICTED;
	if (state == KLB_CONN_STATE_TIME_WAIT || state == KLB_CONN_STATE_CLOSE)
		return KLB_CONN_END_CLOSED;
	if (klb_conn_expired(conn, jiffies))
		return KLB_CONN_END_EXPIRED;
	if (!READ_ONCE(conn->ep->serving))
		return KLB_CONN_END_ENDPOINT_GONE;
	return KLB_CONN_END_REPLACED;
}

void klb_side_tuple(const struct klb_side *side, struct klb_tuple *t)
{
	t->ports = side->ports;
	t->proto = side->proto;
	t->family = side->family;
	if (side->family == AF_INET) {
		t->src = (union klb_addr){ .ip = side->addr.ip.src };
		t->dst = (union klb_addr){ .ip = side->addr.ip.dst };
	} else {
		t->src = side->addr.ip6.src;
		t->dst = side->addr.ip6.dst;
	}
}

void klb_conn_info(const struct klb_conn *conn, struct klb_conn_info *info)
{
	u8 family = klb_conn_family(conn), back = conn->reply_family, dir;
	struct klb_tuple o, r;
	s32 left = READ_ONCE(conn->expires) - (u32)jiffies;

	klb_side_tuple(klb_conn_side(conn, family, KLB_DIR_ORIG), &o);
	klb_side_tuple(klb_conn_side(conn, back, KLB_DIR_REPLY), &r);
	info->proto = o.proto;
	info->family = family;
	info->reply_family = back;
	info->state = klb_conn_state_shown(READ_ONCE(conn->state));
	info->snat = conn->flags & KLB_CONN_SNAT;
	info->client = o.src;
	info->client_port = o.ports.src;
	info->vip = o.dst;
	info->vip_port = o.ports.dst;
	info->endpoint = r.src;
	info->endpoint_port = r.ports.src;
	info->source = r.dst;
	if (conn->flags & KLB_CONN_DIRECT) {
		info->reply_family = conn->ep->family;
		info->endpoint = conn->ep->addr;
		info->endpoint_port = conn->ep->port;
	}
	info->source_port = r.ports.dst;
	info->expires_ms = left > 0 ? jiffies_to_msecs(left) : 0;
	for (dir = 0; dir < 2; dir++) {
		info->packets[dir] = READ_ONCE(conn->packets[dir]);
		info->bytes[dir] = READ_ONCE(conn->bytes[dir]);
	}
	if (o.proto == IPPROTO_SCTP)
		klb_sctp_add_counters(conn, info->packets, info->bytes);
}
