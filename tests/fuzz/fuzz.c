// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "fuzz_kernel.h"

/* Head of an input: flags, length of the linear part. */
#define HEAD		3
#define FLAG_GSO	1
#define FLAG_IP6	2
#define FLAG_OTHER	4

unsigned long jiffies;

void fuzz_failed(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, cond);
	abort();
}

u32 fuzz_take(struct fuzz_input *in, u32 bytes)
{
	u32 x = 0;

	while (bytes--) {
		x <<= 8;
		if (in->size) {
			x |= *in->data++;
			in->size--;
		}
	}
	return x;
}

/* Memory */

static void *allocate(size_t n)
{
	void *p = malloc(n);

	fuzz_must(p || !n);
	return p;
}

struct sk_buff *alloc_skb(u32 size, int gfp)
{
	struct sk_buff *skb = calloc(1, sizeof(*skb));

	fuzz_must(skb);
	skb->head = allocate(size);
	skb->data = skb->head;
	skb->size = size;
	skb->mac_header = ~0;
	skb->truesize = sizeof(*skb) + size;
	return skb;
}

void kfree_skb(struct sk_buff *skb)
{
	if (!skb)
		return;
	free(skb->head);
	free(skb->frags);
	free(skb);
}

void kfree_skb_list(struct sk_buff *skb)
{
	struct sk_buff *next;

	skb_list_walk_safe(skb, skb, next)
		kfree_skb(skb);
}

/* Another block with other room, and the first @linear bytes in it. */
static void move(struct sk_buff *skb, u32 before, u32 linear, u32 behind)
{
	u32 had = skb_headlen(skb), kept = min(skb_headroom(skb), before);
	u32 shift = before - skb_headroom(skb);
	u32 size = before + linear + behind;
	u8 *head = allocate(size), *data = head + before, *frags;

	memcpy(data - kept, skb->data - kept, kept + min(had, linear));
	if (linear > had)
		memcpy(data + had, skb->frags, linear - had);
	skb->data_len = skb->len - linear;
	frags = allocate(skb->data_len);
	if (skb->data_len)
		memcpy(frags, skb->frags + (linear - had), skb->data_len);
	free(skb->head);
	free(skb->frags);
	skb->head = head;
	skb->data = data;
	skb->frags = frags;
	skb->size = size;
	if (skb_mac_header_was_set(skb))
		skb->mac_header += shift;
	skb->network_header += shift;
	skb->transport_header += shift;
	skb->csum_start += shift;
}

bool pskb_may_pull(struct sk_buff *skb, unsigned int len)
{
	if (len <= skb_headlen(skb))
		return true;
	if (len > skb->len)
		return false;
	move(skb, skb_headroom(skb), len, 0);
	return true;
}

int skb_linearize(struct sk_buff *skb)
{
	return !pskb_may_pull(skb, skb->len);
}

int pskb_expand_head(struct sk_buff *skb, u32 before, u32 behind, int gfp)
{
	move(skb, skb_headroom(skb) + before, skb_headlen(skb),
	     skb_tailroom(skb) + behind);
	skb->cloned = false;
	return 0;
}

int skb_cow(struct sk_buff *skb, u32 headroom)
{
	move(skb, max(headroom, skb_headroom(skb)), skb_headlen(skb),
	     skb_tailroom(skb));
	skb->cloned = false;
	return 0;
}

int pskb_trim_rcsum(struct sk_buff *skb, unsigned int len)
{
	u32 linear = skb_headlen(skb);

	if (len >= skb->len)
		return 0;
	if (len > linear) {
		skb->data_len = len - linear;
		skb->len = len;
		return 0;
	}
	skb->data_len = 0;
	skb->len = len;
	move(skb, skb_headroom(skb), len, 0);
	return 0;
}

void *skb_put(struct sk_buff *skb, u32 n)
{
	u8 *end = skb->data + skb->len;

	fuzz_must(n <= skb_tailroom(skb));
	skb->len += n;
	return end;
}

