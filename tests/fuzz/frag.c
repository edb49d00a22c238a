// SPDX-License-Identifier: GPL-2.0
/* Fragments: what klb_frag_head_read() lets through is consistent, pieces that
 * klb_split() makes are the packet, and the table of fragments never makes
 * anything whole that has a gap or an overlap, nor loses count of what it has.
 *
 * The first byte of an input says which of the three the rest is for.
 */
#include "fuzz_klb.h"
#include "frag_head.h"
#include "frag_table.h"
#include "split.h"

/* Of an IPv6 packet whose headers are followed to their end for sure. */
#define CHAIN_MAX	(40 + 8 * 8)

static struct klb_stats stats;
static struct klb_net kn = { .stats = &stats };

/* Headers */

static void expect_good(const struct klb_frag_head *h, const u8 *p, u32 linear,
			u32 len)
{
	u32 before = h->family == AF_INET ? h->hlen : h->hlen - 8 - 40;

	fuzz_must(h->hlen <= linear && h->len <= len);
	fuzz_must(h->from < h->to && h->hlen + h->to - h->from == h->len);
	fuzz_must(!(h->from & 7) && (!h->more || !(h->to & 7)));
	fuzz_must(h->from || h->more);
	fuzz_must(before + h->to <= 65535);
	fuzz_must((h->from ?: h->to) >= klb_frag_least(h->proto));
	fuzz_must(h->ecn < 4);
	if (h->family == AF_INET) {
		fuzz_must(h->hlen >= 20 && h->hlen <= 60);
		return;
	}
	fuzz_must(h->hlen >= 48 && h->names < h->hlen - 8);
	fuzz_must(p[h->names] == NEXTHDR_FRAGMENT);
	fuzz_must(p[h->hlen - 8] == h->proto);
}

static enum klb_frag_kind read_head(struct klb_frag_head *h, u8 family,
				    const u8 *data, u32 size, u32 len)
{
	u32 linear = min_t(u32, size, KLB_FRAG_HEAD_MAX);
	enum klb_frag_kind kind;
	u8 *p = malloc(linear);

	memcpy(p, data, linear);
	kind = klb_frag_head_read(h, family, p, linear, len);
	if (kind == KLB_FRAG_GOOD)
		expect_good(h, p, linear, len);
	free(p);
	return kind;
}

static void head(struct fuzz_input *in)
{
	u8 family = fuzz_take(in, 1) & 1 ? AF_INET6 : AF_INET;
	u32 more = fuzz_take(in, 2);
	struct klb_frag_head h;

	read_head(&h, family, in->data, in->size, in->size + more);
}

/* Pieces */

/* One of @skb; where the next one begins. */
static u32 expect_piece(const struct sk_buff *skb, const struct sk_buff *p,
			u32 at, u32 hlen, u32 max)
{
	bool ip6 = skb->protocol == htons(ETH_P_IPV6);
	u32 head = hlen + (ip6 ? 8 : 0), n = p->len - head;
	struct klb_frag_head h;
	enum klb_frag_kind kind;
	u8 *was = malloc(n);

	fuzz_must(p->len <= max && p->len > head && !p->data_len);
	fuzz_must(!skb_copy_bits(skb, hlen + at, was, n));
	fuzz_must(!memcmp(p->data + head, was, n));
	free(was);
	kind = read_head(&h, ip6 ? AF_INET6 : AF_INET, p->data, p->len, p->len);
	if (!at && !p->next) {
		fuzz_must(kind == KLB_FRAG_NONE);
		return n;
	}
	if (hlen > CHAIN_MAX)
		return at + n;
	fuzz_must(h.hlen == head && h.len == p->len && h.more == !!p->next);
	fuzz_must(kind == KLB_FRAG_GOOD || max - head < 32 ||
		  (at ?: n) < klb_frag_least(h.proto));
	if (kind == KLB_FRAG_GOOD)
		fuzz_must(h.from == at && h.to == at + n);
	if (!ip6)
		fuzz_must(fuzz_sum(p->data, hlen, 0) == 0xffff);
	return at + n;
}

static void pieces(struct fuzz_input *in)
{
	u32 max = fuzz_take(in, 2), at = 0, hlen, len;
	bool df = fuzz_take(in, 1) & 1;
	struct sk_buff *skb = fuzz_skb(in->data, in->size), *list, *p, *next;
	u8 *names;

	if (!skb)
		return;
	hlen = skb_headlen(skb) ? (skb->data[0] & 15) * 4 : 0;
	len = skb->len;
	/* whoever calls has parsed it */
	if (skb_headlen(skb) < 40 || hlen < 20 || len <= hlen ||
	    len > IP_MAX_MTU || skb->protocol == htons(ETH_P_ARP))
		goto out;
	if (skb->protocol == htons(ETH_P_IP)) {
		skb->data[0] |= 0x40;
		skb->data[0] &= 0x4f;
	} else {
		hlen = ip6_find_1stfragopt(skb, &names);
		skb->data[0] = 0x60;
	}
	list = klb_split(skb, max, htonl(0x12345678), df);
	fuzz_must(!list || (hlen < len && max >= hlen + 8));
	skb_list_walk_safe(list, p, next)
		at = expect_piece(skb, p, at, hlen, max);
	fuzz_must(!list || hlen + at == len);
	kfree_skb_list(list);
out:
	kfree_skb(skb);
}

