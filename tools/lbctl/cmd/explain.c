// SPDX-License-Identifier: GPL-2.0
#include "explain.h"

#include <string.h>

#include "cmd.h"
#include "show.h"
#include "spec.h"
#include "steps.h"

static void show_question(struct out *o, const struct klb_explain *ex)
{
	char text[KLB_ADDR_TEXT];

	out_str(o, OUT_BOTH, "proto", klb_proto_name(ex->proto));
	out_str(o, OUT_BOTH, "client", klb_ap_format(&ex->client, text));
	out_str(o, OUT_BOTH, "vip", klb_ap_format(&ex->vip, text));
}

/* In text every object is one line behind its key. */
static void show_service_of(struct out *o, const struct klb_explain *ex)
{
	if (!ex->has_service) {
		out_null(o, "service");
		return;
	}
	out_props(o, "service");
	show_config(o, &ex->service);
	out_props_end(o);
}

static void show_endpoint_of(struct out *o, const struct klb_explain *ex)
{
	if (!ex->has_endpoint) {
		out_null(o, "endpoint");
		return;
	}
	out_props(o, "endpoint");
	show_endpoint_config(o, &ex->endpoint);
	out_props_end(o);
}

static void show_conn_of(struct out *o, const struct klb_explain *ex)
{
	if (!ex->has_conn) {
		out_null(o, "conn");
		return;
	}
	out_props(o, "conn");
	show_conn(o, &ex->conn);
	out_props_end(o);
}

static void show_way(struct out *o, const struct klb_explain *ex)
{
	char text[KLB_ADDR_TEXT], dev[IF_NAMESIZE];

	if (!ex->ifindex)
		out_null(o, "dev");
	else if (if_indextoname(ex->ifindex, dev))
		out_str(o, OUT_BOTH, "dev", dev);
	else
		out_num(o, OUT_BOTH, "dev", ex->ifindex);
	if (ex->nexthop.len)
		out_str(o, OUT_BOTH, "nexthop",
			klb_addr_format(&ex->nexthop, text));
	else
		out_null(o, "nexthop");
	if (ex->mtu)
		out_num(o, OUT_BOTH, "mtu", ex->mtu);
	else
		out_null(o, "mtu");
	out_bool(o, OUT_JSON, "veth_peer", ex->veth_peer);
	if (ex->veth_peer)
		out_str(o, OUT_TEXT, "handed", "to the veth's peer");
}

static void show(struct out *o, const struct klb_explain *ex)
{
	out_props(o, NULL);
	show_question(o, ex);
	out_str(o, OUT_BOTH, "outcome", klb_name(klb_outcome_names,
						 ex->outcome));
	out_str(o, OUT_BOTH, "reason", ex->reason);
	out_str(o, OUT_JSON, "reason_doc", ex->reason_doc);
	out_str(o, OUT_TEXT, "because", ex->reason_doc);
	show_service_of(o, ex);
	show_endpoint_of(o, ex);
	show_conn_of(o, ex);
	show_way(o, ex);
	show_steps(o, ex->steps, ex->n_steps);
	out_props_end(o);
}

static int explain(struct ctx *c, struct args *a)
{
	struct klb_explain ex;

	memset(&ex, 0, sizeof(ex));
	if (spec_proto(a, &ex.proto) ||
	    spec_ap(a, "CLIENT:PORT", &ex.client) ||
	    spec_ap(a, "ADDR:PORT", &ex.vip) || args_end(a))
		return EXIT_USAGE;
	if (ex.client.addr.len != ex.vip.addr.len) {
		args_fail(a, "\"%.64s\" is not of the client's family: expected an %s address",
			  a->argv[a->pos - 1],
			  ex.client.addr.len == 4 ? "IPv4" : "IPv6");
		return EXIT_USAGE;
	}
	if (klb_explain(&c->klb, &ex))
		return ctx_refused(c);
	show(&c->out, &ex);
	return ctx_end(c);
}

static const char *const *const words[] = { spec_protos, NULL };

static const struct command commands[] = {
	{ NULL, "PROTO CLIENT:PORT ADDR:PORT", NULL, words, explain },
	{ NULL }
};

const struct object obj_explain = {
	.name = "explain",
	.about = "what would happen to a packet, and why",
	.commands = commands,
	.notes = "  PROTO  := { tcp | udp | sctp }\n"
		 "  nothing is sent and nothing is changed\n",
};
