// SPDX-License-Identifier: GPL-2.0
/* Addresses of services are nobody's: klb answers pings for them. */
#include "echo.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "deliver.h"
#include "netns.h"
#include "service.h"
#include "split.h"
#include "translate.h"
#include "vip.h"

bool klb_echo_wants(struct klb_net *kn, u8 family, const union klb_addr *dst)
{
	/* racy, as any setting */
	return data_race(kn->echo) && klb_vip_has(kn, family, dst) &&
	       !klb_local_address(kn->net, family, dst);
}

/* 0 if it has the right one. */
static __sum16 sum(const struct sk_buff *skb, u8 family, u16 l4)
{
	unsigned int len = skb->len - l4;
	__wsum csum = skb_checksum(skb, l4, len, 0);
	const struct ipv6hdr *ip6 = (const void *)skb->data;

	if (family == AF_INET)
		return csum_fold(csum);
	return csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_ICMPV6,
			       csum);
}

/* No broadcast, no multicast, nobody beyond a link. Routes tell more. */
static bool is_client(const struct sk_buff *skb, u8 family)
{
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	const struct iphdr *ip = (const void *)skb->data;
	int type;

	if (family == AF_INET)
		return !ipv4_is_zeronet(ip->saddr) &&
		       !ipv4_is_multicast(ip->saddr) &&
		       !ipv4_is_lbcast(ip->saddr);
	type = ipv6_addr_type(&ip6->saddr);
	return type & IPV6_ADDR_UNICAST && !(type & IPV6_ADDR_LINKLOCAL);
}

/* Whether it can be answered. An answer would carry options and extension
 * headers that were meant for the way here: whoever sends those gets none.
 */
static bool sound(struct sk_buff *skb, u8 family, u16 l4, u32 end)
{
	const struct iphdr *ip;

	if (skb->len > end && pskb_trim(skb, end))
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL && skb_checksum_help(skb))
		return false;
	skb->ip_summed = CHECKSUM_NONE;
	if (sum(skb, family, l4) || !is_client(skb, family))
		return false;
	if (family == AF_INET6)
		return l4 == sizeof(struct ipv6hdr);
	ip = (const void *)skb->data;
	return l4 == sizeof(*ip) && !ip_fast_csum(ip, ip->ihl);
}

static void turn_ip(const struct klb_net *kn, struct iphdr *ip)
{
	swap(ip->saddr, ip->daddr);
	ip->ttl = READ_ONCE(kn->net->ipv4.sysctl_ip_default_ttl);
	ip_send_check(ip);
}

static void turn_ip6(const struct klb_net *kn, struct ipv6hdr *ip6)
{
	swap(ip6->saddr, ip6->daddr);
	ip6->hop_limit = READ_ONCE(kn->net->ipv6.devconf_all->hop_limit);
}

static void turn(const struct klb_net *kn, struct sk_buff *skb, u8 family,
		 u16 l4)
{
	struct icmphdr *h = (void *)skb->data + l4;

	if (family == AF_INET) {
		turn_ip(kn, (void *)skb->data);
		h->type = ICMP_ECHOREPLY;
	} else {
		turn_ip6(kn, (void *)skb->data);
		h->type = ICMPV6_ECHO_REPLY;
	}
	h->checksum = 0;
	h->checksum = sum(skb, family, l4);
	skb_clear_hash(skb);
}

static enum klb_verdict send(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			     struct klb_route *rt)
{
	const void *id = skb;
	enum klb_verdict verdict;

	if (rt->way != KLB_WAY_LOCAL)
		return klb_send_by(kn, skb, hook, rt, KLB_REASON_ECHO);
	/* from the wire it would be somebody who says that he is this host */
	if (hook != KLB_HOOK_DEV)
		return klb_drop(kn, skb, KLB_REASON_ECHO_INVALID);
	if (klb_is_whole(skb)) /* it is not klb's any more */
		__this_cpu_write(klb_whole.skb, NULL);
	verdict = klb_deliver(skb, hook, rt, skb->dev, true);
	return klb_counted(kn, id, verdict == KLB_TAKEN ? KLB_REASON_ECHO :
							  KLB_REASON_NO_MEMORY,
			   verdict);
}

enum klb_verdict klb_echo(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			  u8 family, u16 l4, u32 end)
{
	struct klb_route __rcu *slot = NULL;
	union klb_addr client = {};
	enum klb_verdict verdict;
	struct klb_route *rt;

	if (!sound(skb, family, l4, end))
		return klb_drop(kn, skb, KLB_REASON_ECHO_INVALID);
	if (skb_ensure_writable(skb, l4 + sizeof(struct icmphdr)))
		return klb_drop(kn, skb, KLB_REASON_NO_MEMORY);
	if (family == AF_INET)
		client.ip = ((const struct iphdr *)skb->data)->saddr;
	else
		client.in6 = ((const struct ipv6hdr *)skb->data)->saddr;
	rt = klb_route_renew(kn, &slot, family, KLB_WAY_PLAIN, &client);
	if (!rt)
		return klb_drop(kn, skb, KLB_REASON_NO_ROUTE);
	turn(kn, skb, family, l4);
	verdict = send(kn, skb, hook, rt);
	klb_route_put(rt);
	return verdict;
}
