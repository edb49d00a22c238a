// SPDX-License-Identifier: GPL-2.0
#include "encap.h"

#include <linux/siphash.h>
#include <net/dsfield.h>
#include <net/gso.h>
#include <net/gue.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/ip_tunnels.h>
#include <net/ipv6.h>
#include <net/route.h>

#include "endpoint.h"
#include "forward.h"
#include "netns.h"
#include "pool.h"
#include "route.h"

/* Ports that a flow's outer packets may come from, RFC 6335's dynamic ones. */
#define PORT_LOW	49152
#define PORT_BITS	14

/* What an IPv4 host has to take, RFC 791. */
#define IP_MIN_MTU	68

/* A tunnel to an endpoint, for the packets of a flow. */
struct tunnel {
	struct klb_net *kn;
	struct klb_route *rt;
	union klb_addr from;
	const union klb_addr *to;
	u32 entropy;
	u8 hook;
};

static bool is_ip(const struct sk_buff *skb)
{
	return skb->protocol == htons(ETH_P_IP);
}

static unsigned int overhead(const struct klb_route *rt)
{
	unsigned int bytes = rt->family == AF_INET ? sizeof(struct iphdr) :
						     sizeof(struct ipv6hdr);

	switch (rt->way) {
	case KLB_WAY_IPIP:
		return bytes;
	case KLB_WAY_GUE:
		return bytes + sizeof(struct udphdr) + sizeof(struct guehdr);
	default:
		return 0;
	}
}

/* Size */

u32 klb_encap_mtu(const struct klb_route *rt)
{
	u32 mtu = dst_mtu(rt->dst), less = overhead(rt);

	return mtu > less ? mtu - less : 0;
}

u32 klb_encap_mtu_told(const struct klb_route *rt, u8 family)
{
	return max_t(u32, klb_encap_mtu(rt),
		     family == AF_INET ? IP_MIN_MTU : IPV6_MIN_MTU);
}

static bool fits(const struct sk_buff *skb, u32 mtu)
{
	return skb->len <= mtu ||
	       (skb_is_gso(skb) && skb_gso_validate_network_len(skb, mtu));
}

/* IPv6 needs not send less than 1280 bytes at a time, so what a tunnel does
 * with less is the tunnel's business: RFC 2473, section 7.1.
 */
enum klb_fit klb_encap_fit(const struct sk_buff *skb,
			   const struct klb_route *rt)
{
	const struct iphdr *ip = (const void *)skb->data;
	u32 mtu = klb_encap_mtu(rt);

	if (fits(skb, mtu))
		return KLB_FIT_WHOLE;
	if (!is_ip(skb))
		return rt->way != KLB_WAY_DSR && fits(skb, IPV6_MIN_MTU) ?
		       KLB_FIT_OUTER : KLB_FIT_NOT;
	return ip->frag_off & htons(IP_DF) || mtu < IP_MIN_MTU ?
	       KLB_FIT_NOT : KLB_FIT_FRAGMENTS;
}

bool klb_encap_hop(struct klb_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (pkt->t.family == AF_INET) {
		if (skb_ensure_writable(skb, sizeof(struct iphdr)))
			return false;
		ip_decrease_ttl(klb_ip(pkt));
		return true;
	}
	if (skb_ensure_writable(skb, sizeof(struct ipv6hdr)))
		return false;
	klb_ip6(pkt)->hop_limit--;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, (__force __wsum)htons(1));
	return true;
}

/* Headers */

/* RFC 6040, normal mode: the inner field as it is, congestion marks too. */
static u8 dsfield(const struct sk_buff *skb)
{
	return is_ip(skb) ? ipv4_get_dsfield((const void *)skb->data) :
			    ipv6_get_dsfield((const void *)skb->data);
}

/* An inner checksum that is still to be filled in lies where a tunnel within
 * the client's packet has it, or is none that the outer one can build upon, or
 * that who makes fragments knows of (@whole: nobody does).
 */
static bool settle_inner(struct sk_buff *skb, const struct klb_route *rt,
			 bool whole)
{
	bool crc = skb_csum_is_sctp(skb) && (rt->way == KLB_WAY_GUE || !whole);

	if (skb->ip_summed == CHECKSUM_PARTIAL && (skb->encapsulation || crc) &&
	    !skb_is_gso(skb) && skb_csum_hwoffload_help(skb, 0))
		return false;
	if (!skb_is_gso(skb))
		skb->encapsulation = 0;
	return true;
}

/* IPv6 wants a checksum of UDP. In IPv4 there is none: what is within has its
 * own.
 */
static int gso_type(const struct klb_route *rt)
{
	int type = rt->family == AF_INET ? SKB_GSO_IPXIP4 : SKB_GSO_IPXIP6;

	if (rt->way == KLB_WAY_GUE)
		type |= rt->family == AF_INET ? SKB_GSO_UDP_TUNNEL :
						SKB_GSO_UDP_TUNNEL_CSUM;
	return type;
}

