// SPDX-License-Identifier: GPL-2.0
#include "spec.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

const char *const spec_protos[] = { "tcp", "udp", NULL };

static int proto_of(struct args *a, const char *word, uint8_t *proto)
{
	int n = klb_proto_find(word);

	if (n == IPPROTO_SCTP)
		return args_later(a, word);
	if (n < 0)
		return args_fail(a, "\"%.64s\" is not a protocol: expected tcp or udp",
				 word);
	*proto = n;
	return 0;
}

int spec_proto(struct args *a, uint8_t *proto)
{
	const char *word;
	int rc;

	rc = args_need(a, "PROTO", "tcp or udp", &word);
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

/* A word of @names, or of @later, which this version does not do. */
static int pick(struct args *a, const char *word, const char *what,
		const char *const *names, const char *const *later)
{
	char known[128], more[128];
	int n;

	n = klb_name_find(names, word);
	if (n >= 0)
		return n;
	if (later && klb_name_find(later, word) >= 0)
		return args_later(a, word);
	words_or(names, known, sizeof(known));
	if (!later)
		return args_fail(a, "\"%.64s\" is not %s: expected %s", word,
				 what, known);
	return args_fail(a, "\"%.64s\" is not %s: expected %s (not yet: %s)",
			 word, what, known,
			 words_or(later, more, sizeof(more)));
}

static int opt_scheduler(struct args *a, const char *value, void *dest)
{
	static const char *const later[] = {
		"rr", "wrr", "lc", "wlc", "random", NULL
	};
	struct klb_service *svc = dest;
	int n;

	n = pick(a, value, "a scheduler", klb_scheduler_names, later);
	if (n < 0)
		return n;
	svc->scheduler = n;
	svc->has |= KLB_SERVICE_HAS_SCHEDULER;
	return 0;
}

static int opt_forward(struct args *a, const char *value, void *dest)
{
	static const char *const later[] = { "dsr", "ipip", "gue", NULL };
	struct klb_service *svc = dest;
	int n;

	n = pick(a, value, "a way to forward", klb_forward_names, later);
	if (n < 0)
		return n;
	svc->forward = n;
	svc->has |= KLB_SERVICE_HAS_FORWARD;
	return 0;
}

static int opt_timeout(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_TIMEOUT;
	return args_number(a, value, "a time in seconds", 0, 2147483,
			   &svc->timeout);
}

static int opt_maglev_size(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_MAGLEV_SIZE;
	return args_number(a, value, "a table size", 0, 8388593,
			   &svc->maglev_size);
}

static int opt_seed(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;

	svc->has |= KLB_SERVICE_HAS_SEED;
	return args_number(a, value, "a seed", 0, UINT32_MAX, &svc->seed);
}

static int opt_name(struct args *a, const char *value, void *dest)
{
	struct klb_service *svc = dest;
	const char *p;

	if (strlen(value) > KLB_NAME_MAX)
		return args_fail(a, "\"%.32s...\" is too long for a name: expected up to %d bytes",
				 value, KLB_NAME_MAX);
	for (p = value; *p; p++) {
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return args_fail(a, "a control character is not allowed in a name: expected printable text");
	}
	snprintf(svc->name, sizeof(svc->name), "%s", value);
	svc->has |= KLB_SERVICE_HAS_NAME;
	return 0;
}

/* The option as a whole comes with a later version. */
static int opt_later(struct args *a, const char *value, void *dest)
{
	return args_later(a, a->argv[a->pos - 2]);
}

static const char *const masquerade_words[] = {
	"never", "outside", "always", NULL
};

static int opt_masquerade(struct args *a, const char *value, void *dest)
{
	int n = pick(a, value, "a masquerade rule", masquerade_words, NULL);

	return n < 0 ? n : args_later(a, "masquerade");
}

static const char *const empty_words[] = { "reject", "drop", NULL };

static int opt_empty(struct args *a, const char *value, void *dest)
{
	int n = pick(a, value, "an answer", empty_words, NULL);

	return n < 0 ? n : args_later(a, "empty");
}

const struct opt service_opts[] = {
	{ "scheduler", "maglev", klb_scheduler_names,
	  "default maglev", opt_scheduler },
	{ "forward", "{ nat | fullnat }", klb_forward_names, "default nat",
	  opt_forward },
	{ "timeout", "SECONDS", NULL,
	  "0..2147483, of an idle connection; default 0: TCP 86400, UDP 120",
	  opt_timeout },
	{ "name", "STRING", NULL, "free text", opt_name },
	{ "maglev-size", "N", NULL,
	  "0..8388593 slots, rounded up to a prime; default 0: automatic",
	  opt_maglev_size },
	{ "seed", "N", NULL, "0..4294967295, equal on all nodes; default 0",
	  opt_seed },
	{ "masquerade", "{ never | outside | always }", masquerade_words,
	  "not supported yet", opt_masquerade },
	{ "empty", "{ reject | drop }", empty_words, "not supported yet",
	  opt_empty },
	{ "affinity", "SECONDS [ share NAME ]", NULL, "not supported yet",
	  opt_later },
	{ "source", "PREFIX[,PREFIX...]", NULL, "not supported yet",
	  opt_later },
	{ "snat", "POOL", NULL, "not supported yet", opt_later },
	{ NULL }
};

int spec_service(struct args *a, struct klb_service *svc)
{
	int rc = spec_key(a, svc);

	return rc ? rc : args_options(a, service_opts, svc);
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

	n = pick(a, value, "a state", klb_endpoint_state_names, NULL);
	if (n < 0)
		return n;
	ep->state = n;
	ep->has |= KLB_ENDPOINT_HAS_STATE;
	return 0;
}

static const char *const scope_words[] = { "all", "inside", "outside", NULL };

static int opt_scope(struct args *a, const char *value, void *dest)
{
	int n = pick(a, value, "a scope", scope_words, NULL);

	return n < 0 ? n : args_later(a, "scope");
}

#define WEIGHT_OPT { "weight", "N", NULL, "0..65535; default 1", opt_weight }
#define STATE_OPT { "state", "{ up | drain | down }", klb_endpoint_state_names, \
		    "default up", opt_state }

