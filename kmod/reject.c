// SPDX-License-Identifier: GPL-2.0
/* Answers in the name of a service that has nobody to answer. */
#include "reject.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "conn_proto.h"
#include "deliver.h"
#include "forward.h"
#include "hash.h"
#include "netns.h"
#include "parse.h"
#include "route.h"

/* What a message of ICMP may be long, RFC 1812, section 4.3.2.3, and RFC 4443,
 * section 2.4.
 */
#define ICMP_ROOM	576
#define ICMP6_ROOM	IPV6_MIN_MTU

/* Messages to one client: as many a second as the kernel's own are, and some
 * at once. Clients share a bucket by chance, so that there is an end to what a
 * million forged ones get, too.
 */
#define BURST		6
#define BUCKETS		1024

static struct bucket {
	unsigned long last;	/* jiffies */
	unsigned long tokens;	/* jiffies that have not been spent */
} buckets[BUCKETS];

static struct bucket *bucket_of(const struct klb_net *kn,
				const struct klb_pkt *pkt)
{
	const struct klb_hash_key *key = &kn->conns.key;
	const union klb_addr *src = &pkt->t.src;
	u32 hash;

	if (pkt->t.family == AF_INET)
		hash = klb_hash4(key, (__force u32)src->ip, 0);
	else
		hash = klb_hash6(key, src->w[0], src->w[1], 0, 0, 0);
	return &buckets[hash % BUCKETS];
}

static unsigned long interval(const struct klb_net *kn, u8 family)
{
	return max(0, family == AF_INET ?
		      READ_ONCE(kn->net->ipv4.sysctl_icmp_ratelimit) :
		      READ_ONCE(kn->net->ipv6.sysctl.icmpv6_time));
}

/* Racy: two CPUs at once may send one message more. */
static bool within_limit(const struct klb_net *kn, const struct klb_pkt *pkt)
{
	unsigned long now = jiffies, each = interval(kn, pkt->t.family);
	struct bucket *b = bucket_of(kn, pkt);
	unsigned long tokens;
	bool ok;

	tokens = READ_ONCE(b->tokens) + (now - READ_ONCE(b->last));
	tokens = min(tokens, each * BURST);
	ok = tokens >= each;
	WRITE_ONCE(b->last, now);
	WRITE_ONCE(b->tokens, ok ? tokens - each : tokens);
	return ok;
}

/* The checksum of what follows @skb's network header, from @at on, with a
 * pseudo header.
 */
static __sum16 sum(const struct klb_pkt *pkt, u32 len, u8 proto, __wsum rest)
{
	if (pkt->t.family == AF_INET)
		return csum_tcpudp_magic(pkt->t.src.ip, pkt->t.dst.ip, len,
					 proto, rest);
	return csum_ipv6_magic(&pkt->t.src.in6, &pkt->t.dst.in6, len, proto,
			       rest);
}

/* Whether the packet is as it was sent. Who sent it may have meant another. */
static bool undamaged(const struct klb_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;
	const struct udphdr *uh = (void *)skb->data + pkt->l4;
	u32 len = pkt->len - pkt->l4;

	/* SCTP has CRC32c, and its receiver looks at the tag in what is quoted */
	if (skb->ip_summed == CHECKSUM_PARTIAL || skb_csum_unnecessary(skb) ||
	    skb_is_gso(skb) || pkt->t.proto == IPPROTO_SCTP)
		return true;
	if (pkt->t.proto == IPPROTO_UDP && !uh->check)
		return pkt->t.family == AF_INET;
	if (pkt->t.proto == IPPROTO_UDP)
		len = ntohs(uh->len);
	return !sum(pkt, len, pkt->t.proto,
		    skb_checksum(skb, pkt->l4, len, 0));
}

/* The answer */

