/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_DATAPATH_H
#define KLB_DATAPATH_H

#include <linux/ip.h>
#include <linux/jiffies.h>
#include <linux/klb.h>
#include <linux/klb_reason.h>
#include <linux/skbuff.h>
#include <linux/udp.h>
#include <linux/unaligned.h>

#include "netns.h"
#include "parse.h"
#include "steps.h"

struct klb_endpoint;
struct klb_service;

/* The way of a packet through klb, RCU and BH held, skb->data at its network
 * header. The reason is counted.
 */
enum klb_verdict klb_run(struct klb_net *kn, struct sk_buff *skb, u8 hook);
/* The same for one that came in. */
enum klb_verdict klb_run_ingress(struct klb_net *kn, struct sk_buff *skb);
/* The same for one that klb_glance() has seen, too. */
enum klb_verdict klb_run_ip(struct klb_net *kn, struct sk_buff *skb);

/* Whether a packet of a connection or service was met where it is another's
 * business. @dir: enum klb_dir
 */
bool klb_foreign(const struct sk_buff *skb, u8 hook, u8 dir);

/* What klb_glance() looks at of the first 8 bytes: version, length, and whether
 * it is a fragment.
 */
#define KLB_GLANCE_MASK	cpu_to_be64(0xff00000000003fffULL)
#define KLB_GLANCE_IP	cpu_to_be64(0x4500000000000000ULL)

/* Whether the sieve can be asked about a packet that came in with what stands
 * where it stands in most: IPv4 without options, no fragment. RCU held.
 */
static __always_inline bool klb_glance(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP) &&
	       skb_headlen(skb) >= sizeof(struct iphdr) +
				   sizeof(struct udphdr) &&
	       (get_unaligned((__be64 *)skb->data) & KLB_GLANCE_MASK) ==
	       KLB_GLANCE_IP;
}

/* Whether the sieve says nothing of such a packet: it has no ports. */
static __always_inline bool klb_glance_icmp(const struct sk_buff *skb)
{
	return ((const struct iphdr *)skb->data)->protocol == IPPROTO_ICMP;
}

/* Packets that are ours though the sieve does not know their address. */
bool klb_glance_wide(const struct klb_net *kn, const struct sk_buff *skb);

/* What it says of such a packet: whether it may be any of klb's business. If
 * not, and kn->wide is not 0, klb_glance_wide() is to be asked.
 */
static __always_inline bool klb_glance_passes(const struct klb_net *kn,
					      const struct sk_buff *skb)
{
	const struct klb_sieve_table *s = rcu_dereference_bh(kn->sieve);
	const struct iphdr *ip = (const void *)skb->data;
	const union klb_ports *ports = (const void *)(ip + 1);

	return klb_sieve_has(s, (__force u32)ip->daddr, ports->dst) ||
	       klb_sieve_has(s, (__force u32)ip->saddr, ports->src);
}

/* Whether a packet of the client shows that its connection is over and this
 * is a new one with the same tuple, or that its endpoint is gone.
 */
static __always_inline bool klb_outlived(const struct klb_conn *conn,
					 const struct klb_pkt *pkt)
{
	if (unlikely(klb_conn_expired(conn, (u32)jiffies)))
		return true;
	if (pkt->t.proto == IPPROTO_UDP) {
		/* racy, as any setting */
		return unlikely(!data_race(conn->ep->serving));
	}
	return unlikely((pkt->tcp_flags & (KLB_TCP_SYN | KLB_TCP_ACK |
					   KLB_TCP_RST)) == KLB_TCP_SYN) &&
	       klb_tcp_reopens(READ_ONCE(conn->state),
			       READ_ONCE(conn->ep->serving));
}

/* For no service, in a guarded prefix: rejected, if it can be. */
enum klb_verdict klb_guard_drop(struct klb_net *kn, struct klb_pkt *pkt);

/* No endpoint can be had for @reason: rejected or dropped. */
enum klb_verdict klb_nobody(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			    const struct klb_service *svc,
			    enum klb_reason reason);

/* Whether no client can have sent from this address. */
bool klb_bad_source(const struct klb_pkt *pkt);
/* The same by whatever device it comes. */
bool klb_odd_source(const struct klb_tuple *t);

/* Steps that explain has room for: the rest is not told. */
#define KLB_STEPS_MAX	24

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
	struct klb_steps steps;		/* what decided, in told */
	struct klb_told told[KLB_STEPS_MAX];
};

/* Fills @ex for a first or next packet with tuple @t that comes in from a
 * device. RCU and BH held, and klb_net.lock; changes nothing but cached routes.
 */
void klb_explain(struct klb_net *kn, const struct klb_tuple *t,
		 struct klb_explanation *ex);

#endif
