// SPDX-License-Identifier: GPL-2.0
/* Fragments. Those that may be klb's business wait until their datagram is
 * whole; that goes the way of all packets, and leaves in fragments again. The
 * first fragment says whether it is our business: if not, the others pass as
 * they come.
 */
#include "frag.h"

#include <linux/klb_reason.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/inet_frag.h>
#include <net/ip.h>

#include "datapath.h"
#include "echo.h"
#include "establish.h"
#include "forward.h"
#include "frag_table.h"
#include "guard.h"
#include "netns.h"
#include "run_sctp.h"
#include "split.h"
#include "translate.h"

/* A link layer header longer than this is none that klb sends again. */
#define LINK_HEADER_MAX	32

/* The fragment that klb gives back to the stack just now on this CPU. */
static DEFINE_PER_CPU(struct sk_buff *, returned);

enum whose {
	UNKNOWN,
	OURS,
	BYSTANDER,
	NOBODY,		/* no packet that a host would send */
};

struct fragment {
	struct sk_buff *skb;
	u8 hook;
	struct klb_frag_head h;
	struct klb_frag_key key;
};

/* Giving back */

/* @link: its link layer header */
static void give_back(struct sk_buff *skb, u8 hook, const u8 *link, u32 len)
{
	struct sk_buff *outer;

	memcpy(skb_push(skb, len), link, len);
	skb_reset_mac_header(skb);
	if (hook == KLB_HOOK_EGRESS) {
		outer = __this_cpu_read(klb_sending);
		__this_cpu_write(klb_sending, skb);
		dev_queue_xmit(skb);
		__this_cpu_write(klb_sending, outer);
		return;
	}
	__skb_pull(skb, len);
	outer = __this_cpu_read(returned);
	__this_cpu_write(returned, skb);
	/* at once, whatever RPS says: the mark is good only until then */
	netif_receive_skb_core(skb);
	__this_cpu_write(returned, outer);
}

/* The link layer header before the network header. False: there is none that
 * can be kept.
 */
static bool link_header(const struct sk_buff *skb, u8 *link, u32 *len)
{
	const u8 *mac;

	if (!skb_mac_header_was_set(skb))
		return false;
	mac = skb_mac_header(skb);
	if (mac > skb->data || skb->data - mac > LINK_HEADER_MAX)
		return false;
	*len = skb->data - mac;
	memcpy(link, mac, *len);
	return true;
}

/* Fragments that have waited for nothing: on as if they had come just now. */
static void release(struct klb_net *kn, struct sk_buff *list, u8 hook)
{
	struct sk_buff *skb, *next;
	u8 link[LINK_HEADER_MAX];
	u32 len;

	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		skb->dev = dev_get_by_index_rcu(kn->net,
						klb_frag_cb(skb)->ifindex);
		if (!skb->dev || hook == KLB_HOOK_DEV ||
		    !link_header(skb, link, &len)) {
			klb_count(kn->stats, skb, KLB_REASON_FRAG_LOST);
			kfree_skb(skb);
			continue;
		}
		klb_count(kn->stats, skb, KLB_REASON_BYSTANDER);
		give_back(skb, hook, link, len);
	}
}

/* The same with a whole datagram. Consumes it. */
static void give_back_whole(struct sk_buff *skb, u8 hook)
{
	struct klb_whole w = *this_cpu_ptr(&klb_whole);
	struct sk_buff *frag = NULL, *next, *list;
	u8 link[LINK_HEADER_MAX];
	u32 len;

	if (link_header(skb, link, &len))
		frag = klb_split(skb, w.max, w.id, w.df);
	__this_cpu_write(klb_whole.skb, NULL);
	consume_skb(skb);
	skb_list_walk_safe(frag, list, next) {
		skb_mark_not_on_list(list);
		give_back(list, hook, link, len);
	}
}

/* Whole */

static struct sk_buff *part(struct sk_buff *skb)
{
	__skb_pull(skb, klb_frag_cb(skb)->hlen);
	skb->ip_summed = CHECKSUM_NONE;
	return skb;
}

/* The fragment header goes, what is before it moves up to the payload. */
static void drop_frag_hdr(struct sk_buff *head)
{
	const struct klb_frag_cb *cb = klb_frag_cb(head);
	u32 before = cb->hlen - sizeof(struct frag_hdr);
	u8 *from = head->data;

	head->data[cb->names] = head->data[before];
	if (skb_mac_header_was_set(head) && skb_mac_header(head) < from) {
		before += from - skb_mac_header(head);
		from = skb_mac_header(head);
		head->mac_header += sizeof(struct frag_hdr);
	}
	memmove(from + sizeof(struct frag_hdr), from, before);
	__skb_pull(head, sizeof(struct frag_hdr));
	skb_reset_network_header(head);
}

