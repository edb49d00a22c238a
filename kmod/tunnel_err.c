// SPDX-License-Identifier: GPL-2.0
#include "tunnel_err.h"

#include <linux/skbuff.h>
#include <net/gue.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/sock.h>

#include "encap.h"
#include "netns.h"

/* What stands in an error, as far as it was looked at. */
struct quoted {
	const struct sk_buff *skb;
	unsigned int at;	/* offset of what is next */
	u8 proto;		/* of that */
	u8 way;			/* enum klb_way */
	u8 family;
	union klb_addr src, dst;	/* of the outer packet */
	struct klb_tuple t;		/* of the client's */
};

/* Addresses and the protocol of an IP header. Extension headers are not looked
 * behind: klb adds none, and clients seldom do.
 */
static bool read_ip(struct quoted *q, union klb_addr *src, union klb_addr *dst)
{
	struct iphdr buf, *ip;

	ip = skb_header_pointer(q->skb, q->at, sizeof(buf), &buf);
	if (!ip || ip->version != 4 || ip->ihl < sizeof(buf) / 4 ||
	    ip->frag_off & htons(IP_OFFSET))
		return false;
	*src = (union klb_addr){ .ip = ip->saddr };
	*dst = (union klb_addr){ .ip = ip->daddr };
	q->proto = ip->protocol;
	q->at += ip->ihl * 4;
	return true;
}

static bool read_ip6(struct quoted *q, union klb_addr *src,
		     union klb_addr *dst)
{
	struct ipv6hdr buf, *ip6;

	ip6 = skb_header_pointer(q->skb, q->at, sizeof(buf), &buf);
	if (!ip6 || ip6->version != 6)
		return false;
	src->in6 = ip6->saddr;
	dst->in6 = ip6->daddr;
	q->proto = ip6->nexthdr;
	q->at += sizeof(buf);
	return true;
}

static bool read_gue(struct klb_net *kn, struct quoted *q)
{
	struct {
		struct udphdr udp;
		struct guehdr gue;
	} buf, *h;

	h = skb_header_pointer(q->skb, q->at, sizeof(buf), &buf);
	if (!h || h->udp.dest != READ_ONCE(kn->gue_port) ||
	    h->gue.version || h->gue.control || h->gue.hlen)
		return false;
	q->proto = h->gue.proto_ctype;
	q->at += sizeof(buf);
	return true;
}

static bool read_outer(struct klb_net *kn, struct quoted *q)
{
	q->family = q->skb->protocol == htons(ETH_P_IP) ? AF_INET : AF_INET6;
	if (q->family == AF_INET ? !read_ip(q, &q->src, &q->dst) :
				   !read_ip6(q, &q->src, &q->dst))
		return false;
	q->way = q->proto == IPPROTO_UDP ? KLB_WAY_GUE : KLB_WAY_IPIP;
	return q->proto != IPPROTO_UDP || read_gue(kn, q);
}

static bool read_inner(struct quoted *q)
{
	struct klb_tuple *t = &q->t;
	const u32 *ports;
	u32 buf;

	if (q->proto != IPPROTO_IPIP && q->proto != IPPROTO_IPV6)
		return false;
	t->family = q->proto == IPPROTO_IPIP ? AF_INET : AF_INET6;
	if (t->family == AF_INET ? !read_ip(q, &t->src, &t->dst) :
				   !read_ip6(q, &t->src, &t->dst))
		return false;
	ports = skb_header_pointer(q->skb, q->at, sizeof(buf), &buf);
	if (!ports)
		return false;
	t->ports.both = *ports;
	t->proto = q->proto;
	return true;
}

/* The route that the packet took. NULL: klb has not sent it. */
static struct klb_route *sent_by(struct klb_net *kn, const struct quoted *q)
{
	struct klb_side *side = klb_conn_lookup(kn, &q->t);
	u32 flow = klb_tuple_hash(&kn->conns.key, &q->t);
	union klb_addr source;
	struct klb_endpoint *ep;
	struct klb_route *rt;

	if (!side || side->dir != KLB_DIR_ORIG)
		return NULL;
	ep = klb_side_conn(side, q->t.family)->ep;
	if (ep->way != q->way || ep->family != q->family ||
	    !klb_addr_equal(q->family, &ep->addr, &q->dst))
		return NULL;
	rt = klb_endpoint_route(kn, ep, q->t.family);
	if (!rt)
		return NULL;
	klb_encap_source(ep, rt, flow, &source);
	return klb_addr_equal(q->family, &source, &q->src) ? rt : NULL;
}

const struct klb_route *klb_tunnel_quoted(struct klb_net *kn,
					  const struct sk_buff *skb,
					  unsigned int at, u8 *proto)
{
	struct quoted q = { .skb = skb, .at = at };

	if (!read_outer(kn, &q))
		return NULL;
	*proto = q.way == KLB_WAY_GUE ? IPPROTO_UDP : q.proto;
	return read_inner(&q) ? sent_by(kn, &q) : NULL;
}

/* The kernel's functions look up the route of the header that is at skb->data,
 * and IPv4 has none for the source address of a pool.
 */
void klb_tunnel_learn(struct klb_net *kn, const struct sk_buff *skb,
		      unsigned int at, const struct klb_route *rt, u8 proto,
		      u32 mtu)
{
	unsigned int len = rt->family == AF_INET ? sizeof(struct iphdr) :
						   sizeof(struct ipv6hdr);
	struct sk_buff *head = alloc_skb(len, GFP_ATOMIC | __GFP_NOWARN);

	if (!head)
		return;
	head->mark = skb->mark;
	if (skb_copy_bits(skb, at, skb_put(head, len), len)) {
		kfree_skb(head);
		return;
	}
	if (rt->family == AF_INET) {
		((struct iphdr *)head->data)->saddr = rt->source.ip;
		ipv4_update_pmtu(head, kn->net, mtu, 0, proto);
	} else {
		((struct ipv6hdr *)head->data)->saddr = rt->source.in6;
		ip6_update_pmtu(head, kn->net, htonl(mtu), 0, 0,
				sock_net_uid(kn->net, NULL));
	}
	consume_skb(head);
}
