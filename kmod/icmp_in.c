// SPDX-License-Identifier: GPL-2.0
/* ICMP errors about connections. Nobody vouches for one: the packet in it must be
 * one that klb sent, and nothing that klb knows is changed by it. To that
 * packet's sender it has to speak of the packet that the sender sent.
 */
#include "icmp_in.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>

#include "csum.h"
#include "datapath.h"
#include "conn_sctp.h"
#include "echo.h"
#include "icmp_inner.h"
#include "netns.h"
#include "secondary.h"
#include "translate.h"
#include "tunnel_err.h"
#include "xlat.h"

/* Every path of IPv4 carries this much: RFC 791. */
#define MTU_MIN_IP	68

/* An ICMP message. Both protocols' headers have 8 bytes. */
struct message {
	struct sk_buff *skb;
	u8 hook;
	u8 family;
	u8 type, code;
	u16 l4;			/* offset of the ICMP header */
	u32 end;		/* offset of what the link layer has padded */
	struct klb_inner in;	/* of an error: what stands in it */
};

static enum klb_verdict drop(struct klb_net *kn, const struct message *m,
			     enum klb_reason reason)
{
	return klb_drop(kn, m->skb, reason);
}

static enum klb_verdict bystander(struct klb_net *kn, const struct message *m)
{
	return klb_bystander(kn, m->skb, m->hook);
}

static unsigned int inner_at(const struct message *m)
{
	return m->l4 + sizeof(struct icmphdr);
}

static struct icmphdr *header(const struct message *m)
{
	return (void *)m->skb->data + m->l4;
}

/* False: it is no ICMP, or shorter than that. */
static bool read(struct message *m)
{
	struct klb_pkt pkt = { .skb = m->skb, .hook = m->hook };
	u8 proto;

	if (klb_parse(&pkt))
		return false;
	m->family = pkt.t.family;
	proto = m->family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	if (pkt.t.proto != proto)
		return false;
	m->l4 = pkt.l4;
	m->end = klb_claimed_len(&pkt);
	if (m->end > m->skb->len || m->end < inner_at(m) ||
	    !pskb_may_pull(m->skb,
			   min(m->end, inner_at(m) + KLB_INNER_MAX)))
		return false;
	m->type = header(m)->type;
	m->code = header(m)->code;
	return true;
}

static bool is_error(const struct message *m)
{
	if (m->family == AF_INET6)
		return m->type >= ICMPV6_DEST_UNREACH &&
		       m->type <= ICMPV6_PARAMPROB;
	switch (m->type) {
	case ICMP_DEST_UNREACH:
	case ICMP_SOURCE_QUENCH:
	case ICMP_REDIRECT:
	case ICMP_TIME_EXCEEDED:
	case ICMP_PARAMETERPROB:
		return true;
	}
	return false;
}

/* What nobody should send any more, and no host should believe: RFC 6633, and
 * a way past klb.
 */
static bool unwanted(const struct message *m)
{
	return m->family == AF_INET && (m->type == ICMP_SOURCE_QUENCH ||
					m->type == ICMP_REDIRECT);
}

static bool known(const struct klb_net *kn, u8 family,
		  const union klb_addr *addr, __be16 port)
{
	return klb_sieve_has(rcu_dereference(kn->sieve),
			     klb_sieve_fold(family, addr), port);
}

/* Whether the packet in it may be one that klb sent: to an endpoint, or to a
 * client. If not all of it is there it is told by its addresses.
 */
static bool concerns(const struct klb_net *kn, const struct klb_inner *in)
{
	const struct klb_tuple *t = &in->t;

	switch (t->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
		break;
	default:
		return false;
	}
	/* an endpoint may have addresses that nobody has configured */
	if (t->proto == IPPROTO_SCTP && in->ports &&
	    READ_ONCE(kn->wide) & KLB_WIDE_SCTP)
		return true;
	if (!in->ports)
		return known(kn, t->family, &t->dst, 0) ||
		       known(kn, t->family, &t->src, 0);
	return known(kn, t->family, &t->dst, t->ports.dst) ||
	       known(kn, t->family, &t->src, t->ports.src) ||
	       (READ_ONCE(kn->wide) & KLB_WIDE_ANY &&
		klb_sieve_has(rcu_dereference(kn->sieve), 0, t->ports.src));
}