static bool finish_head(struct klb_datagram *d, struct sk_buff *head)
{
	u8 ecn = ip_frag_ecn_table[d->ecn];
	struct ipv6hdr *ip6;
	struct iphdr *ip;

	/* each fragment was within bounds with its own header, which the
	 * first may have a longer one of
	 */
	if (ecn == 0xff ||
	    head->len > IP_MAX_MTU + (d->key.family == AF_INET6 ?
				      sizeof(*ip6) : 0))
		return false;
	if (d->key.family == AF_INET) {
		ip = (void *)head->data;
		ip->tos |= ecn;
		ip->tot_len = htons(head->len);
		ip->frag_off = d->max_df == d->max ? htons(IP_DF) : 0;
		ip_send_check(ip);
	} else {
		ip6 = (void *)head->data;
		*(__be32 *)ip6 |= htonl((u32)ecn << 20);
		ip6->payload_len = htons(head->len - sizeof(*ip6));
	}
	return true;
}

/* Fragments that there is no memory for. */
static void lose(struct klb_net *kn, struct sk_buff *list)
{
	const struct sk_buff *p;

	for (p = list; p; p = p->next)
		klb_count(kn->stats, p, KLB_REASON_NO_MEMORY);
	kfree_skb_list(list);
}

/* The fragment in hand becomes the first, since it is what the hook goes on
 * with; another takes its place.
 */
static struct sk_buff *change_places(struct klb_net *kn, struct sk_buff *skb,
				     struct sk_buff *list)
{
	struct sk_buff *copy, *p, *rest = list->next;

	if (list == skb)
		return rest;
	copy = skb_clone(skb, GFP_ATOMIC);
	for (p = list; p->next != skb; p = p->next)
		;
	p->next = skb->next;
	if (copy) {
		copy->next = skb->next;
		p->next = copy;
	}
	rest = list->next;
	skb_mark_not_on_list(skb);
	if (!copy) {
		lose(kn, list);
		return ERR_PTR(-ENOMEM);
	}
	skb_morph(skb, list);
	skb_mark_not_on_list(list);
	consume_skb(list);
	return rest;
}

/* Makes @skb, which is one of its fragments, the whole datagram. False: @skb is
 * as good as it can be freed, and all others are gone.
 */
static bool join(struct klb_net *kn, struct klb_datagram *d,
		 struct sk_buff *skb, struct net_device *dev)
{
	struct sk_buff *rest, *p;

	rest = change_places(kn, skb, klb_frag_unlink_all(d));
	skb->dev = dev;
	if (IS_ERR(rest))
		return false;
	skb_mark_not_on_list(skb);
	if (skb_unclone(skb, GFP_ATOMIC)) {
		lose(kn, rest);
		return false;
	}
	if (d->key.family == AF_INET6)
		drop_frag_hdr(skb);
	for (p = rest; p; p = p->next) {
		klb_count(kn->stats, p, KLB_REASON_FRAGMENT);
		part(p);
		skb->len += p->len;
		skb->data_len += p->len;
		skb->truesize += p->truesize;
	}
	skb_shinfo(skb)->frag_list = rest;
	skb->ip_summed = CHECKSUM_NONE;
	skb_clear_hash(skb);
	return finish_head(d, skb);
}

static bool for_this_host(struct klb_net *kn, const struct sk_buff *skb)
{
	const struct ipv6hdr *ip6 = (const void *)skb->data;
	const struct iphdr *ip = (const void *)skb->data;

	if (skb->protocol == htons(ETH_P_IPV6))
		return klb_local_address(kn->net, AF_INET6,
					 (const void *)&ip6->daddr);
	return klb_local_address(kn->net, AF_INET, (const void *)&ip->daddr);
}

/* With the datagram through klb. What comes out unsent goes on in fragments if
 * it leaves this host.
 */
