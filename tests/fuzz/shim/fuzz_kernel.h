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
#include <linux/icmp.h>
#include <linux/icmpv6.h>
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

static inline u32 get_random_u32(void)
{
	return 0x5a5a5a5a;
}

/* What must be, whatever comes. */
#define fuzz_must(cond)							\
	do { if (!(cond)) fuzz_failed(__FILE__, __LINE__, #cond); } while (0)

void fuzz_failed(const char *file, int line, const char *cond)
	__attribute__((noreturn));

#define BUILD_BUG_ON(x)		_Static_assert(!(x), #x)
#define ALIGN(x, n)		(((x) + (n) - 1) & ~((typeof(x))(n) - 1))
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define min_t(t, a, b)	({ t _a = (a), _b = (b); _a < _b ? _a : _b; })
#define max_t(t, a, b)	({ t _a = (a), _b = (b); _a > _b ? _a : _b; })
#define min(a, b)	min_t(typeof(a), a, b)
#define max(a, b)	max_t(typeof(a), a, b)
#define clamp_t(t, x, lo, hi)	min_t(t, max_t(t, x, lo), hi)
#define sizeof_field(t, m)	sizeof(((t *)0)->m)
#define offsetofend(t, m)	(offsetof(t, m) + sizeof_field(t, m))
#define container_of(p, t, m)	((t *)((u8 *)(p) - offsetof(t, m)))

#define U16_MAX		0xffff
#define GFP_ATOMIC	0
#define __GFP_NOWARN	0
#define kzalloc(n, gfp)	calloc(1, n)
#define kfree(p)	free(p)

#define cpu_to_le32(x)	__cpu_to_le32(x)

#define get_unaligned(p)						\
	(((const struct { typeof(*(p)) x; } __attribute__((packed)) *)(p))->x)

static inline u16 get_unaligned_be16(const void *p)
{
	return ntohs(get_unaligned((const u16 *)p));
}

static inline u32 get_unaligned_be32(const void *p)
{
	return ntohl(get_unaligned((const u32 *)p));
}

static inline void put_unaligned_be16(u16 x, void *p)
{
	x = htons(x);
	memcpy(p, &x, sizeof(x));
}

static inline void put_unaligned_be32(u32 x, void *p)
{
	x = htonl(x);
	memcpy(p, &x, sizeof(x));
}

#define put_unaligned(x, p)						\
	do { typeof(*(p)) _x = (x); memcpy(p, &_x, sizeof(_x)); } while (0)

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

#define IPV6_MIN_MTU	1280
#define IP_MAX_MTU	0xffff

#include "fuzz_table.h"
#include "fuzz_skb.h"

#endif
