/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PARSE_H
#define KLB_PARSE_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>

#include "tuple.h"

/* Where a packet met klb. */
enum klb_hook {
	KLB_HOOK_INGRESS,	/* came in by a device */
	KLB_HOOK_EGRESS,	/* about to leave by a device */
	KLB_HOOK_DEV,		/* sent to a klb device */
};

/* A packet under way. skb->data is at its network header. */
struct klb_pkt {
	struct sk_buff *skb;
	struct klb_tuple t;
	u32 len;		/* bytes from the network header on */
	u16 l4;			/* offset of the transport header */
	u8 hook;		/* enum klb_hook */
	u8 tcp_flags;		/* as in the header; of TCP only */
	bool fragment;		/* the first of several */
};

/* Reads what klb needs to know whether a packet is any of its business.
 * False: it is not TCP or UDP over IP with ports in it. Headers are pulled,
 * so pointers into the packet taken before are no good any more.
 */
bool klb_parse(struct klb_pkt *pkt);

/* Whether the packet is whole and consistent, asked of those that klb will
 * change. Trims what the link layer has padded.
 */
bool klb_parse_check(struct klb_pkt *pkt);

static inline struct iphdr *klb_ip(const struct klb_pkt *pkt)
{
	return (struct iphdr *)pkt->skb->data;
}

static inline struct ipv6hdr *klb_ip6(const struct klb_pkt *pkt)
{
	return (struct ipv6hdr *)pkt->skb->data;
}

#endif