static enum klb_verdict run(struct klb_net *kn, struct sk_buff *skb, u8 hook,
			    const struct klb_datagram *d)
{
	struct klb_whole *w = this_cpu_ptr(&klb_whole), outer = *w;
	enum klb_verdict verdict;

	*w = (struct klb_whole){ .skb = skb, .max = d->max,
				 .id = (__force __be32)d->key.id,
				 .df = d->max_df == d->max };
	verdict = klb_run(kn, skb, hook);
	if (verdict == KLB_PASS &&
	    (hook == KLB_HOOK_EGRESS ||
	     (hook == KLB_HOOK_INGRESS && !skb_dst(skb) &&
	      !for_this_host(kn, skb)))) {
		w->skb = skb; /* a packet within this one may have ended it */
		give_back_whole(skb, hook);
		verdict = KLB_TAKEN;
	} else if (hook == KLB_HOOK_EGRESS) {
		if (verdict == KLB_DROP ||
		    (verdict == KLB_TAKEN && KLB_EGRESS_COPIES))
			kfree_skb(skb);
		verdict = KLB_TAKEN;
	}
	*w = outer;
	return verdict;
}

/* All of a datagram that @skb was the last of. @cb: what stood in its control
 * block, which is tc's.
 */
static enum klb_verdict whole(struct klb_net *kn, struct klb_datagram *d,
			      struct sk_buff *skb, u8 hook,
			      struct net_device *dev, const u8 *cb)
{
	enum klb_verdict verdict;

	if (join(kn, d, skb, dev)) {
		memcpy(skb->cb, cb, sizeof(skb->cb));
		verdict = run(kn, skb, hook, d);
	} else {
		verdict = klb_drop(kn, skb, KLB_REASON_FRAG_INVALID);
		if (hook == KLB_HOOK_EGRESS) {
			kfree_skb(skb);
			verdict = KLB_TAKEN;
		}
	}
	kfree(d);
	return verdict;
}

/* One */

static bool known(const struct klb_net *kn, u8 family,
		  const union klb_addr *addr)
{
	return klb_sieve_has(rcu_dereference(kn->sieve),
			     klb_sieve_fold(family, addr), 0);
}

/* Whether it may be any of klb's business: its ports are not known. */
static bool concerns(struct klb_net *kn, const struct klb_frag_head *h)
{
	switch (h->proto) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_SCTP:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
	case IPPROTO_DSTOPTS:
		break;
	default:
		return false;
	}
	if (h->proto == IPPROTO_SCTP && READ_ONCE(kn->wide) & KLB_WIDE_SCTP)
		return true;
	return known(kn, h->family, &h->dst) || known(kn, h->family, &h->src) ||
	       klb_guarded(kn, h->family, &h->dst) ||
	       (READ_ONCE(kn->wide) & KLB_WIDE_ANY &&
		klb_own_address(kn->net, h->family, &h->dst));
}

/* Whether a datagram that begins with @pkt is, and which way it goes. What is
 * guarded is: it will be refused as a whole.
 */
static bool ours(struct klb_net *kn, const struct klb_pkt *pkt, u8 *dir)
{
	const struct klb_side *side = klb_conn_lookup(kn, &pkt->t);
	bool sctp = pkt->t.proto == IPPROTO_SCTP;

	if (side) {
		*dir = side->dir;
		return true;
	}
	if (sctp && klb_sctp_whose(kn, pkt, dir))
		return true;
	*dir = KLB_DIR_ORIG;
	if (klb_service_lookup(kn, &pkt->t, pkt->t.family) ||
	    klb_guarded(kn, pkt->t.family, &pkt->t.dst))
		return true;
	*dir = KLB_DIR_REPLY;
	return !sctp && klb_overflowed(kn) && klb_endpoints_at(kn, &pkt->t);
}

/* Asked of a first fragment, which has the ports. */
static enum whose whose(struct klb_net *kn, const struct fragment *f)
{
	struct klb_pkt pkt = { .skb = f->skb, .hook = f->hook };
	u8 dir;

	if (!klb_parse(&pkt)) {
		if (pkt.t.proto != IPPROTO_ICMP &&
		    pkt.t.proto != IPPROTO_ICMPV6)
			return NOBODY;
		return f->hook != KLB_HOOK_EGRESS &&
		       klb_echo_wants(kn, f->h.family, &f->h.dst) &&
		       !klb_foreign(f->skb, f->hook, KLB_DIR_ORIG) ?
		       OURS : BYSTANDER;
	}
	return ours(kn, &pkt, &dir) && !klb_foreign(f->skb, f->hook, dir) ?
	       OURS : BYSTANDER;
}

static enum klb_frag_kind read(struct fragment *f)
{
	u8 family = f->skb->protocol == htons(ETH_P_IPV6) ? AF_INET6 : AF_INET;
	u32 len = min_t(u32, f->skb->len, KLB_FRAG_HEAD_MAX);
	const struct iphdr *ip;
	enum klb_frag_kind kind;

