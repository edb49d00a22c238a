/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_DATAPATH_H
#define KLB_DATAPATH_H

#include <linux/klb.h>
#include <linux/klb_reason.h>

#include "conn.h"
#include "tuple.h"

struct klb_endpoint;
struct klb_net;
struct klb_pkt;
struct klb_service;

enum klb_verdict {
	KLB_PASS,	/* not ours, or translated and the stack goes on */
	KLB_DROP,	/* the caller frees it */
	KLB_TAKEN,	/* sent or given away: the caller forgets it */
};

/* The way of a packet through klb, RCU and BH held. The reason is counted. */
enum klb_verdict klb_run(struct klb_net *kn, struct klb_pkt *pkt);

/* What klb_run() would do, see klb_explain(). */
struct klb_explanation {
	u8 outcome;			/* enum klb_outcome */
	enum klb_reason reason;
	struct klb_service *svc;	/* NULL: none; valid under RCU */
	struct klb_endpoint *ep;	/* likewise */
	bool has_conn;
	struct klb_conn_info conn;
	int ifindex;			/* 0: no route */
	u8 nexthop_len;			/* bytes, 0: none */
	union klb_addr nexthop;
	u32 mtu;
	bool veth_peer;
};

/* Fills @ex for a first or next packet with tuple @t that comes in from a
 * device. RCU and BH held; changes nothing but cached routes.
 */
void klb_explain(struct klb_net *kn, const struct klb_tuple *t,
		 struct klb_explanation *ex);

#endif
