// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const spec_protos[] = { "tcp", "udp", "sctp", NULL };

static int proto_of(struct args *a, const char *word, uint8_t *proto)
{
	int n = klb_proto_find(word);

	if (n < 0)
		return args_fail(a, "\"%.64s\" is not a protocol: expected tcp, udp or sctp",
				 word);
	*proto = n;
	return 0;
}

int spec_proto(struct args *a, uint8_t *proto)
{
	const char *word;
	int rc;

	rc = args_need(a, "PROTO", "tcp, udp or sctp", &word);
	return rc ? rc : proto_of(a, word, proto);
}

int spec_ap(struct args *a, const char *what, struct klb_ap *ap)
{
	const char *word;
	int rc;

	rc = args_need(a, what, "a.b.c.d:PORT or [v6]:PORT", &word);
	return rc ? rc : klb_ap_parse(word, ap, a->err);
}

int spec_key(struct args *a, struct klb_service *svc)
{
	int rc;

	memset(svc, 0, sizeof(*svc));
	svc->scheduler = KLB_SCHEDULER_MAGLEV;
	svc->forward = KLB_FORWARD_NAT;
	rc = spec_proto(a, &svc->proto);
	return rc ? rc : spec_ap(a, "ADDR:PORT", &svc->ap);
}

static int opt_weight(struct args *a, const char *value, void *dest)
{
	struct klb_endpoint *ep = dest;
	uint32_t n = 0;
	int rc;

	rc = args_number(a, value, "a weight", 0, KLB_WEIGHT_MAX, &n);
	ep->weight = n;
	ep->has |= KLB_ENDPOINT_HAS_WEIGHT;
	return rc;
}

static int opt_state(struct args *a, const char *value, void *dest)
{
	struct klb_endpoint *ep = dest;
	int n;

	n = args_pick(a, value, "a state", klb_endpoint_state_names);
	if (n < 0)
		return n;
	ep->state = n;
	ep->has |= KLB_ENDPOINT_HAS_STATE;
	return 0;
}

static int opt_scope(struct args *a, const char *value, void *dest)
{
	struct klb_endpoint *ep = dest;
	int n;

	n = args_pick(a, value, "a scope", klb_scope_names);
	if (n < 0)
		return n;
	ep->scope = n;
	ep->has |= KLB_ENDPOINT_HAS_SCOPE;
	return 0;
}

/* As add and set take them. */
const struct opt endpoint_opts[] = {
	{ "weight", "N", NULL, "0..65535; default 1", opt_weight },
	{ "state", "{ up | drain | down }", klb_endpoint_state_names,
	  "default up", opt_state },
	{ "scope", "{ all | inside | outside }", klb_scope_names,
	  "clients that may get it; default all", opt_scope },
	{ NULL }
};

int spec_endpoint_key(struct args *a, struct klb_service *key,
		      struct klb_endpoint *ep)
{
	int rc;

	klb_endpoint_init(ep);
	rc = spec_key(a, key);
	return rc ? rc : spec_ap(a, "EADDR:EPORT", &ep->ap);
}

int spec_endpoint(struct args *a, struct klb_service *key,
		  struct klb_endpoint *ep)
{
	int rc = spec_endpoint_key(a, key, ep);

	return rc ? rc : args_options(a, endpoint_opts, ep);
}

static int opt_proto(struct args *a, const char *value, void *dest)
{
	return proto_of(a, value, &((struct klb_conn *)dest)->proto);
}

/* ADDR, ADDR:PORT, :PORT or ADDR/LENGTH */
static int place_of(struct args *a, const char *value, struct klb_conn *filter,
		    enum klb_conn_place place, struct klb_ap *ap)
{
	struct klb_prefix p;
	int rc;

	memset(ap, 0, sizeof(*ap));
	if (*value == ':' && value[1] >= '0' && value[1] <= '9' &&
	    !strchr(value + 1, ':'))
		return klb_port_parse(value + 1, &ap->port, a->err);
	if (!strchr(value, '/'))
		return klb_ap_parse_opt(value, ap, a->err);
	rc = klb_prefix_parse(value, &p, a->err);
	if (rc)
		return rc;
	ap->addr = p.addr;
	filter->has_len |= 1 << place;
	filter->len[place] = p.len;
	return 0;
}

static int opt_client(struct args *a, const char *value, void *dest)
{
	struct klb_conn *f = dest;

	return place_of(a, value, f, KLB_CONN_CLIENT, &f->client);
}

static int opt_vip(struct args *a, const char *value, void *dest)
{
	struct klb_conn *f = dest;

	return place_of(a, value, f, KLB_CONN_VIP, &f->vip);
}

static int opt_endpoint(struct args *a, const char *value, void *dest)
{
	struct klb_conn *f = dest;

	return place_of(a, value, f, KLB_CONN_ENDPOINT, &f->endpoint);
}

static int opt_snat(struct args *a, const char *value, void *dest)
{
	struct klb_conn *f = dest;

	return place_of(a, value, f, KLB_CONN_SNAT, &f->snat);
}

static int opt_conn_state(struct args *a, const char *value, void *dest)
{
	struct klb_conn *filter = dest;
	int n;

	n = args_pick(a, value, "a state", klb_conn_state_names);
	if (n < 0)
		return n;
	filter->has_state = true;
	filter->state = n;
	return 0;
}

#define PLACE	"{ ADDR[:PORT] | :PORT | PREFIX }"

const struct opt conn_opts[] = {
	{ "proto", "{ tcp | udp | sctp }", spec_protos, NULL, opt_proto },
	{ "client", PLACE, NULL, NULL, opt_client },
	{ "vip", PLACE, NULL, NULL, opt_vip },
	{ "endpoint", PLACE, NULL, NULL, opt_endpoint },
	{ "snat", PLACE, NULL, NULL, opt_snat },
	{ "state", "STATE", klb_conn_state_names, NULL, opt_conn_state },
	{ NULL }
};

int spec_filter(struct args *a, struct klb_conn *filter)
{
	memset(filter, 0, sizeof(*filter));
	return args_options(a, conn_opts, filter);
}

static int hooks_of(struct args *a, const char *word, uint32_t *hooks)
{
	if (!strcmp(word, "ingress"))
		*hooks = KLB_DEV_HOOK_INGRESS;
	else if (!strcmp(word, "egress"))
		*hooks = KLB_DEV_HOOK_EGRESS;
	else if (strcmp(word, "both"))
		return args_fail(a, "\"%.64s\" is not a hook: expected ingress, egress or both",
				 word);
	return 0;
}

int spec_dev(struct args *a, struct klb_dev *dev)
{
	const char *word;
	int rc;

	memset(dev, 0, sizeof(*dev));
	dev->hooks = KLB_DEV_HOOK_INGRESS | KLB_DEV_HOOK_EGRESS;
	rc = args_need(a, "DEV", "the name of a device", &word);
	if (rc)
		return rc;
	if (!*word || strlen(word) >= sizeof(dev->name) || strchr(word, '/'))
		return args_fail(a, "\"%.64s\" is not a device name: expected 1..%zu bytes",
				 word, sizeof(dev->name) - 1);
	strcpy(dev->name, word);
	word = args_next(a);
	if (word)
		rc = hooks_of(a, word, &dev->hooks);
	return rc ? rc : args_end(a);
}