/* The table */

/* What it counts is what it has. */
static void expect_counts(const struct klb_frags *f)
{
	const struct list_head *l;
	u32 n = 0, bytes = 0;

	for (l = f->age.next; l != &f->age; l = l->next) {
		struct klb_datagram *d = container_of(l, struct klb_datagram,
						      age);

		n++;
		bytes += sizeof(*d) + d->bytes;
		fuzz_must(d->state == KLB_FRAG_WAITS || !rb_first(&d->frags));
	}
	fuzz_must(f->n == n && f->bytes == bytes);
	fuzz_must(f->n <= KLB_FRAG_DATAGRAMS && !f->lock.held);
}

/* In order; without a gap if @whole. Frees them. */
static void expect_list(struct sk_buff *list, bool whole, u32 len)
{
	struct sk_buff *p, *next;
	u32 end = 0;

	skb_list_walk_safe(list, p, next) {
		const struct klb_frag_cb *cb = klb_frag_cb(p);

		fuzz_must(cb->from < cb->to);
		fuzz_must(whole ? cb->from == end : cb->from >= end);
		end = cb->to;
		kfree_skb(p);
	}
	if (whole)
		fuzz_must(end == len);
}

static void expect_whole(struct klb_datagram *d, const struct sk_buff *skb)
{
	struct sk_buff *list, *p;
	bool there = false;
	u32 n = d->n;

	fuzz_must(d->got == d->len);
	list = klb_frag_unlink_all(d);
	for (p = list; p; p = p->next, n--)
		there |= p == skb;
	fuzz_must(there && !n);
	expect_list(list, true, d->len);
	kfree(d);
}

static void set_head(struct fuzz_input *in, struct klb_frag_head *h,
		     struct klb_frag_key *key)
{
	u8 what = fuzz_take(in, 1);

	h->from = (fuzz_take(in, 1) & 31) * 8;
	h->to = h->from + 8 + (fuzz_take(in, 1) & 15) * 8;
	h->more = what & 1;
	if (!h->more)
		h->to -= what >> 5;
	h->df = what & 2;
	h->ecn = what >> 2 & 3;
	h->len = 20 + h->to - h->from;
	key->id = what >> 4 & 1;
	key->family = AF_INET;
}

static void keep(struct fuzz_input *in, const struct klb_frag_head *h,
		 const struct klb_frag_key *key)
{
	static struct net_device dev = { .ifindex = 7 };
	struct sk_buff *skb = alloc_skb(0, GFP_ATOMIC), *waited;
	u32 size = fuzz_take(in, 1);
	bool bystander = size & 128 && !h->from;
	struct klb_datagram *d;

	/* so that there is not room for all */
	skb->truesize = (size & 127) << 14;
	skb->dev = &dev;
	if (klb_frag_passes(&kn, key, h, bystander, &waited)) {
		expect_list(waited, false, 0);
		kfree_skb(skb);
		return;
	}
	fuzz_must(!waited);
	switch (klb_frag_keep(&kn, key, h, skb, &d)) {
	case KLB_FRAG_KEPT:
		break;
	case KLB_FRAG_WHOLE:
		expect_whole(d, skb);
		break;
	default:
		kfree_skb(skb);
	}
}

static void table(struct fuzz_input *in)
{
	struct klb_frags *f = &kn.frags;

	klb_frags_init(&kn);
	jiffies = 0;
	while (in->size) {
		struct klb_frag_head h = { .family = AF_INET };
		struct klb_frag_key key = {};

		set_head(in, &h, &key);
		keep(in, &h, &key);
		expect_counts(f);
		if (h.ecn == 3 && h.df) {
			jiffies += HZ;
			f->work.work.fn(&f->work.work);
			expect_counts(f);
		}
	}
	klb_frags_exit(&kn);
	fuzz_must(!f->n && !f->bytes && f->age.next == &f->age);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_input in = { .data = data, .size = size };

	switch (fuzz_take(&in, 1) % 3) {
	case 0:
		head(&in);
		break;
	case 1:
		pieces(&in);
		break;
	default:
		table(&in);
	}
	return 0;
}