int skb_copy_bits(const struct sk_buff *skb, u32 at, void *to, u32 n)
{
	u32 linear = skb_headlen(skb), first = 0;

	if (at > skb->len || n > skb->len - at)
		return -EFAULT;
	if (at < linear) {
		first = min(n, linear - at);
		memcpy(to, skb->data + at, first);
	}
	if (n > first)
		memcpy((u8 *)to + first, skb->frags + (at + first - linear),
		       n - first);
	return 0;
}

void *skb_header_pointer(const struct sk_buff *skb, u32 at, u32 n, void *room)
{
	if (at <= skb_headlen(skb) && n <= skb_headlen(skb) - at)
		return skb->data + at;
	return skb_copy_bits(skb, at, room, n) ? NULL : room;
}

/* Sums */

u16 fuzz_sum(const void *p, size_t n, u32 sum)
{
	const u8 *b = p;

	for (; n > 1; n -= 2, b += 2)
		sum += get_unaligned((const u16 *)b);
	if (n)
		sum += htons(*b << 8);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16);
}

__wsum skb_checksum(const struct sk_buff *skb, u32 at, u32 n, __wsum sum)
{
	u8 *copy = allocate(n);

	fuzz_must(!skb_copy_bits(skb, at, copy, n));
	sum = fuzz_sum(copy, n, (u16)~csum_fold(sum));
	free(copy);
	return sum;
}

__sum16 csum_ipv6_magic(const void *src, const void *dst, u32 len, u8 proto,
			__wsum sum)
{
	sum = fuzz_sum(src, 16, (u16)~csum_fold(sum));
	sum = fuzz_sum(dst, 16, sum);
	len = htonl(len);
	sum = fuzz_sum(&len, 4, sum);
	return ~fuzz_sum(NULL, 0, sum + htons(proto));
}

int skb_checksum_help(struct sk_buff *skb)
{
	u32 start = skb->csum_start - skb_headroom(skb);
	__sum16 sum, *at;

	fuzz_must(!skb_is_gso(skb)); /* the kernel complains */
	fuzz_must(start + skb->csum_offset + 2 <= skb_headlen(skb));
	sum = csum_fold(skb_checksum(skb, start, skb->len - start, 0)) ?:
	      CSUM_MANGLED_0;
	at = (void *)skb->data + start + skb->csum_offset;
	memcpy(at, &sum, sizeof(sum));
	skb->ip_summed = CHECKSUM_NONE;
	return 0;
}

/* The kernel's goes on to where a destination header may stand behind a routing
 * header; this one stops at what is in no fragment but the first.
 */
int ip6_find_1stfragopt(struct sk_buff *skb, u8 **names)
{
	struct ipv6hdr *ip6 = (void *)skb->data;
	u32 at = sizeof(*ip6);

	*names = &ip6->nexthdr;
	while (**names == NEXTHDR_HOP || **names == NEXTHDR_ROUTING) {
		if (at + 8 > skb_headlen(skb))
			return -EINVAL;
		*names = skb->data + at;
		at += (skb->data[at + 1] + 1) * 8;
	}
	return at;
}

/* Inputs */

struct sk_buff *fuzz_skb(const u8 *data, size_t size)
{
	struct sk_buff *skb;
	u32 linear;

	if (size < HEAD)
		return NULL;
	linear = data[1] | data[2] << 8;
	size -= HEAD;
	if (linear > size)
		linear = size;
	skb = alloc_skb(linear, GFP_ATOMIC);
	skb->shared.gso_size = data[0] & FLAG_GSO ? 1400 : 0;
	skb->protocol = htons(data[0] & FLAG_OTHER ? ETH_P_ARP :
			      data[0] & FLAG_IP6 ? ETH_P_IPV6 : ETH_P_IP);
	data += HEAD;
	skb->len = size;
	skb->data_len = size - linear;
	skb->frags = allocate(skb->data_len);
	if (linear)
		memcpy(skb->data, data, linear);
	if (skb->data_len)
		memcpy(skb->frags, data + linear, skb->data_len);
	return skb;
}
