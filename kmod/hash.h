/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_HASH_H
#define KLB_HASH_H

#include <linux/random.h>
#include <linux/types.h>

#ifndef __SIZEOF_INT128__
#error "klb needs a 64-bit kernel"
#endif

/* The hash of a tuple, which every packet of a service pays for: 12
 * instructions for IPv4, where SipHash-1-3 takes 90. Words are combined by
 * NH, sums and products with secret keys that two different tuples make equal
 * for one key in 2^64, whoever chose them (Black, Halevi, Krawczyk, Krovetz,
 * Rogaway: "UMAC: Fast and Secure Message Authentication", 1999). The 128 bits
 * that come out are brought down to 32 by another such product, the halves of
 * which are folded together, as wyhash does (Wang Yi, 2019): that leaves
 * nothing of the regularity of neighbouring ports or addresses. Nothing that
 * depends on a key leaves the machine.
 */
struct klb_hash_key {
	u64 nh[6];
	u64 lo, hi;
};

static inline void klb_hash_key_random(struct klb_hash_key *key)
{
	get_random_bytes(key, sizeof(*key));
}

/* Both halves of a product. An __int128 makes GCC align the stack of whoever
 * has one.
 */
static __always_inline void klb_mul(u64 a, u64 b, u64 *lo, u64 *hi)
{
#ifdef CONFIG_X86_64
	asm("mulq %3" : "=a" (*lo), "=d" (*hi) : "0" (a), "rm" (b));
#else
	__uint128_t m = (__uint128_t)a * b;

	*lo = m;
	*hi = m >> 64;
#endif
}

static __always_inline u32 klb_hash_end(const struct klb_hash_key *key, u64 lo,
					u64 hi)
{
	klb_mul(lo + key->lo, hi + key->hi, &lo, &hi);
	return lo ^ hi;
}

/* Adds the product to the sum in *@lo and *@hi. */
static __always_inline void klb_nh(u64 a, u64 b, u64 *lo, u64 *hi)
{
	u64 l, h;

	klb_mul(a, b, &l, &h);
	*lo += l;
	*hi += h + (*lo < l);
}

/* @addrs: source and destination; @id: ports, protocol, family */
static __always_inline u32 klb_hash4(const struct klb_hash_key *key, u64 addrs,
				     u64 id)
{
	u64 lo, hi;

	klb_mul(addrs + key->nh[0], id + key->nh[1], &lo, &hi);
	return klb_hash_end(key, lo, hi);
}

static __always_inline u32 klb_hash6(const struct klb_hash_key *key, u64 s0,
				     u64 s1, u64 d0, u64 d1, u64 id)
{
	u64 lo, hi;

	klb_mul(s0 + key->nh[0], s1 + key->nh[1], &lo, &hi);
	klb_nh(d0 + key->nh[2], d1 + key->nh[3], &lo, &hi);
	klb_nh(id + key->nh[4], key->nh[5], &lo, &hi);
	return klb_hash_end(key, lo, hi);
}

/* Keys that all nodes have alike, by splitmix64 (Steele, Lea, Flood: "Fast
 * Splittable Pseudorandom Number Generators", 2014).
 */
void klb_hash_key_derive(struct klb_hash_key *key, u64 seed);

#endif