/* The path's MTU that an error tells, 0 if it tells none. */
static u32 told_mtu(const struct message *m, bool *tells)
{
	const struct icmp6hdr *h6 = (const void *)header(m);

	if (m->family == AF_INET6) {
		*tells = m->type == ICMPV6_PKT_TOOBIG;
		return ntohl(h6->icmp6_mtu);
	}
	*tells = m->type == ICMP_DEST_UNREACH && m->code == ICMP_FRAG_NEEDED;
	return ntohs(header(m)->un.frag.mtu);
}

static bool silly(const struct message *m)
{
	bool tells;
	u32 mtu = told_mtu(m, &tells);

	return tells && mtu < (m->family == AF_INET ? MTU_MIN_IP :
						      IPV6_MIN_MTU);
}

/* The ICMP checksum over a message as it stands: 0 if it has the right one. */
static __sum16 sum(const struct message *m)
{
	unsigned int len = m->end - m->l4;
	__wsum csum = skb_checksum(m->skb, m->l4, len, 0);
	const struct ipv6hdr *ip6 = (const void *)m->skb->data;

	if (m->family == AF_INET)
		return csum_fold(csum);
	return csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_ICMPV6,
			       csum);
}

/* Whether it is what it seems to be. What a device says of its checksum is
 * forgotten: it will be computed anew.
 */
static bool sound(struct message *m)
{
	struct sk_buff *skb = m->skb;

	if (!m->in.intact || silly(m))
		return false;
	if (skb->len > m->end && pskb_trim(skb, m->end))
		return false;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		return !skb_checksum_help(skb);
	skb->ip_summed = CHECKSUM_NONE;
	return !sum(m);
}

/* Rewriting */

/* @side: of packets that the error goes with. @to: the other one. Who is told
 * sees the addresses that it talks to; a router's stays unless the endpoint
 * sees all of its clients behind an address of ours.
 */
static void outer_ip(struct iphdr *ip, const struct klb_side *side,
		     const struct klb_side *to, bool hop)
{
	if (side->addr.ip.src != to->addr.ip.dst) {
		csum_replace4(&ip->check, ip->saddr, to->addr.ip.dst);
		ip->saddr = to->addr.ip.dst;
	}
	csum_replace4(&ip->check, ip->daddr, to->addr.ip.src);
	ip->daddr = to->addr.ip.src;
	if (hop)
		ip_decrease_ttl(ip);
}

static void outer_ip6(struct ipv6hdr *ip6, const struct klb_side *side,
		      const struct klb_side *to, bool hop)
{
	if (!ipv6_addr_equal(&side->addr.ip6.src.in6, &to->addr.ip6.dst.in6))
		ip6->saddr = to->addr.ip6.dst.in6;
	ip6->daddr = to->addr.ip6.src.in6;
	if (hop)
		ip6->hop_limit--;
}

static void inner_ip(struct iphdr *ip, const struct klb_side *to)
{
	csum_replace4(&ip->check, ip->saddr, to->addr.ip.src);
	ip->saddr = to->addr.ip.src;
	csum_replace4(&ip->check, ip->daddr, to->addr.ip.dst);
	ip->daddr = to->addr.ip.dst;
}

/* Of SCTP there is no checksum that could be right: it is over data that is
 * not there.
 */
static void inner_sum(u8 proto, u8 *l4, unsigned int len,
		      const struct klb_side *side)
{
	struct udphdr *uh = (void *)l4;
	struct tcphdr *th = (void *)l4;

	if (proto == IPPROTO_UDP && uh->check) {
		uh->check = klb_csum_apply(uh->check, side->l4_delta);
		if (!uh->check)
			uh->check = CSUM_MANGLED_0;
	} else if (proto == IPPROTO_TCP &&
		   len >= offsetofend(struct tcphdr, check)) {
		th->check = klb_csum_apply(th->check, side->l4_delta);
	}
}

static unsigned int changed_len(const struct message *m)
{
	return min_t(unsigned int, m->end, inner_at(m) + m->in.l4 +
		     offsetofend(struct tcphdr, check));
}

