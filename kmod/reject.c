// SPDX-License-Identifier: GPL-2.0
/* Answers in the name of a service that has nobody to answer. */
#include "reject.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include <linux/sctp.h>
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
#include "sctp.h"

/* What a message of ICMP may be long, RFC 1812, section 4.3.2.3, and RFC 4443,
 * section 2.4.
 */
#define ICMP_ROOM	576
#define ICMP6_ROOM	IPV6_MIN_MTU
#define ICMP_HEAD	8

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

/* What SCTP's first chunk begins with. */
struct first_chunk {
	struct sctp_chunkhdr head;
	__be32 tag;	/* 0: it is too short to be an INIT */
};

static bool first_chunk(const struct klb_pkt *pkt, struct first_chunk *first)
{
	u32 at = pkt->l4 + KLB_SCTP_HDR_LEN, len = sizeof(first->head);

	first->tag = 0;
	if (pkt->len >= at + KLB_SCTP_INIT_LEN)
		len = sizeof(*first);
	return pkt->t.proto == IPPROTO_SCTP && pkt->len >= at + len &&
	       !skb_copy_bits(pkt->skb, at, first, len);
}

/* What ends a connection is not answered: the two ends would never be done. */
static bool is_end(const struct klb_pkt *pkt)
{
	struct first_chunk first;

	if (pkt->t.proto == IPPROTO_TCP)
		return pkt->tcp_flags & KLB_TCP_RST;
	return first_chunk(pkt, &first) &&
	       (first.head.type == SCTP_CID_ABORT ||
		first.head.type == SCTP_CID_SHUTDOWN_COMPLETE);
}

/* An INIT says which tag its answer is to have, RFC 9260, section 8.4. All
 * else of SCTP is of an association that was: whoever had it tells about it.
 */
static bool read_init(const struct klb_pkt *pkt, __be32 *tag)
{
	struct first_chunk first;

	if (!first_chunk(pkt, &first))
		return false;
	*tag = first.tag;
	return first.head.type == SCTP_CID_INIT && first.tag;
}

/* Bytes are copied, as they may lie anywhere; such a packet is a short one. */
static bool sctp_undamaged(const struct klb_pkt *pkt)
{
	static const u8 none[sizeof_field(struct sctphdr, checksum)];
	u32 at = pkt->l4, crc = ~0u, n;
	struct sctphdr sh;
	u8 some[64];

	if (pkt->len - at < sizeof(sh) ||
	    skb_copy_bits(pkt->skb, at, &sh, sizeof(sh)))
		return false;
	crc = klb_crc32c(crc, (u8 *)&sh, KLB_SCTP_CRC_AT);
	crc = klb_crc32c(crc, none, sizeof(none));
	for (at += sizeof(sh); at < pkt->len; at += n) {
		n = min_t(u32, sizeof(some), pkt->len - at);
		if (skb_copy_bits(pkt->skb, at, some, n))
			return false;
		crc = klb_crc32c(crc, some, n);
	}
	return sh.checksum == cpu_to_le32(~crc);
}

/* Whether the packet is as it was sent. Who sent it may have meant another. */
static bool undamaged(const struct klb_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;
	const struct udphdr *uh = (void *)skb->data + pkt->l4;
	u32 len = pkt->len - pkt->l4;
	__be32 tag;

	if (skb->ip_summed == CHECKSUM_PARTIAL || skb_csum_unnecessary(skb) ||
	    skb_is_gso(skb))
		return true;
	/* In what is quoted its receiver looks at the tag. */
	if (pkt->t.proto == IPPROTO_SCTP)
		return !read_init(pkt, &tag) || sctp_undamaged(pkt);
	if (pkt->t.proto == IPPROTO_UDP && !uh->check)
		return pkt->t.family == AF_INET;
	if (pkt->t.proto == IPPROTO_UDP)
		len = ntohs(uh->len);
	return !sum(pkt, len, pkt->t.proto,
		    skb_checksum(skb, pkt->l4, len, 0));
}

/* The answer */

enum how {
	RESET,
	ABORT,
	QUOTE,		/* a message of ICMP, which has the packet in it */
};

/* @len is that of all that follows its IP header. */
struct answer {
	enum how how;
	u32 len;
	__be32 tag;	/* of ABORT */
};

