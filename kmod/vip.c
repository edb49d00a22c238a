// SPDX-License-Identifier: GPL-2.0
#include "vip.h"

#include <linux/lockdep.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "netns.h"

struct vip_key {
	union klb_addr addr;
	u64 family;
};

struct vip {
	struct rhash_head node;
	struct vip_key key;
	u32 services;	/* under klb_net.lock */
	struct rcu_head rcu;
};

static const struct rhashtable_params params = {
	.head_offset = offsetof(struct vip, node),
	.key_offset = offsetof(struct vip, key),
	.key_len = sizeof(struct vip_key),
	.automatic_shrinking = true,
};

static struct vip_key key_of(u8 family, const union klb_addr *addr)
{
	struct vip_key key = { .family = family };

	klb_addr_copy(family, &key.addr, addr);
	return key;
}

int klb_vips_init(struct klb_net *kn)
{
	return rhashtable_init(&kn->vips, &params);
}

/* No service is left. */
void klb_vips_exit(struct klb_net *kn)
{
	rhashtable_destroy(&kn->vips);
}

int klb_vip_add(struct klb_net *kn, u8 family, const union klb_addr *addr)
{
	struct vip_key key = key_of(family, addr);
	struct vip *vip;
	int err;

	lockdep_assert_held(&kn->lock);
	if (klb_addr_any(family, &key.addr))
		return 0;
	vip = rhashtable_lookup_fast(&kn->vips, &key, params);
	if (vip) {
		vip->services++;
		return 0;
	}
	vip = kzalloc(sizeof(*vip), GFP_KERNEL_ACCOUNT);
	if (!vip)
		return -ENOMEM;
	vip->key = key;
	vip->services = 1;
	err = rhashtable_insert_fast(&kn->vips, &vip->node, params);
	if (err)
		kfree(vip);
	return err;
}

void klb_vip_del(struct klb_net *kn, u8 family, const union klb_addr *addr)
{
	struct vip_key key = key_of(family, addr);
	struct vip *vip;

	lockdep_assert_held(&kn->lock);
	if (klb_addr_any(family, &key.addr))
		return;
	vip = rhashtable_lookup_fast(&kn->vips, &key, params);
	if (!vip || --vip->services)
		return;
	rhashtable_remove_fast(&kn->vips, &vip->node, params);
	kfree_rcu(vip, rcu);
}

bool klb_vip_has(struct klb_net *kn, u8 family, const union klb_addr *addr)
{
	struct vip_key key = key_of(family, addr);

	return rhashtable_lookup(&kn->vips, &key, params);
}
