// SPDX-License-Identifier: GPL-2.0
/* Packets of one address family become packets of the other, RFC 7915. */
#include "xlat.h"

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ipv6.h>

#include "nat.h"
#include "netns.h"

/* What is left of a segment that is made shorter, at least. */
#define SEGMENT_MIN	64

/* Before */

static u32 l4_len(const struct klb_pkt *pkt)
{
	const struct tcphdr *th = (void *)pkt->skb->data + pkt->l4;

	return pkt->t.proto == IPPROTO_TCP ? th->doff * 4 :
					     klb_l4_len(pkt);
}

/* RFC 7915, sections 4.1 and 5.1: a small packet that was IPv6 may be fragmented
 * as IPv4, since its sender will not make smaller ones.
 */
static void decide_df(struct klb_xlat *x)
{
	if (x->family == AF_INET)
		x->head.df = !x->head.frag && !klb_xlat_may_fragment4(x->seg);
}

bool klb_xlat_look(const struct klb_pkt *pkt, u8 family, struct klb_xlat *x)
{
	const struct sk_buff *skb = pkt->skb;
	u32 len = pkt->len - pkt->l4;
	bool ok = family == AF_INET6 ?
		  klb_xlat_read4(skb->data, pkt->l4, len, &x->head) :
		  klb_xlat_read6(skb->data, pkt->l4, len, &x->head);

	x->family = family;
	x->cut = 0;
	x->len = klb_xlat_head_len(family, &x->head) + len;
	x->seg = x->len;
	if (skb_is_gso(skb))
		x->seg = x->len - len + l4_len(pkt) +
			 skb_shinfo(skb)->gso_size;
	decide_df(x);
	return ok && (skb_is_gso(skb) || x->len <= IP_MAX_MTU);
}

/* IPv6 has to have what IPv4 may leave out. */
static bool lacks_sum(const struct klb_pkt *pkt)
{
	const struct udphdr *uh = (void *)pkt->skb->data + pkt->l4;

	return pkt->t.family == AF_INET && pkt->t.proto == IPPROTO_UDP &&
	       !uh->check;
}

bool klb_xlat_must_segment(const struct klb_pkt *pkt, const struct klb_xlat *x)
{
	const u32 tcp = SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN |
			SKB_GSO_TCP_FIXEDID | SKB_GSO_DODGY;
	const u32 udp = SKB_GSO_UDP_L4 | SKB_GSO_DODGY;
	const struct sk_buff *skb = pkt->skb;
	u32 type = skb_shinfo(skb)->gso_type;

	if (!skb_is_gso(skb))
		return false;
	if (x->len > IP_MAX_MTU || skb->encapsulation || lacks_sum(pkt))
		return true;
	return type & ~(pkt->t.proto == IPPROTO_TCP ? tcp : udp);
}

bool klb_xlat_fits(const struct klb_pkt *pkt, struct klb_xlat *x, u32 mtu)
{
	const struct sk_buff *skb = pkt->skb;
	u32 excess;

	if (x->seg <= mtu)
		return true;
	excess = x->seg - mtu;
	if (!skb_is_gso(skb) || pkt->t.proto != IPPROTO_TCP ||
	    x->family != AF_INET6 || excess > KLB_XLAT_GROWTH ||
	    skb_shinfo(skb)->gso_size < SEGMENT_MIN + excess)
		return false;
	x->cut = excess;
	return true;
}

/* The packet itself */

static u32 before_network(const struct sk_buff *skb)
{
	return skb_mac_header_was_set(skb) ?
	       skb_network_offset(skb) - skb_mac_offset(skb) : 0;
}

void klb_xlat_change_head(struct sk_buff *skb, u32 old, u32 new, u8 family)
{
	__be16 proto = family == AF_INET ? htons(ETH_P_IP) :
					   htons(ETH_P_IPV6);
	u32 mac_len = before_network(skb);
	void *mac = skb->data - mac_len;

	__skb_pull(skb, old);
	__skb_push(skb, new);
	memmove(skb->data - mac_len, mac, mac_len);
	skb_reset_network_header(skb);
	skb_set_transport_header(skb, new);
	skb_set_mac_header(skb, -(int)mac_len);
	if (mac_len == ETH_HLEN && eth_hdr(skb)->h_proto == skb->protocol)
		eth_hdr(skb)->h_proto = proto;
	skb->protocol = proto;
}