static struct answer answer_to(const struct klb_pkt *pkt)
{
	bool v4 = pkt->t.family == AF_INET;
	struct answer a = { .how = QUOTE };
	u32 room;

	if (pkt->t.proto == IPPROTO_TCP) {
		a.how = RESET;
		a.len = sizeof(struct tcphdr);
	} else if (read_init(pkt, &a.tag)) {
		a.how = ABORT;
		a.len = KLB_SCTP_HDR_LEN + sizeof(struct sctp_chunkhdr);
	} else {
		room = v4 ? ICMP_ROOM - sizeof(struct iphdr) :
			    ICMP6_ROOM - sizeof(struct ipv6hdr);
		/* the header of ICMP is as long in both */
		a.len = min_t(u32, room, pkt->skb->len + ICMP_HEAD);
	}
	return a;
}

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

static void put_abort(const struct klb_pkt *pkt, struct sk_buff *skb,
		      __be32 tag)
{
	const struct sctphdr *in = (void *)pkt->skb->data + pkt->l4;
	struct sctphdr *sh = sctp_hdr(skb);
	struct sctp_chunkhdr *chunk = (void *)(sh + 1);

	sh->source = in->dest;
	sh->dest = in->source;
	sh->vtag = tag;
	chunk->type = SCTP_CID_ABORT;
	chunk->length = htons(sizeof(*chunk));
	sh->checksum = klb_sctp_checksum((u8 *)sh,
					 sizeof(*sh) + sizeof(*chunk));
}

static void put_icmp(const struct klb_pkt *pkt, struct sk_buff *skb, u32 len)
{
	struct icmphdr *icmp = icmp_hdr(skb);

	icmp->type = ICMP_DEST_UNREACH;
	icmp->code = ICMP_PORT_UNREACH;
	skb_copy_bits(pkt->skb, 0, icmp + 1, len - ICMP_HEAD);
	icmp->checksum = ip_compute_csum(icmp, len);
}

static void put_icmp6(const struct klb_pkt *pkt, struct sk_buff *skb, u32 len)
{
	struct icmp6hdr *icmp = icmp6_hdr(skb);

	icmp->icmp6_type = ICMPV6_DEST_UNREACH;
	icmp->icmp6_code = ICMPV6_PORT_UNREACH;
	skb_copy_bits(pkt->skb, 0, icmp + 1, len - ICMP_HEAD);
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

static u8 proto_of(const struct answer *a, u8 icmp)
{
	switch (a->how) {
	case RESET:
		return IPPROTO_TCP;
	case ABORT:
		return IPPROTO_SCTP;
	case QUOTE:
		break;
	}
	return icmp;
}

static void put_l4(const struct klb_pkt *pkt, struct sk_buff *skb,
		   const struct answer *a)
{
	if (a->how == RESET)
		put_tcp(pkt, skb);
	else if (a->how == ABORT)
		put_abort(pkt, skb, a->tag);
	else if (pkt->t.family == AF_INET)
		put_icmp(pkt, skb, a->len);
	else
		put_icmp6(pkt, skb, a->len);
}

static struct sk_buff *answer_build(const struct klb_net *kn,
				    const struct klb_pkt *pkt,
				    const struct answer *a)
{
	bool v4 = pkt->t.family == AF_INET;
	struct sk_buff *skb;

	skb = answer_new(v4 ? sizeof(struct iphdr) : sizeof(struct ipv6hdr),
			 a->len);
	if (!skb)
		return NULL;
	if (v4)
		put_ip(kn, pkt, skb, proto_of(a, IPPROTO_ICMP));
	else
		put_ip6(kn, pkt, skb, proto_of(a, IPPROTO_ICMPV6));
	put_l4(pkt, skb, a);
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
	const struct answer a = answer_to(pkt);
	struct sk_buff *skb;

	if (forged(pkt, rt))
		return false;
	if (a.how == QUOTE && !rt->local && !within_limit(kn, pkt))
		return false;
	/* what is quoted is what goes over a wire */
	if (a.how == QUOTE && !skb_is_gso(pkt->skb) &&
	    pkt->skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(pkt->skb, 0))
		return false;
	skb = answer_build(kn, pkt, &a);
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

	if (is_end(pkt) || !undamaged(pkt))
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
