/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_DATAPATH_H
#define KLB_DATAPATH_H

#include <linux/ip.h>
#include <linux/klb.h>
#include <linux/klb_reason.h>
#include <linux/skbuff.h>

#include "netns.h"

struct klb_endpoint;
struct klb_pkt;
struct klb_service;

enum klb_verdict {
	KLB_PASS,	/* not ours, or translated and the stack goes on */
	KLB_DROP,	/* the caller frees it */
	KLB_TAKEN,	/* sent or given away: the caller forgets it */
};

/* Whether a packet that came in may be any of klb's business: the sieve asked
 * with what stands where ports stand in most packets. Others get the benefit
 * of the doubt. RCU held; skb->data is at the network header.
 */
static __always_inline bool klb_glance(const struct klb_net *kn,
				       const struct sk_buff *skb)
{
	const struct klb_sieve_table *s = rcu_dereference_bh(kn->sieve);
	const struct iphdr *ip = (const void *)skb->data;
	const union klb_ports *ports = (const void *)(ip + 1);
	u8 proto;

	if (unlikely(!s))
		return false;
	if (skb->protocol != htons(ETH_P_IP) ||
	    skb_headlen(skb) < sizeof(*ip) + sizeof(*ports) ||
	    *skb->data != 0x45)
		return true;
	proto = ip->protocol;
	return klb_sieve_has(s, (__force u32)ip->daddr, ports->dst, proto) ||
	       klb_sieve_has(s, (__force u32)ip->saddr, ports->src, proto) ||
	       (READ_ONCE(kn->services.any) &&
		klb_sieve_has(s, 0, ports->dst, proto));
}

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