const struct opt endpoint_opts[] = {
	WEIGHT_OPT,
	STATE_OPT,
	{ "scope", "{ all | inside | outside }", scope_words,
	  "not supported yet", opt_scope },
	{ NULL }
};

const struct opt endpoint_set_opts[] = { WEIGHT_OPT, STATE_OPT, { NULL } };

int spec_endpoint_key(struct args *a, struct klb_service *key,
		      struct klb_endpoint *ep)
{
	int rc;

	klb_endpoint_init(ep);
	rc = spec_key(a, key);
	if (!rc)
		rc = spec_ap(a, "EADDR:EPORT", &ep->ap);
	if (!rc && ep->ap.addr.len != key->ap.addr.len)
		return args_fail(a, "\"%.64s\" is not of the service's family: expected an %s address",
				 a->argv[a->pos - 1],
				 key->ap.addr.len == 4 ? "IPv4" : "IPv6");
	return rc;
}

int spec_endpoint(struct args *a, const struct opt *opts,
		  struct klb_service *key, struct klb_endpoint *ep)
{
	int rc = spec_endpoint_key(a, key, ep);

	return rc ? rc : args_options(a, opts, ep);
}

static int opt_conn_max(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;

	net->has |= KLB_NET_HAS_CONN_MAX;
	return args_number(a, value, "a number of connections", 1, INT32_MAX,
			   &net->conn_max);
}

static const char *const switch_words[] = { "off", "on", NULL };

static int opt_veth_peer(struct args *a, const char *value, void *dest)
{
	struct klb_net *net = dest;
	int n;

	n = pick(a, value, "a switch", switch_words, NULL);
	if (n < 0)
		return n;
	net->has |= KLB_NET_HAS_VETH_PEER;
	net->veth_peer = n;
	return 0;
}

const struct opt net_opts[] = {
	{ "conn-max", "N", NULL, "1..2147483647 connections", opt_conn_max },
	{ "veth-peer", "{ on | off }", switch_words,
	  "hand packets straight to a veth's peer", opt_veth_peer },
	{ "pods", "PREFIX[,PREFIX...]", NULL, "not supported yet", opt_later },
	{ "nodeports", "PREFIX[,PREFIX...]", NULL, "not supported yet",
	  opt_later },
	{ "guard", "PREFIX[,PREFIX...]", NULL, "not supported yet", opt_later },
	{ NULL }
};

int spec_net(struct args *a, struct klb_net *net)
{
	memset(net, 0, sizeof(*net));
	if (!args_peek(a))
		return args_fail(a, "nothing to set: expected conn-max N or veth-peer { on | off }");
	return args_options(a, net_opts, net);
}

static int opt_proto(struct args *a, const char *value, void *dest)
{
	return proto_of(a, value, &((struct klb_conn *)dest)->proto);
}

static int opt_client(struct args *a, const char *value, void *dest)
{
	return klb_ap_parse_opt(value, &((struct klb_conn *)dest)->client,
				a->err);
}

static int opt_vip(struct args *a, const char *value, void *dest)
{
	return klb_ap_parse_opt(value, &((struct klb_conn *)dest)->vip, a->err);
}

static int opt_endpoint(struct args *a, const char *value, void *dest)
{
	return klb_ap_parse_opt(value, &((struct klb_conn *)dest)->endpoint,
				a->err);
}

static int opt_snat(struct args *a, const char *value, void *dest)
{
	return klb_ap_parse_opt(value, &((struct klb_conn *)dest)->snat,
				a->err);
}

static int opt_conn_state(struct args *a, const char *value, void *dest)
{
	struct klb_conn *filter = dest;
	int n;

	n = pick(a, value, "a state", klb_conn_state_names, NULL);
	if (n < 0)
		return n;
	filter->has_state = true;
	filter->state = n;
	return 0;
}

const struct opt conn_opts[] = {
	{ "proto", "{ tcp | udp }", spec_protos, NULL, opt_proto },
	{ "client", "ADDR[:PORT]", NULL, NULL, opt_client },
	{ "vip", "ADDR[:PORT]", NULL, NULL, opt_vip },
	{ "endpoint", "ADDR[:PORT]", NULL, NULL, opt_endpoint },
	{ "snat", "ADDR[:PORT]", NULL, NULL, opt_snat },
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
