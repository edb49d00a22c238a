/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PREFIX_H
#define KLB_PREFIX_H

#include "tuple.h"

/* Addresses that begin with the same bits. */
struct klb_prefix {
	union klb_addr addr;	/* stored as a whole; no bit behind the first
				 * len is set
				 */
	u8 family;		/* of addr */
	u8 len;			/* bits */
};

/* As configured: sorted by klb_prefix_cmp(), none twice. */
struct klb_prefixes {
	struct klb_prefix *v;	/* kvmalloc'ed, may be NULL if n is 0 */
	u32 n;
};

/* By family, then address, then length: a prefix comes before those that it
 * has in it.
 */
static inline int klb_prefix_cmp(const struct klb_prefix *a,
				 const struct klb_prefix *b)
{
	if (a->family != b->family)
		return (int)a->family - (int)b->family;
	return klb_addr_cmp(a->family, &a->addr, &b->addr) ?:
	       (int)a->len - (int)b->len;
}

#endif
