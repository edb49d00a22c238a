// SPDX-License-Identifier: GPL-2.0
#include "split.h"

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/random.h>
#include <net/ip.h>
#include <net/ipv6.h>

DEFINE_PER_CPU(struct klb_whole, klb_whole);

bool klb_whole_too_big(u8 family, u32 mtu)
{
	return (family == AF_INET6 || __this_cpu_read(klb_whole.df)) &&
	       __this_cpu_read(klb_whole.max) > mtu;
}

/* How a packet is split. */
struct split {
	struct sk_buff *skb;
	__be32 id;
	bool ip6, df;
	u32 hlen;	/* bytes of header that each fragment gets */
	u32 names;	/* IPv6: offset of the byte that announces the next */
	u32 extra;	/* bytes of the fragment header */
	u32 room;	/* bytes of payload in each but the last */
};

/* Options that are not to be copied are in the first fragment only: RFC 791. */
static void blank_options(struct iphdr *ip)
{
	u8 *p = (u8 *)(ip + 1), *end = (u8 *)ip + ip->ihl * 4;

	while (p < end) {
		u32 len = 1;

		if (*p == IPOPT_END)
			return;
		if (*p != IPOPT_NOOP) {
			if (p + 1 >= end || p[1] < 2 || p[1] > end - p)
				return;
			len = p[1];
			if (!IPOPT_COPIED(*p))
				memset(p, IPOPT_NOOP, len);
		}
		p += len;
	}
}

static void head_ip(const struct split *s, u8 *p, u32 at, u32 n, bool more)
{
	struct iphdr *ip = (void *)p;

	ip->tot_len = htons(s->hlen + n);
	ip->id = *(const __be16 *)&s->id;
	ip->frag_off = htons(at >> 3 | (more ? IP_MF : 0) |
			     (s->df ? IP_DF : 0));
	if (at)
		blank_options(ip);
	ip_send_check(ip);
}

static void head_ip6(const struct split *s, u8 *p, u32 at, u32 n, bool more)
{
	struct frag_hdr *fh = (void *)p + s->hlen;
	struct ipv6hdr *ip6 = (void *)p;

	fh->nexthdr = p[s->names];
	fh->reserved = 0;
	fh->frag_off = htons(at | (more ? IP6_MF : 0));
	fh->identification = s->id;
	p[s->names] = NEXTHDR_FRAGMENT;
	ip6->payload_len = htons(s->hlen - sizeof(*ip6) + sizeof(*fh) + n);
}

static void like(struct sk_buff *frag, const struct sk_buff *skb)
{
	skb_reset_network_header(frag);
	frag->protocol = skb->protocol;
	frag->priority = skb->priority;
	frag->mark = skb->mark;
	frag->pkt_type = skb->pkt_type;
	frag->skb_iif = skb->skb_iif;
	frag->dev = skb->dev;
}

static struct sk_buff *piece(const struct split *s, u32 at, u32 n)
{
	u32 head = s->hlen + s->extra;
	bool more = s->hlen + at + n < s->skb->len;
	struct sk_buff *frag;

	frag = alloc_skb(LL_MAX_HEADER + head + n, GFP_ATOMIC | __GFP_NOWARN);
	if (!frag)
		return NULL;
	skb_reserve(frag, LL_MAX_HEADER);
	skb_put(frag, head + n);
	like(frag, s->skb);
	if (skb_copy_bits(s->skb, 0, frag->data, s->hlen) ||
	    skb_copy_bits(s->skb, s->hlen + at, frag->data + head, n)) {
		kfree_skb(frag);
		return NULL;
	}
	if (s->ip6)
		head_ip6(s, frag->data, at, n, more);
	else
		head_ip(s, frag->data, at, n, more);
	return frag;
}

static bool prepare(struct split *s, u32 max)
{
	u8 *names;
	int hlen;

	if (s->skb->protocol == htons(ETH_P_IPV6)) {
		skb_reset_network_header(s->skb);
		hlen = ip6_find_1stfragopt(s->skb, &names);
		if (hlen < 0)
			return false;
		s->ip6 = true;
		s->hlen = hlen;
		s->names = names - s->skb->data;
		s->extra = sizeof(struct frag_hdr);
	} else {
		s->hlen = ((const struct iphdr *)s->skb->data)->ihl * 4;
	}
	if (max < s->hlen + s->extra + 8 ||
	    !pskb_may_pull(s->skb, s->hlen) || s->skb->len <= s->hlen)
		return false;
	s->room = (max - s->hlen - s->extra) & ~7;
	return true;
}

struct sk_buff *klb_split(struct sk_buff *skb, u32 max, __be32 id, bool df)
{
	struct split s = { .skb = skb, .id = id, .df = df };
	struct sk_buff *list = NULL, **tail = &list;
	u32 at, n, len;

	if (!prepare(&s, max))
		return NULL;
	len = skb->len - s.hlen;
	for (at = 0; at < len; at += n) {
		n = min(s.room, len - at);
		*tail = piece(&s, at, n);
		if (!*tail) {
			kfree_skb_list(list);
			return NULL;
		}
		tail = &(*tail)->next;
	}
	return list;
}

/* Of IPv6 there are enough for random ones. */
__be32 klb_split_id(struct net *net, const struct sk_buff *skb)
{
	__be32 id = (__force __be32)get_random_u32();
	struct iphdr ip = {};

	if (skb->protocol == htons(ETH_P_IPV6))
		return id;
	ip = *(const struct iphdr *)skb->data;
	__ip_select_ident(net, &ip, 1);
	*(__be16 *)&id = ip.id;
	return id;
}