	if (!pskb_may_pull(f->skb, len))
		return KLB_FRAG_NONE;
	kind = klb_frag_head_read(&f->h, family, f->skb->data, len,
				  f->skb->len);
	ip = (const void *)f->skb->data;
	if (kind == KLB_FRAG_GOOD && family == AF_INET &&
	    ip_fast_csum(ip, ip->ihl))
		return KLB_FRAG_BAD;
	return kind;
}

/* A frame that was not for this host may be seen again on another device. */
static void set_key(struct fragment *f)
{
	f->key = (struct klb_frag_key){
		.src = f->h.src, .dst = f->h.dst, .id = f->h.id,
		.family = f->h.family, .hook = f->hook,
	};
	if (f->h.family == AF_INET)
		f->key.proto = f->h.proto;
	if (f->hook != KLB_HOOK_INGRESS || f->skb->pkt_type != PACKET_HOST)
		f->key.ifindex = f->skb->dev->ifindex;
}

/* What tc has at egress it frees, on kernels where klb sends copies. */
static struct sk_buff *take(struct sk_buff *skb, u8 hook)
{
	if (skb_shared(skb))
		return NULL;
	return klb_forward_take(skb, hook);
}

/* All that is in it is payload and header, and it stands for itself. */
static bool trim(struct sk_buff *skb, u32 len)
{
	if (skb->len > len && pskb_trim(skb, len))
		return false;
	if (skb_has_frag_list(skb) && skb_linearize(skb))
		return false;
	/* it may wait, and who sent it wants its pages back */
	if (skb_orphan_frags_rx(skb, GFP_ATOMIC))
		return false;
	skb_gso_reset(skb);
	skb_orphan(skb);
	skb_dst_force(skb);
	return true;
}

static enum klb_verdict keep(struct klb_net *kn, struct fragment *f)
{
	struct sk_buff *skb = take(f->skb, f->hook);
	struct klb_datagram *d = NULL;
	enum klb_frag_fate fate = KLB_FRAG_NO_ROOM;
	struct net_device *dev = f->skb->dev;
	u8 cb[sizeof(skb->cb)];

	if (!skb)
		return klb_drop(kn, f->skb, KLB_REASON_NO_MEMORY);
	memcpy(cb, skb->cb, sizeof(cb));
	if (trim(skb, f->h.len))
		fate = klb_frag_keep(kn, &f->key, &f->h, skb, &d);
	if (fate == KLB_FRAG_KEPT)
		return KLB_TAKEN; /* counted when its fate is known */
	if (fate == KLB_FRAG_WHOLE)
		return whole(kn, d, skb, f->hook, dev, cb);
	if (skb != f->skb)
		kfree_skb(skb);
	if (fate == KLB_FRAG_PASS)
		return klb_bystander(kn, f->skb, f->hook);
	return klb_drop(kn, f->skb, fate == KLB_FRAG_INVALID ?
			KLB_REASON_FRAG_INVALID : KLB_REASON_NO_MEMORY);
}

/**
 * klb_frag_in() - a fragment
 * @kn: namespace
 * @skb: data at its network header
 * @hook: where it was met
 *
 * Return: what the hook is to do with it.
 */
enum klb_verdict klb_frag_in(struct klb_net *kn, struct sk_buff *skb, u8 hook)
{
	struct fragment f = { .skb = skb, .hook = hook };
	enum whose owner = UNKNOWN;
	enum klb_frag_kind kind;
	struct sk_buff *waited;

	if (__this_cpu_read(returned) == skb)
		return KLB_PASS; /* counted */
	kind = read(&f);
	if (kind == KLB_FRAG_NONE || !concerns(kn, &f.h) ||
	    klb_foreign(skb, hook, KLB_DIR_REPLY))
		return klb_bystander(kn, skb, hook);
	set_key(&f);
	if (kind == KLB_FRAG_GOOD && !f.h.from)
		owner = whose(kn, &f);
	if (kind == KLB_FRAG_BAD || owner == NOBODY)
		return klb_drop(kn, skb, KLB_REASON_FRAG_INVALID);
	if (klb_frag_passes(kn, &f.key, &f.h, owner == BYSTANDER, &waited)) {
		release(kn, waited, hook);
		return klb_bystander(kn, skb, hook);
	}
	return keep(kn, &f);
}
