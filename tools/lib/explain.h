/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_EXPLAIN_H
#define KLB_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "attr.h"
#include "conn.h"
#include "endpoint.h"
#include "service.h"

struct klb;

/* See enum klb_step for what means what. */
struct klb_explain_step {
	uint8_t kind;		/* enum klb_step */
	bool prefix;		/* addr is one of len bits */
	uint8_t len;
	struct klb_ap at;	/* port 0: none */
	struct klb_ap to;	/* likewise */
	bool has_n;
	uint32_t n;
	uint32_t of;		/* 0: none */
};

#define KLB_EXPLAIN_STEPS_MAX	32

/* The first three are the question, the rest is the answer. */
struct klb_explain {
	uint8_t proto;
	struct klb_ap client;
	struct klb_ap vip;

	uint8_t outcome;	/* enum klb_outcome */
	char reason[64];
	char reason_doc[256];
	bool has_service;
	bool has_endpoint;
	bool has_conn;
	bool veth_peer;
	struct klb_service service;	/* without endpoints */
	struct klb_endpoint endpoint;
	struct klb_conn conn;
	uint32_t ifindex;	/* 0: none */
	uint32_t mtu;		/* 0: none */
	struct klb_addr nexthop;
	struct klb_explain_step steps[KLB_EXPLAIN_STEPS_MAX];
	size_t n_steps;		/* more than those are left out */
};

int klb_explain_put(struct nl_msg *msg, const struct klb_explain *ex);
int klb_explain_parse(struct klb_attrs attrs, struct klb_explain *ex);
int klb_explain(struct klb *k, struct klb_explain *ex);

#endif
