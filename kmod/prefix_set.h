/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PREFIX_SET_H
#define KLB_PREFIX_SET_H

#include <linux/types.h>

#include "prefix.h"

/* An IPv6 address as a number. */
struct klb_prefix_u128 {
	u64 hi, lo;
};

struct klb_range4 {
	u32 first, last;
};

struct klb_range6 {
	struct klb_prefix_u128 first, last;
};

/* Prefixes made ready to be asked whether an address is in one: ranges in
 * order, none touching another, for a binary search. Immutable. Pure: whoever
 * publishes one allocates it (prefix_rcu.h).
 */
struct klb_prefix_set {
	struct rcu_head rcu;
	u32 n4, n6;			/* ranges */
	struct klb_range6 *v6;
	struct klb_range4 *v4;
	struct klb_range6 room[];	/* of both, IPv6 first */
};

/* Bytes for a set of @list. */
size_t klb_prefix_set_size(const struct klb_prefixes *list);
/* Fills as many bytes. @list is sorted by klb_prefix_cmp(). */
void klb_prefix_set_fill(struct klb_prefix_set *set,
			 const struct klb_prefixes *list);

/* Whether an address of @family is in one of the prefixes. Takes the logarithm
 * of their number.
 */
bool klb_prefix_set_has(const struct klb_prefix_set *set, u8 family,
			const union klb_addr *addr);

/* The longest prefix of a list, as configured, that has an address; NULL: none
 * has. Takes as long as the list is.
 */
const struct klb_prefix *klb_prefixes_find(const struct klb_prefixes *list,
					   u8 family,
					   const union klb_addr *addr);

#endif