static void rewrite(const struct message *m, const struct klb_side *side,
		    const struct klb_side *to, bool hop)
{
	u8 *data = m->skb->data, *inner = data + inner_at(m);
	struct ipv6hdr *ip6 = (void *)inner;
	struct icmphdr *h = header(m);

	if (m->family == AF_INET) {
		outer_ip((void *)data, side, to, hop);
		inner_ip((void *)inner, to);
	} else {
		outer_ip6((void *)data, side, to, hop);
		ip6->saddr = to->addr.ip6.src.in6;
		ip6->daddr = to->addr.ip6.dst.in6;
	}
	*(u32 *)(inner + m->in.l4) = to->ports.both;
	inner_sum(m->in.t.proto, inner + m->in.l4,
		  changed_len(m) - inner_at(m) - m->in.l4, side);
	h->checksum = 0;
	h->checksum = sum(m);
	skb_clear_hash(m->skb);
}

static bool ends_here(const struct message *m)
{
	const void *data = m->skb->data;

	return m->family == AF_INET ?
	       ((const struct iphdr *)data)->ttl <= 1 :
	       ((const struct ipv6hdr *)data)->hop_limit <= 1;
}

/* Who has sent the packet in it is of the other family. What a process of this
 * host says so leaves the way that it was on.
 */
static enum klb_verdict cross(struct klb_net *kn, struct message *m,
			      struct klb_conn *conn,
			      const struct klb_side *side, u8 family)
{
	struct klb_route *rt = klb_route_of(kn, conn, m->family, side->dir);
	bool hop;
	int err;

	if (!rt)
		return drop(kn, m, KLB_REASON_NO_ROUTE);
	hop = m->hook == KLB_HOOK_INGRESS && !rt->local;
	if (hop && ends_here(m))
		return drop(kn, m, KLB_REASON_TTL);
	if (!pskb_may_pull(m->skb, changed_len(m)))
		return drop(kn, m, KLB_REASON_NO_MEMORY);
	/* racy, as whenever a size is compared */
	err = klb_xlat_icmp(m->skb, m->l4, inner_at(m) + m->in.l4, side,
			    klb_conn_side(conn, family, !side->dir),
			    READ_ONCE(rt->mtu), rt->headroom, hop);
	if (err)
		return drop(kn, m, err == -EPROTO ? KLB_REASON_FAMILY :
						    KLB_REASON_NO_MEMORY);
	return klb_send_on(kn, m->skb, m->hook, conn, side->dir, rt,
			   KLB_REASON_ICMP_ERROR);
}

/* Goes the way of the packets of @side, to who has sent the packet in it. */
static enum klb_verdict translate(struct klb_net *kn, struct message *m,
				  struct klb_conn *conn,
				  const struct klb_side *side)
{
	u8 dir = side->dir, family = klb_conn_dir_family(conn, !dir);
	bool here = m->hook == KLB_HOOK_EGRESS && dir == KLB_DIR_REPLY;
	struct klb_route *rt = NULL;
	bool hop;

	if (family != m->family)
		return cross(kn, m, conn, side, family);
	if (!here)
		rt = klb_route_of_path(kn, conn, m->family, dir);
	if (!here && !rt)
		return drop(kn, m, KLB_REASON_NO_ROUTE);
	hop = m->hook == KLB_HOOK_INGRESS && !rt->local;
	if (hop && ends_here(m))
		return drop(kn, m, KLB_REASON_TTL);
	if (skb_ensure_writable(m->skb, changed_len(m)))
		return drop(kn, m, KLB_REASON_NO_MEMORY);
	rewrite(m, side, klb_conn_side(conn, family, !dir), hop);
	return klb_send_on(kn, m->skb, m->hook, conn, dir, rt,
			   KLB_REASON_ICMP_ERROR);
}

/* No connection has sent the packet in it. One from a service's address can be
 * no other's; what goes to an endpoint may have gone past klb, and what goes
 * to a service has not come to it.
 */
static enum klb_verdict stray(struct klb_net *kn, const struct message *m,
			      const struct klb_tuple *reverse)
{
	if (klb_service_of(kn, reverse) &&
	    !klb_foreign(m->skb, m->hook, KLB_DIR_ORIG))
		return drop(kn, m, KLB_REASON_ICMP_STRAY);
	return bystander(kn, m);
}

