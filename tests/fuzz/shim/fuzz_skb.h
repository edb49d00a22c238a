/* SPDX-License-Identifier: GPL-2.0 */
/* Packets, and sums over them. */
#ifndef FUZZ_SKB_H
#define FUZZ_SKB_H

#define CHECKSUM_NONE		0
#define CHECKSUM_UNNECESSARY	1
#define CHECKSUM_COMPLETE	2
#define CHECKSUM_PARTIAL	3
#define CSUM_MANGLED_0		((__sum16)0xffff)

#define SKB_GSO_TCPV4		1
#define SKB_GSO_DODGY		2
#define SKB_GSO_TCP_ECN		4
#define SKB_GSO_TCP_FIXEDID	8
#define SKB_GSO_TCPV6		16
#define SKB_GSO_UDP_L4		32

#define LL_MAX_HEADER		32

struct net;
struct net_device { int ifindex; };

struct skb_shared_info {
	u16 gso_size;	/* 0: it is no super-packet */
	u16 gso_segs;
	u32 gso_type;
};

/* A packet: a linear part in a memory block of just its size and of the room
 * that was asked for, so that the sanitizer sees every byte too far, and the
 * rest. Whatever may move the linear part does, so that it sees pointers that
 * were kept, too.
 */
struct sk_buff {
	union {
		struct {
			struct sk_buff *next, *prev;
			struct net_device *dev;
		};
		struct rb_node rbnode;
	};
	u8 *head, *data;
	u32 size;		/* bytes at head */
	u32 len;
	u32 data_len;		/* of it not linear */
	u8 *frags;		/* [data_len] */
	u32 truesize;
	struct skb_shared_info shared;
	__be16 protocol;
	u16 mac_header, network_header, transport_header;
	u16 csum_start, csum_offset;
	__wsum csum;
	u32 priority, mark;
	int skb_iif;
	u8 pkt_type;
	u8 ip_summed;
	bool csum_valid, encapsulation, cloned;
	char cb[48];
};

static inline struct skb_shared_info *skb_shinfo(const struct sk_buff *skb)
{
	return (struct skb_shared_info *)&skb->shared;
}

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline unsigned int skb_headroom(const struct sk_buff *skb)
{
	return skb->data - skb->head;
}

static inline unsigned int skb_tailroom(const struct sk_buff *skb)
{
	return skb->data_len ? 0 : skb->size - skb_headroom(skb) - skb->len;
}

static inline bool skb_is_gso(const struct sk_buff *skb)
{
	return skb->shared.gso_size;
}

static inline bool skb_cloned(const struct sk_buff *skb)
{
	return skb->cloned;
}

#define skb_clone_writable(skb, len)	false
#define skb_clear_hash(skb)		((void)(skb))
#define nf_reset_ct(skb)		((void)(skb))
#define rb_to_skb(n)	container_of(n, struct sk_buff, rbnode)

struct sk_buff *alloc_skb(u32 size, int gfp);
void kfree_skb(struct sk_buff *skb);
void kfree_skb_list(struct sk_buff *skb);
bool pskb_may_pull(struct sk_buff *skb, unsigned int len);
int pskb_trim_rcsum(struct sk_buff *skb, unsigned int len);
#define pskb_trim(skb, len)	pskb_trim_rcsum(skb, len)
int pskb_expand_head(struct sk_buff *skb, u32 before, u32 behind, int gfp);
int skb_cow(struct sk_buff *skb, u32 headroom);
int skb_linearize(struct sk_buff *skb);
void *skb_put(struct sk_buff *skb, u32 n);
int skb_copy_bits(const struct sk_buff *skb, u32 at, void *to, u32 n);
void *skb_header_pointer(const struct sk_buff *skb, u32 at, u32 n, void *room);
int skb_checksum_help(struct sk_buff *skb);

static inline void skb_reserve(struct sk_buff *skb, u32 n)
{
	fuzz_must(n <= skb->size && !skb->len);
	skb->data += n;
}

static inline void *__skb_pull(struct sk_buff *skb, u32 n)
{
	fuzz_must(n <= skb_headlen(skb));
	skb->len -= n;
	return skb->data += n;
}

static inline void *__skb_push(struct sk_buff *skb, u32 n)
{
	fuzz_must(n <= skb_headroom(skb));
	skb->len += n;
	return skb->data -= n;
}

/* moves nothing, if all is linear */
static inline void __skb_trim(struct sk_buff *skb, u32 len)
{
	fuzz_must(!skb->data_len && len <= skb->len);
	skb->len = len;
}

static inline void skb_mark_not_on_list(struct sk_buff *skb)
{
	skb->next = NULL;
}

#define skb_list_walk_safe(first, skb, next_skb)			\
	for (skb = (first), next_skb = skb ? skb->next : NULL; skb;	\
	     skb = next_skb, next_skb = skb ? skb->next : NULL)

#define skb_mac_header_was_set(skb)	((skb)->mac_header != (u16)~0)
#define skb_mac_offset(skb)						\
	((int)(skb)->mac_header - (int)skb_headroom(skb))
#define skb_network_offset(skb)						\
	((int)(skb)->network_header - (int)skb_headroom(skb))
#define skb_set_mac_header(skb, at)					\
	((skb)->mac_header = skb_headroom(skb) + (at))
#define skb_reset_network_header(skb)					\
	((skb)->network_header = skb_headroom(skb))
#define skb_set_transport_header(skb, at)				\
	((skb)->transport_header = skb_headroom(skb) + (at))
#define skb_checksum_start(skb)	((skb)->head + (skb)->csum_start)
#define eth_hdr(skb)	((struct ethhdr *)((skb)->head + (skb)->mac_header))

/* Sums. A __wsum is kept folded here. */

u16 fuzz_sum(const void *p, size_t n, u32 sum);
__wsum skb_checksum(const struct sk_buff *skb, u32 at, u32 n, __wsum sum);
__sum16 csum_ipv6_magic(const void *src, const void *dst, u32 len, u8 proto,
			__wsum sum);

static inline __sum16 csum_fold(__wsum sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return ~(sum + (sum >> 16));
}

static inline __wsum csum_sub(__wsum a, __wsum b)
{
	u64 sum = (u64)a + (u32)~b;

	return sum + (sum >> 32);
}

static inline void csum_replace2(__sum16 *sum, __be16 old, __be16 new)
{
	*sum = csum_fold((u16)~*sum + (u16)~old + (u32)new);
}

static inline void ip_send_check(struct iphdr *ip)
{
	ip->check = 0;
	ip->check = ~fuzz_sum(ip, ip->ihl * 4, 0);
}

#define __ip_select_ident(net, ip, segs)	((ip)->id = htons(segs))
int ip6_find_1stfragopt(struct sk_buff *skb, u8 **names);

/* fuzz.c: a packet out of what libFuzzer gives, NULL if it is too short for
 * the head that says how it lies in memory.
 */
struct sk_buff *fuzz_skb(const u8 *data, size_t size);
#define fuzz_skb_free(skb)	kfree_skb(skb)

/* What makes an input: read from its front, zeros when it is at its end. */
struct fuzz_input {
	const u8 *data;
	size_t size;
};

u32 fuzz_take(struct fuzz_input *in, u32 bytes);

#endif