static __be16 port_of(u32 entropy)
{
	return htons(PORT_LOW + (entropy >> (32 - PORT_BITS)));
}

static void push_gue(struct sk_buff *skb, const struct tunnel *t, u8 proto)
{
	struct guehdr *gue = skb_push(skb, sizeof(*gue));
	struct udphdr *uh;

	*gue = (struct guehdr){ .proto_ctype = proto };
	uh = skb_push(skb, sizeof(*uh));
	skb_reset_transport_header(skb);
	uh->source = port_of(t->entropy);
	uh->dest = READ_ONCE(t->kn->gue_port);
	uh->len = htons(skb->len);
	uh->check = 0;
	if (t->rt->family == AF_INET6)
		udp6_set_csum(false, skb, &t->from.in6, &t->to->in6, skb->len);
}

static void push_ip(struct sk_buff *skb, const struct tunnel *t, u8 proto,
		    u8 ds, bool df)
{
	struct iphdr *ip = skb_push(skb, sizeof(*ip));

	*ip = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*ip) / 4,
		.tos = ds,
		.tot_len = htons(skb->len),
		.frag_off = df && !ip_mtu_locked(t->rt->dst) ?
			    htons(IP_DF) : 0,
		.ttl = ip4_dst_hoplimit(t->rt->dst),
		.protocol = proto,
		.saddr = t->from.ip,
		.daddr = t->to->ip,
	};
	__ip_select_ident(t->kn->net, ip, skb_shinfo(skb)->gso_segs ?: 1);
	ip_send_check(ip);
	skb->protocol = htons(ETH_P_IP);
}

/* The flow label is what routers choose a path by, RFC 6438. */
static void push_ip6(struct sk_buff *skb, const struct tunnel *t, u8 proto,
		     u8 ds)
{
	u32 label = (t->entropy & 0xfffff) |
		    be32_to_cpu(IPV6_FLOWLABEL_STATELESS_FLAG);
	struct ipv6hdr *ip6 = skb_push(skb, sizeof(*ip6));

	ip6_flow_hdr(ip6, ds, htonl(label));
	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	ip6->nexthdr = proto;
	ip6->hop_limit = ip6_dst_hoplimit(t->rt->dst);
	ip6->saddr = t->from.in6;
	ip6->daddr = t->to->in6;
	skb->protocol = htons(ETH_P_IPV6);
}

/* @df: it is sent in one. False: no memory, and the packet is what it was. */
static bool wrap(struct sk_buff *skb, const struct tunnel *t, bool df)
{
	u8 proto = is_ip(skb) ? IPPROTO_IPIP : IPPROTO_IPV6;
	u8 ds = dsfield(skb);

	if (!settle_inner(skb, t->rt, df) ||
	    skb_cow_head(skb, overhead(t->rt) + t->rt->headroom) ||
	    iptunnel_handle_offloads(skb, gso_type(t->rt)))
		return false;
	skb_set_inner_ipproto(skb, proto);
	skb_set_inner_mac_header(skb, skb_inner_network_offset(skb));
	skb_reset_transport_header(skb);
	if (t->rt->way == KLB_WAY_GUE) {
		push_gue(skb, t, proto);
		proto = IPPROTO_UDP;
	}
	if (t->rt->family == AF_INET)
		push_ip(skb, t, proto, ds, df);
	else
		push_ip6(skb, t, proto, ds);
	skb_reset_network_header(skb);
	skb_clear_hash_if_not_l4(skb);
	skb_scrub_packet(skb, false);
	return true;
}

/* Sending */

static enum klb_reason sent(enum klb_reason reason, enum klb_reason as)
{
	return reason == KLB_REASON_FORWARDED ||
	       reason == KLB_REASON_VETH_PEER ? as : reason;
}

/* An IPv6 packet of ours in fragments, as the kernel makes them. */
static enum klb_reason send_fragments6(struct sk_buff *skb,
				       const struct tunnel *t)
{
	int ret;

	skb_dst_drop(skb);
	dst_hold(t->rt->dst);
	skb_dst_set(skb, t->rt->dst);
	skb_clear_tstamp(skb);
	skb->dev = t->rt->dev;
	skb->ignore_df = 1;
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ret = ip6_local_out(t->kn->net, NULL, skb);
	return ret && ret != NET_XMIT_CN ? KLB_REASON_SEND :
					   KLB_REASON_FRAGMENTED;
}

/* In one outer packet, which may have to be sent in fragments. */
static enum klb_reason send_in_one(struct sk_buff *skb, const struct tunnel *t,
				   bool fragments)
{
	if (!wrap(skb, t, !fragments))
		return klb_forward_no_memory(skb);
	if (!fragments)
		return sent(klb_forward_taken(t->kn, skb, t->hook, t->rt),
			    KLB_REASON_ENCAPSULATED);
	if (t->rt->family == AF_INET)
		return klb_forward_fragments(t->kn, skb, KLB_HOOK_INGRESS,
					     t->rt);
	return send_fragments6(skb, t);
}

