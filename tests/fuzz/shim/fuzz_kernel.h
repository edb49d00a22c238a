/* SPDX-License-Identifier: GPL-2.0 */
/* As much of the kernel as the fuzzed files of kmod/ need, in user space. The
 * headers that they include are links to this one, see the Makefile.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <asm/byteorder.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/types.h>
#include <linux/udp.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;

#define __force
#undef __always_inline
#define __always_inline	inline __attribute__((always_inline))
#define noinline	__attribute__((noinline))
#define likely(x)	(x)
#define unlikely(x)	(x)
#define IS_ENABLED(x)	0
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define READ_ONCE(x)	(x)
#define WRITE_ONCE(x, v) ((x) = (v))

static inline u32 rol32(u32 word, unsigned int n)
{
	return word << (n & 31) | word >> (-n & 31);
}

static inline u32 ror32(u32 word, unsigned int n)
{
	return rol32(word, -n & 31);
}

static inline u64 ror64(u64 word, unsigned int n)
{
	return word >> (n & 63) | word << (-n & 63);
}

static inline u64 rol64(u64 word, unsigned int n)
{
	return word << (n & 63) | word >> (-n & 63);
}

static inline void get_random_bytes(void *p, size_t n)
{
	memset(p, 0x5a, n);
}


#define TC_ACT_UNSPEC	(-1)
#define TC_ACT_SHOT	2
#define TC_ACT_CONSUMED	4

#define IP_MF		0x2000
#define IP_DF		0x4000
#define IP_OFFSET	0x1fff
#define IP6_MF		0x0001
#define IP6_OFFSET	0xfff8
#define NEXTHDR_HOP	0
#define NEXTHDR_ROUTING	43
#define NEXTHDR_FRAGMENT 44
#define NEXTHDR_ICMP	58
#define NEXTHDR_DEST	60

struct frag_hdr {
	__u8 nexthdr;
	__u8 reserved;
	__be16 frag_off;
	__be32 identification;
};

/* A packet: a linear part that is a memory block of just its size, so that the
 * sanitizer sees every byte too far, and the rest. A pull moves the linear
 * part, so that it sees pointers that were kept, too.
 */
struct sk_buff {
	u8 *data;
	unsigned int len;
	unsigned int data_len;	/* of it not linear */
	u8 *frags;		/* [data_len] */
	__be16 protocol;
	bool gso;
};

static inline unsigned int skb_headlen(const struct sk_buff *skb)
{
	return skb->len - skb->data_len;
}

static inline bool skb_is_gso(const struct sk_buff *skb)
{
	return skb->gso;
}

bool pskb_may_pull(struct sk_buff *skb, unsigned int len);
int pskb_trim_rcsum(struct sk_buff *skb, unsigned int len);

/* fuzz.c: a packet out of what libFuzzer gives, NULL if it is too short for
 * the head that says how it lies in memory.
 */
struct sk_buff *fuzz_skb(const u8 *data, size_t size);
void fuzz_skb_free(struct sk_buff *skb);

/* What must be, whatever comes. */
#define fuzz_must(cond)	do { if (!(cond)) __builtin_trap(); } while (0)

#endif