bool klb_xlat_make_room(struct sk_buff *skb, u32 old, u32 new, u32 room)
{
	u32 more = new > old ? new - old : 0;

	return !skb_cow(skb, more + max(room, before_network(skb)));
}

static void change_gso(struct sk_buff *skb, u8 family, u16 cut, u32 payload)
{
	struct skb_shared_info *sh = skb_shinfo(skb);

	if (!skb_is_gso(skb) || sh->gso_type & SKB_GSO_UDP_L4)
		return;
	sh->gso_type &= ~(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_FIXEDID);
	sh->gso_type |= family == AF_INET ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6;
	if (!cut)
		return;
	/* the parts it was made of do not fit its segments any more */
	sh->gso_type |= SKB_GSO_DODGY;
	sh->gso_size -= cut;
	sh->gso_segs = DIV_ROUND_UP(payload, sh->gso_size);
}

/* IPv4's checksum of UDP that is not there, IPv6 has to have. */
static void fill_sum(struct sk_buff *skb, u32 l4)
{
	const struct ipv6hdr *ip6 = (void *)skb->data;
	struct udphdr *uh = (void *)skb->data + l4;
	u32 len = ntohs(uh->len);

	uh->check = 0; /* if it was to be filled in, it has been */
	uh->check = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_UDP,
				    skb_checksum(skb, l4, len, 0)) ?:
		    CSUM_MANGLED_0;
	skb->ip_summed = CHECKSUM_NONE;
	skb->csum_valid = 0;
}

/* False: no memory. */
static bool prepare_sum(struct klb_pkt *pkt, bool lacks)
{
	struct sk_buff *skb = pkt->skb;

	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	/* that of a packet inside is to be filled in */
	return !lacks || skb->ip_summed != CHECKSUM_PARTIAL ||
	       !skb_checksum_help(skb);
}

static u16 ident4(struct klb_net *kn, const struct klb_xlat_head *h,
		  const struct klb_side *to, u16 segs)
{
	struct iphdr ip = {
		.protocol = h->proto,
		.saddr = to->addr.ip.dst,
		.daddr = to->addr.ip.src,
	};

	if (h->df)
		return 0;
	__ip_select_ident(kn->net, &ip, max_t(u16, segs, 1));
	return ntohs(ip.id);
}

static void write_head(struct klb_net *kn, struct sk_buff *skb,
		       struct klb_xlat_head *h, const struct klb_side *to)
{
	if (to->family == AF_INET) {
		h->id = ident4(kn, h, to, skb_shinfo(skb)->gso_segs);
		klb_xlat_write4(skb->data, h, to->addr.ip.dst, to->addr.ip.src);
		return;
	}
	klb_xlat_write6(skb->data, h, &to->addr.ip6.dst, &to->addr.ip6.src);
}

bool klb_xlat(struct klb_net *kn, struct klb_pkt *pkt,
	      const struct klb_xlat *x, const struct klb_side *from,
	      const struct klb_side *to, u32 room, bool hop)
{
	u32 len = klb_xlat_head_len(x->family, &x->head);
	struct klb_xlat_head head = x->head;
	struct sk_buff *skb = pkt->skb;
	bool lacks = lacks_sum(pkt);

	if (!klb_xlat_make_room(skb, pkt->l4, len, room) || !prepare_sum(pkt, lacks))
		return false;
	change_gso(skb, x->family, x->cut, pkt->len - pkt->l4 - l4_len(pkt));
	*(u32 *)(skb->data + pkt->l4) = klb_ports_reverse(to->ports).both;
	klb_nat_l4(pkt, from, hop);
	klb_xlat_change_head(skb, pkt->l4, len, x->family);
	head.ttl -= hop;
	write_head(kn, skb, &head, to);
	if (lacks)
		fill_sum(skb, len);
	nf_reset_ct(skb);
	skb_clear_hash(skb);
	return true;
}