/* Fragments of the client's packet, which the endpoint puts together. */
static enum klb_reason send_in_several(struct sk_buff *skb,
				       const struct tunnel *t)
{
	unsigned int hlen = ((struct iphdr *)skb->data)->ihl * 4;
	enum klb_reason reason = KLB_REASON_FRAGMENTED, one;
	u32 mtu = klb_encap_mtu(t->rt);
	struct ip_frag_state state;

	/* it may have shrunk since klb_encap_fit() asked */
	if (mtu < IP_MIN_MTU)
		return klb_forward_no_memory(skb);
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    skb_csum_hwoffload_help(skb, 0))
		return klb_forward_no_memory(skb);
	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	ip_frag_init(skb, hlen, overhead(t->rt) + t->rt->headroom,
		     mtu - hlen, false, &state);
	while (state.left > 0) {
		struct sk_buff *part = ip_frag_next(skb, &state);

		if (IS_ERR(part)) {
			reason = KLB_REASON_NO_MEMORY;
			break;
		}
		one = send_in_one(part, t, false);
		if (one != KLB_REASON_ENCAPSULATED)
			reason = one;
	}
	consume_skb(skb);
	return reason;
}

static enum klb_reason send_packet(struct sk_buff *skb, const struct tunnel *t,
				   enum klb_fit fit)
{
	if (fit == KLB_FIT_FRAGMENTS)
		return send_in_several(skb, t);
	return send_in_one(skb, t, fit == KLB_FIT_OUTER);
}

/* Whether a super-packet cannot be left to the device: its packets are to be
 * fragmented, are in a tunnel of the client's own, or would be longer than an
 * outer header can say.
 */
static bool must_segment(const struct sk_buff *skb, const struct tunnel *t,
			 enum klb_fit fit)
{
	return skb_is_gso(skb) &&
	       (fit == KLB_FIT_FRAGMENTS || skb->encapsulation ||
		skb->len + overhead(t->rt) > IP_MAX_MTU);
}

static enum klb_reason send_segments(struct sk_buff *skb,
				     const struct tunnel *t)
{
	enum klb_reason reason = KLB_REASON_ENCAPSULATED, one;
	struct sk_buff *segs, *next;

	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	segs = skb_gso_segment(skb, 0);
	if (IS_ERR_OR_NULL(segs))
		return klb_forward_no_memory(skb);
	consume_skb(skb);
	skb_list_walk_safe(segs, segs, next) {
		skb_mark_not_on_list(segs);
		one = send_packet(segs, t, klb_encap_fit(segs, t->rt));
		if (one != KLB_REASON_ENCAPSULATED)
			reason = one;
	}
	return reason;
}

static enum klb_reason send_dsr(struct klb_net *kn, struct sk_buff *skb,
				u8 hook, struct klb_route *rt,
				enum klb_fit fit)
{
	if (fit == KLB_FIT_FRAGMENTS)
		return klb_forward_fragments(kn, skb, hook, rt);
	return sent(klb_forward(kn, skb, hook, rt), KLB_REASON_DSR);
}

/* Keyed, because @flow is a hash that must not be learnt: decisions.md. */
static u32 entropy_of(u32 flow)
{
	static siphash_key_t key __read_mostly;

	net_get_random_once(&key, sizeof(key));
	return siphash_1u32(flow, &key);
}

__be16 klb_encap_port(u32 flow)
{
	return port_of(entropy_of(flow));
}

/* Routers that choose a path by addresses alone see no more of a flow. */
void klb_encap_source(const struct klb_endpoint *ep,
		      const struct klb_route *rt, u32 flow,
		      union klb_addr *source)
{
	const struct klb_pool *pool = rcu_dereference(ep->svc->pool);

	if (pool && pool->family == rt->family)
		klb_pool_addr(pool,
			      reciprocal_scale(entropy_of(flow), pool->n),
			      source);
	else
		*source = rt->source;
}

enum klb_reason klb_encap_send(struct klb_net *kn, struct sk_buff *skb,
			       u8 hook, struct klb_route *rt,
			       const struct klb_endpoint *ep, u32 flow,
			       enum klb_fit fit)
{
	struct tunnel t = {
		.kn = kn, .rt = rt, .hook = hook, .to = &ep->addr,
	};

	if (rt->way == KLB_WAY_DSR)
		return send_dsr(kn, skb, hook, rt, fit);
	skb = klb_forward_take(skb, hook);
	if (!skb)
		return KLB_REASON_NO_MEMORY;
	t.entropy = entropy_of(flow);
	klb_encap_source(ep, rt, flow, &t.from);
	if (must_segment(skb, &t, fit))
		return send_segments(skb, &t);
	return send_packet(skb, &t, fit);
}
