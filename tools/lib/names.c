// SPDX-License-Identifier: GPL-2.0
#include "names.h"

#include <linux/klb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

const char *const klb_scheduler_names[] = {
	[KLB_SCHEDULER_MAGLEV] = "maglev",
	[KLB_SCHEDULER_RR] = "rr",
	[KLB_SCHEDULER_WRR] = "wrr",
	[KLB_SCHEDULER_LC] = "lc",
	[KLB_SCHEDULER_WLC] = "wlc",
	[KLB_SCHEDULER_RANDOM] = "random",
	NULL
};

const char *const klb_forward_names[] = {
	[KLB_FORWARD_NAT] = "nat",
	[KLB_FORWARD_FULLNAT] = "fullnat",
	[KLB_FORWARD_DSR] = "dsr",
	[KLB_FORWARD_IPIP] = "ipip",
	[KLB_FORWARD_GUE] = "gue",
	NULL
};

const char *const klb_masquerade_names[] = {
	[KLB_MASQUERADE_NEVER] = "never",
	[KLB_MASQUERADE_OUTSIDE] = "outside",
	[KLB_MASQUERADE_ALWAYS] = "always",
	[KLB_MASQUERADE_HOST] = "host",
	NULL
};

const char *const klb_empty_names[] = {
	[KLB_EMPTY_REJECT] = "reject",
	[KLB_EMPTY_DROP] = "drop",
	NULL
};

const char *const klb_scope_names[] = {
	[KLB_SCOPE_ALL] = "all",
	[KLB_SCOPE_INSIDE] = "inside",
	[KLB_SCOPE_OUTSIDE] = "outside",
	NULL
};

const char *const klb_endpoint_state_names[] = {
	[KLB_ENDPOINT_STATE_UP] = "up",
	[KLB_ENDPOINT_STATE_DRAIN] = "drain",
	[KLB_ENDPOINT_STATE_DOWN] = "down",
	NULL
};

const char *const klb_conn_state_names[] = {
	[KLB_CONN_STATE_UNREPLIED] = "unreplied",
	[KLB_CONN_STATE_REPLIED] = "replied",
	[KLB_CONN_STATE_SYN_SENT] = "syn-sent",
	[KLB_CONN_STATE_SYN_RECV] = "syn-recv",
	[KLB_CONN_STATE_ESTABLISHED] = "established",
	[KLB_CONN_STATE_FIN_WAIT] = "fin-wait",
	[KLB_CONN_STATE_CLOSE_WAIT] = "close-wait",
	[KLB_CONN_STATE_LAST_ACK] = "last-ack",
	[KLB_CONN_STATE_TIME_WAIT] = "time-wait",
	[KLB_CONN_STATE_CLOSE] = "close",
	[KLB_CONN_STATE_COOKIE_WAIT] = "cookie-wait",
	[KLB_CONN_STATE_COOKIE_ECHOED] = "cookie-echoed",
	[KLB_CONN_STATE_SHUTDOWN] = "shutdown",
	[KLB_CONN_STATE_SHUTDOWN_ACK] = "shutdown-ack",
	NULL
};

const char *const klb_conn_end_names[] = {
	[KLB_CONN_END_EXPIRED] = "expired",
	[KLB_CONN_END_CLOSED] = "closed",
	[KLB_CONN_END_REPLACED] = "replaced",
	[KLB_CONN_END_ENDPOINT_GONE] = "endpoint-gone",
	[KLB_CONN_END_FLUSHED] = "flushed",
	[KLB_CONN_END_EVICTED] = "evicted",
	NULL
};

const char *const klb_outcome_names[] = {
	[KLB_OUTCOME_PASS] = "pass",
	[KLB_OUTCOME_FORWARD] = "forward",
	[KLB_OUTCOME_LOCAL] = "local",
	[KLB_OUTCOME_DROP] = "drop",
	NULL
};

const char *const klb_step_names[] = {
	[KLB_STEP_NO_SERVICE] = "no-service",
	[KLB_STEP_OWN_ADDRESS] = "own-address",
	[KLB_STEP_NODEPORT] = "nodeport",
	[KLB_STEP_NOT_NODEPORT] = "not-nodeport",
	[KLB_STEP_NOT_OWN] = "not-own",
	[KLB_STEP_SECONDARY] = "secondary",
	[KLB_STEP_GUARDED] = "guarded",
	[KLB_STEP_BAD_SOURCE] = "bad-source",
	[KLB_STEP_SOURCE] = "source",
	[KLB_STEP_NOT_SOURCE] = "not-source",
	[KLB_STEP_INSIDE_PODS] = "inside-pods",
	[KLB_STEP_INSIDE_HOST] = "inside-host",
	[KLB_STEP_OUTSIDE] = "outside",
	[KLB_STEP_REMEMBERED] = "remembered",
	[KLB_STEP_FORGOTTEN] = "forgotten",
	[KLB_STEP_REMEMBERED_UNUSABLE] = "remembered-unusable",
	[KLB_STEP_REMEMBERED_REPLACED] = "remembered-replaced",
	[KLB_STEP_NOT_REMEMBERED] = "not-remembered",
	[KLB_STEP_NO_ENDPOINT] = "no-endpoint",
	[KLB_STEP_REJECTS] = "rejects",
	[KLB_STEP_DROPS] = "drops",
	[KLB_STEP_MAGLEV] = "maglev",
	[KLB_STEP_TURN] = "turn",
	[KLB_STEP_LEAST] = "least",
	[KLB_STEP_RANDOM] = "random",
	[KLB_STEP_LOAD] = "load",
	[KLB_STEP_FULLNAT] = "fullnat",
	[KLB_STEP_FAMILY] = "family",
	[KLB_STEP_HAIRPIN] = "hairpin",
	[KLB_STEP_MASQUERADE] = "masquerade",
	[KLB_STEP_PORT_TAKEN] = "port-taken",
	[KLB_STEP_TRANSLATED] = "translated",
	[KLB_STEP_DSR] = "dsr",
	[KLB_STEP_IPIP] = "ipip",
	[KLB_STEP_GUE] = "gue",
	[KLB_STEP_CONN_ORIG] = "conn-orig",
	[KLB_STEP_CONN_REPLY] = "conn-reply",
	[KLB_STEP_PATH] = "path",
	[KLB_STEP_CONN_OVER] = "conn-over",
	[KLB_STEP_CONN_MAX] = "conn-max",
	[KLB_STEP_STATELESS] = "stateless",
	[KLB_STEP_STATELESS_REPLY] = "stateless-reply",
	[KLB_STEP_EVICT] = "evict",
	NULL
};

const char *klb_name(const char *const *names, unsigned int value)
{
	unsigned int i;

	for (i = 0; names[i]; i++) {
		if (i == value)
			return names[i];
	}
	return "unknown";
}

int klb_name_find(const char *const *names, const char *name)
{
	int i;

	for (i = 0; names[i]; i++) {
		if (!strcmp(names[i], name))
			return i;
	}
	return -1;
}

static const struct {
	const char *name;
	unsigned int number;
} protos[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "sctp", IPPROTO_SCTP },
};

const char *klb_proto_name(unsigned int proto)
{
	size_t i;

	for (i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (protos[i].number == proto)
			return protos[i].name;
	}
	return "unknown";
}

int klb_proto_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
		if (!strcmp(protos[i].name, name))
			return protos[i].number;
	}
	return -1;
}