/* The sum of a pseudo header is the same for both directions. */
static void put_tcp(const struct klb_pkt *pkt, struct sk_buff *skb)
{
	const struct tcphdr *in = (void *)pkt->skb->data + pkt->l4;
	struct tcphdr *th = tcp_hdr(skb);

	th->source = in->dest;
	th->dest = in->source;
	th->doff = sizeof(*th) / 4;
	th->rst = 1;
	if (in->ack) {
		th->seq = in->ack_seq;
	} else {
		th->ack = 1;
		th->ack_seq = htonl(ntohl(in->seq) + in->syn + in->fin +
				    pkt->len - pkt->l4 - in->doff * 4);
	}
	th->check = sum(pkt, sizeof(*th), IPPROTO_TCP,
			csum_partial(th, sizeof(*th), 0));
}

static void put_icmp(const struct klb_pkt *pkt, struct sk_buff *skb, u32 quoted)
{
	struct icmphdr *icmp = icmp_hdr(skb);

	icmp->type = ICMP_DEST_UNREACH;
	icmp->code = ICMP_PORT_UNREACH;
	skb_copy_bits(pkt->skb, 0, icmp + 1, quoted);
	icmp->checksum = ip_compute_csum(icmp, sizeof(*icmp) + quoted);
}

static void put_icmp6(const struct klb_pkt *pkt, struct sk_buff *skb,
		      u32 quoted)
{
	struct icmp6hdr *icmp = icmp6_hdr(skb);
	u32 len = sizeof(*icmp) + quoted;

	icmp->icmp6_type = ICMPV6_DEST_UNREACH;
	icmp->icmp6_code = ICMPV6_PORT_UNREACH;
	skb_copy_bits(pkt->skb, 0, icmp + 1, quoted);
	icmp->icmp6_cksum = sum(pkt, len, IPPROTO_ICMPV6,
				csum_partial(icmp, len, 0));
}

static void put_ip(const struct klb_net *kn, const struct klb_pkt *pkt,
		   struct sk_buff *skb, u8 proto)
{
	struct iphdr *ip = ip_hdr(skb);

	skb->protocol = htons(ETH_P_IP);
	ip->version = 4;
	ip->ihl = sizeof(*ip) / 4;
	ip->frag_off = htons(IP_DF);
	ip->tot_len = htons(skb->len);
	ip->ttl = READ_ONCE(kn->net->ipv4.sysctl_ip_default_ttl);
	ip->protocol = proto;
	ip->saddr = pkt->t.dst.ip;
	ip->daddr = pkt->t.src.ip;
	ip_send_check(ip);
}

static void put_ip6(const struct klb_net *kn, const struct klb_pkt *pkt,
		    struct sk_buff *skb, u8 proto)
{
	struct ipv6hdr *ip6 = ipv6_hdr(skb);

	skb->protocol = htons(ETH_P_IPV6);
	ip6_flow_hdr(ip6, 0, 0);
	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	ip6->nexthdr = proto;
	ip6->hop_limit = READ_ONCE(kn->net->ipv6.devconf_dflt->hop_limit);
	ip6->saddr = pkt->t.dst.in6;
	ip6->daddr = pkt->t.src.in6;
}

/* An empty packet with room for its headers, all zero. */
static struct sk_buff *answer_new(u32 ip_len, u32 len)
{
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + ip_len + len,
					GFP_ATOMIC | __GFP_NOWARN);

	if (!skb)
		return NULL;
	skb_reserve(skb, LL_MAX_HEADER);
	skb_put_zero(skb, ip_len + len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, ip_len);
	return skb;
}

static struct sk_buff *answer4(const struct klb_net *kn,
			       const struct klb_pkt *pkt)
{
	bool tcp = pkt->t.proto == IPPROTO_TCP;
	struct sk_buff *skb;
	u32 len;

	len = ICMP_ROOM - sizeof(struct iphdr) - sizeof(struct icmphdr);
	len = min(len, pkt->skb->len);
	skb = answer_new(sizeof(struct iphdr),
			 tcp ? sizeof(struct tcphdr) :
			       sizeof(struct icmphdr) + len);
	if (!skb)
		return NULL;
	put_ip(kn, pkt, skb, tcp ? IPPROTO_TCP : IPPROTO_ICMP);
	if (tcp)
		put_tcp(pkt, skb);
	else
		put_icmp(pkt, skb, len);
	return skb;
}