/* An error about a packet that klb put a header of its own before: it tells the
 * path's @mtu. Its checksum, which is over all of it, is not asked of those
 * that are others' business.
 */
static const struct klb_route *of_tunnel(struct klb_net *kn,
					 const struct message *m, u32 *mtu,
					 u8 *proto)
{
	bool tells;

	*mtu = told_mtu(m, &tells);
	return tells && *mtu ?
	       klb_tunnel_quoted(kn, m->skb, inner_at(m), proto) : NULL;
}

/* This host is told as well. */
static enum klb_verdict tunnel_error(struct klb_net *kn,
				     const struct message *m,
				     const struct klb_route *rt, u32 mtu,
				     u8 proto)
{
	if (sum(m))
		return drop(kn, m, KLB_REASON_ICMP_INVALID);
	klb_tunnel_learn(kn, m->skb, inner_at(m), rt, proto, mtu);
	return klb_counted(kn, m->skb, KLB_REASON_TUNNEL_ERROR, KLB_PASS);
}

/* The connection of a side; of paths of SCTP that have the tuple in common the
 * one that packets would go by.
 */
static struct klb_conn *path_of(struct klb_side *side, u8 family)
{
	static const struct klb_sctp_look data = { .event = KLB_SCTP_OTHER };
	struct klb_conn *conn = klb_side_conn(side, family);

	return side->proto == IPPROTO_SCTP ?
	       klb_sctp_path(conn, side->dir, &data) : conn;
}

static enum klb_verdict error(struct klb_net *kn, struct message *m)
{
	struct klb_tuple reverse;
	const struct klb_route *rt;
	struct klb_side *side;
	u8 proto;
	u32 mtu;

	rt = of_tunnel(kn, m, &mtu, &proto);
	if (rt)
		return tunnel_error(kn, m, rt, mtu, proto);
	if (!klb_inner_parse(&m->in, m->family, m->skb->data + inner_at(m),
			     min_t(u32, m->end - inner_at(m), KLB_INNER_MAX)) ||
	    !concerns(kn, &m->in))
		return bystander(kn, m);
	if (!m->in.ports)
		return drop(kn, m, KLB_REASON_ICMP_INVALID);
	klb_tuple_reverse(&reverse, &m->in.t);
	side = klb_conn_lookup(kn, &reverse);
	if (!side)
		return stray(kn, m, &reverse);
	if (klb_foreign(m->skb, m->hook, side->dir))
		return bystander(kn, m);
	if (unwanted(m))
		return drop(kn, m, KLB_REASON_ICMP_UNWANTED);
	if (!sound(m))
		return drop(kn, m, KLB_REASON_ICMP_INVALID);
	return translate(kn, m, path_of(side, m->family), side);
}

static bool is_request(const struct message *m)
{
	return m->family == AF_INET ? m->type == ICMP_ECHO :
				      m->type == ICMPV6_ECHO_REQUEST;
}

/* A ping. What leaves by egress comes from this host, which has a klb device
 * for its own packets to services, or has been seen coming in.
 */
static enum klb_verdict request(struct klb_net *kn, const struct message *m)
{
	const struct ipv6hdr *ip6 = (const void *)m->skb->data;
	const struct iphdr *ip = (const void *)m->skb->data;
	union klb_addr dst = {};

	if (m->family == AF_INET)
		dst.ip = ip->daddr;
	else
		dst.in6 = ip6->daddr;
	if (m->hook == KLB_HOOK_EGRESS || !klb_echo_wants(kn, m->family, &dst) ||
	    klb_foreign(m->skb, m->hook, KLB_DIR_ORIG))
		return bystander(kn, m);
	return klb_echo(kn, m->skb, m->hook, m->family, m->l4, m->end);
}

/**
 * klb_icmp_in() - a packet of ICMP
 * @kn: namespace
 * @skb: data at its network header, no fragment
 * @hook: where it was met
 *
 * Return: what the hook is to do with it.
 */
enum klb_verdict klb_icmp_in(struct klb_net *kn, struct sk_buff *skb, u8 hook)
{
	struct message m = { .skb = skb, .hook = hook };

	if (!read(&m))
		return bystander(kn, &m);
	if (is_request(&m))
		return request(kn, &m);
	return is_error(&m) ? error(kn, &m) : bystander(kn, &m);
}
