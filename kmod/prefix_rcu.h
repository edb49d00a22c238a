/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PREFIX_RCU_H
#define KLB_PREFIX_RCU_H

#include <linux/rcupdate.h>

#include "prefix_set.h"

/* Prefixes that packets ask for. Replaced in two steps, so that a change that
 * has to be refused changes nothing: make one, then put it in place of the old
 * one, which is freed a grace period later.
 */

/* In *@set, NULL for an empty list. 0 or -ENOMEM. */
int klb_prefix_set_new(const struct klb_prefixes *list,
		       struct klb_prefix_set **set);
/* Under the lock of whoever writes *@slot. Either may be NULL. */
void klb_prefix_set_replace(struct klb_prefix_set __rcu **slot,
			    struct klb_prefix_set *set);
/* One that was not published. */
void klb_prefix_set_free(struct klb_prefix_set *set);

/* Packets: whether one of the prefixes in *@slot has the address. Under RCU. */
static inline bool klb_prefix_in(struct klb_prefix_set __rcu *const *slot,
				 u8 family, const union klb_addr *addr)
{
	const struct klb_prefix_set *set = rcu_dereference(*slot);

	return set && klb_prefix_set_has(set, family, addr);
}

#endif
