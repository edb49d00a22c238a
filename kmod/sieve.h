/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SIEVE_H
#define KLB_SIEVE_H

#include <linux/rcupdate.h>
#include <linux/types.h>

#include "tuple.h"

struct klb_net;

/* Tells most packets that are none of klb's business apart at the price of
 * two or three loads: a counting filter over the address and port of all
 * services and of all endpoints that may still have connections, and over
 * their addresses with port 0, for packets whose ports are not known. A zero is
 * certain; anything else asks the real tables. The hash needs no key: what is
 * in the filter comes from the administrator, and a packet made to hit it
 * gains nothing but the look-ups that each service packet costs.
 */
struct klb_sieve_table {
	struct rcu_head rcu;
	u32 entries;		/* under klb_net.lock */
	u8 shift;		/* 32 - log2(slots) */
	u16 slots[];		/* sticks at its maximum */
};

static __always_inline u32 klb_sieve_fold(u8 family, const union klb_addr *a)
{
	u64 x;

	if (family == AF_INET)
		return (__force u32)a->ip;
	x = a->w[0] ^ a->w[1];
	return x ^ x >> 32;
}

/* Multipliers: 2^32 divided by the golden ratio, Knuth 6.4, and another prime
 * with bits all over.
 */
static __always_inline u32 klb_sieve_slot(u8 shift, u32 addr, __be16 port)
{
	return (addr * 0x9e3779b1u + (__force u16)port * 0x85ebca77u) >> shift;
}

static __always_inline bool klb_sieve_has(const struct klb_sieve_table *s,
					  u32 addr, __be16 port)
{
	/* racy: an entry that comes or goes meanwhile may do either */
	return data_race(s->slots[klb_sieve_slot(s->shift, addr, port)]);
}

int klb_sieve_init(struct klb_net *kn);
void klb_sieve_add(struct klb_net *kn, u8 family, const union klb_addr *addr,
		   __be16 port);
void klb_sieve_del(struct klb_net *kn, u8 family, const union klb_addr *addr,
		   __be16 port);
void klb_sieve_exit(struct klb_net *kn);

#endif