static struct sk_buff *answer6(const struct klb_net *kn,
			       const struct klb_pkt *pkt)
{
	bool tcp = pkt->t.proto == IPPROTO_TCP;
	struct sk_buff *skb;
	u32 len;

	len = ICMP6_ROOM - sizeof(struct ipv6hdr) - sizeof(struct icmp6hdr);
	len = min(len, pkt->skb->len);
	skb = answer_new(sizeof(struct ipv6hdr),
			 tcp ? sizeof(struct tcphdr) :
			       sizeof(struct icmp6hdr) + len);
	if (!skb)
		return NULL;
	put_ip6(kn, pkt, skb, tcp ? IPPROTO_TCP : IPPROTO_ICMPV6);
	if (tcp)
		put_tcp(pkt, skb);
	else
		put_icmp6(pkt, skb, len);
	return skb;
}

/* Its way */

/* To a process of this host: received where its packet was sent to. */
static void give_here(struct klb_net *kn, const struct klb_pkt *pkt,
		      struct sk_buff *skb, struct klb_route *rt)
{
	if (pkt->hook == KLB_HOOK_DEV) {
		if (klb_deliver(skb, KLB_HOOK_DEV, rt, pkt->skb->dev, true) !=
		    KLB_TAKEN)
			kfree_skb(skb);
		return;
	}
	dst_hold(rt->dst);
	skb_dst_set(skb, rt->dst);
	skb->dev = rt->dst->dev;
	dst_output(kn->net, NULL, skb);
}

/* A packet that comes from outside is not from here, whatever it says. */
static bool forged(const struct klb_pkt *pkt, const struct klb_route *rt)
{
	return rt->local && pkt->hook == KLB_HOOK_INGRESS &&
	       !(pkt->skb->dev->flags & IFF_LOOPBACK);
}

static bool answer_by(struct klb_net *kn, const struct klb_pkt *pkt,
		      struct klb_route *rt)
{
	struct sk_buff *skb;

	if (forged(pkt, rt))
		return false;
	if (pkt->t.proto != IPPROTO_TCP && !rt->local &&
	    !within_limit(kn, pkt))
		return false;
	/* what is quoted is what goes over a wire */
	if (pkt->t.proto != IPPROTO_TCP && !skb_is_gso(pkt->skb) &&
	    pkt->skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(pkt->skb, 0))
		return false;
	skb = pkt->t.family == AF_INET ? answer4(kn, pkt) : answer6(kn, pkt);
	if (!skb)
		return false;
	if (rt->local)
		give_here(kn, pkt, skb, rt);
	else
		klb_forward(kn, skb, KLB_HOOK_DEV, rt);
	return true;
}

bool klb_reject(struct klb_net *kn, const struct klb_pkt *pkt)
{
	struct klb_route __rcu *slot = NULL;
	union klb_addr client = {};
	struct klb_route *rt;
	bool ok;

	if ((pkt->t.proto == IPPROTO_TCP && pkt->tcp_flags & KLB_TCP_RST) ||
	    !undamaged(pkt))
		return false;
	klb_addr_copy(pkt->t.family, &client, &pkt->t.src);
	/* no route leads there, but the kernel would take it for loopback */
	if (klb_addr_any(pkt->t.family, &client))
		return false;
	rt = klb_route_renew(kn, &slot, pkt->t.family, KLB_WAY_PLAIN,
			     &client);
	if (!rt)
		return false;
	ok = answer_by(kn, pkt, rt);
	klb_route_put(rt);
	return ok;
}
