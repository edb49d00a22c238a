// SPDX-License-Identifier: GPL-2.0
#include "icmp_in.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/klb_reason.h>
#include <net/ip6_checksum.h>

#include "netns.h"
#include "parse.h"
#include "tunnel_err.h"

/* Whether the message has the checksum that it should have. */
static bool sound(const struct klb_pkt *pkt, u32 end)
{
	const struct ipv6hdr *ip6 = klb_ip6(pkt);
	unsigned int len = end - pkt->l4;
	__wsum sum = skb_checksum(pkt->skb, pkt->l4, len, 0);

	if (pkt->t.family == AF_INET)
		return !csum_fold(sum);
	return !csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_ICMPV6,
				sum);
}

/* The MTU that an error tells, 0 if it tells none. */
static u32 told_mtu(const struct klb_pkt *pkt)
{
	const struct icmphdr *h = (void *)pkt->skb->data + pkt->l4;

	if (pkt->t.family == AF_INET6)
		return h->type == ICMPV6_PKT_TOOBIG ? ntohl(h->un.gateway) : 0;
	return h->type == ICMP_DEST_UNREACH && h->code == ICMP_FRAG_NEEDED ?
	       ntohs(h->un.frag.mtu) : 0;
}

/* An error about a packet that klb put a header of its own before. */
static bool of_tunnel(struct klb_net *kn, struct klb_pkt *pkt)
{
	u32 end, mtu;

	if (klb_parse(pkt) ||
	    !pskb_may_pull(pkt->skb, pkt->l4 + sizeof(struct icmphdr)))
		return false;
	mtu = told_mtu(pkt);
	end = klb_claimed_len(pkt);
	return mtu && end <= pkt->skb->len &&
	       end > pkt->l4 + sizeof(struct icmphdr) && sound(pkt, end) &&
	       klb_tunnel_error(kn, pkt->skb,
				pkt->l4 + sizeof(struct icmphdr), mtu);
}

enum klb_verdict klb_icmp_in(struct klb_net *kn, struct sk_buff *skb, u8 hook)
{
	struct klb_pkt pkt = { .skb = skb, .hook = hook };

	klb_count(kn->stats, skb, of_tunnel(kn, &pkt) ?
				  KLB_REASON_TUNNEL_ERROR :
				  KLB_REASON_BYSTANDER);
	return KLB_PASS;
}
