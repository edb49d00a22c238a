// SPDX-License-Identifier: GPL-2.0
#include "prefix_rcu.h"

#include <linux/mm.h>
#include <linux/slab.h>

int klb_prefix_set_new(const struct klb_prefixes *list,
		       struct klb_prefix_set **set)
{
	*set = NULL;
	if (!list->n)
		return 0;
	*set = kvmalloc(klb_prefix_set_size(list), GFP_KERNEL_ACCOUNT);
	if (!*set)
		return -ENOMEM;
	klb_prefix_set_fill(*set, list);
	return 0;
}

void klb_prefix_set_replace(struct klb_prefix_set __rcu **slot,
			    struct klb_prefix_set *set)
{
	/* the caller's lock is what keeps *slot from changing */
	struct klb_prefix_set *old = rcu_dereference_protected(*slot, 1);

	rcu_assign_pointer(*slot, set);
	if (old)
		kvfree_rcu(old, rcu);
}

void klb_prefix_set_free(struct klb_prefix_set *set)
{
	kvfree(set);
}
