/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzed files see of a namespace, and connections whose ends are of
 * two address families.
 */
#ifndef FUZZ_KLB_H
#define FUZZ_KLB_H

#include "fuzz_kernel.h"

#include "conn.h"
#include "frag_table.h"

#define KLB_NETNS_H	/* all that is asked of kmod/netns.h is here */

struct klb_stats { u32 n; };

struct klb_net {
	struct net *net;
	struct klb_frags frags;
	struct klb_stats *stats;
};

#define klb_count(stats, skb, reason)	((void)(stats)->n++)

static inline u8 other_family(u8 family)
{
	return family == AF_INET ? AF_INET6 : AF_INET;
}

/* @from: the side whose tuple is @t; @to: of the other family, with what the
 * input says.
 */
static inline void fuzz_sides(struct fuzz_input *in, const struct klb_tuple *t,
			      struct klb_side *from, struct klb_side *to)
{
	union klb_ports ports = { .both = fuzz_take(in, 4) };
	union klb_addr src = {}, dst = {};
	u8 family = other_family(t->family);
	int i, n = klb_addr_len(family);
	u16 addr;

	for (i = 0; i < n; i++) {
		src.in6.s6_addr[i] = fuzz_take(in, 1);
		dst.in6.s6_addr[i] = fuzz_take(in, 1);
	}
	memset(from, 0, sizeof(*from));
	memset(to, 0, sizeof(*to));
	klb_side_set(from, t->family, t->proto, t->ports, &t->src, &t->dst);
	klb_side_set(to, family, t->proto, ports, &src, &dst);
	addr = klb_csum_delta(klb_side_sum(from, t->family),
			      klb_side_sum(to, family));
	from->addr_delta = addr;
	from->l4_delta = klb_csum_fold((u32)addr +
			 klb_csum_delta(klb_csum_fold(from->ports.both),
					klb_csum_fold(to->ports.both)));
}

/* Whether two sums are the same number: one's complement has two zeros. */
static inline bool fuzz_same_sum(u16 a, u16 b)
{
	return a % 0xffff == b % 0xffff;
}

/* Sum of the addresses and of the ports of a packet, with its checksum: which
 * no translation changes.
 */
static inline u16 fuzz_residue(u8 family, const struct klb_tuple *t, u16 check)
{
	u32 n = klb_addr_len(family);
	u32 sum = fuzz_sum(&t->src, n, check);

	sum = fuzz_sum(&t->dst, n, sum);
	return fuzz_sum(&t->ports, 4, sum);
}

#endif
