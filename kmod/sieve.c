// SPDX-License-Identifier: GPL-2.0
#include "sieve.h"

#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "netns.h"
#include "secondary.h"

#define SIEVE_BITS_MIN	12
#define SIEVE_BITS_MAX	24
/* Slots an entry: one packet in eight that is not ours then comes through. */
#define SIEVE_SPARSITY	16

static struct klb_sieve_table *sieve_locked(struct klb_net *kn)
{
	return rcu_dereference_protected(kn->sieve,
					 lockdep_is_held(&kn->lock));
}

static u16 *slot_of(struct klb_sieve_table *s, u8 family,
		    const union klb_addr *addr, __be16 port)
{
	return &s->slots[klb_sieve_slot(s->shift, klb_sieve_fold(family, addr),
					port)];
}

/* The address stands there with its port, and with port 0 for those who do not
 * know the port.
 */
static void count_in(struct klb_sieve_table *s, u8 family,
		     const union klb_addr *addr, __be16 port)
{
	u16 *with = slot_of(s, family, addr, port);
	u16 *without = slot_of(s, family, addr, 0);

	if (*with != U16_MAX)
		WRITE_ONCE(*with, *with + 1);
	if (*without != U16_MAX)
		WRITE_ONCE(*without, *without + 1);
	s->entries += 2;
}

static struct klb_sieve_table *sieve_alloc(u32 bits)
{
	struct klb_sieve_table *s;

	s = kvzalloc(struct_size(s, slots, 1u << bits), GFP_KERNEL);
	if (s)
		s->shift = 32 - bits;
	return s;
}

static void count_service(const struct klb_service_key *key, void *arg)
{
	count_in(arg, key->family, &key->addr, key->port);
}

/* Everything that is in the filter is on klb_net.services.all or on a
 * service's list of endpoints, those that were removed included.
 */
static void recount(struct klb_net *kn, struct klb_sieve_table *s)
{
	struct klb_endpoint *ep;
	struct klb_service *svc;

	list_for_each_entry(svc, &kn->services.all, all) {
		if (svc->in_sieve)
			count_service(&svc->key, s);
		list_for_each_entry(ep, &svc->all_endpoints, all)
			count_in(s, ep->family, &ep->addr, ep->port);
	}
	klb_secondary_each(kn, count_service, s);
}

/* Makes room for one more entry: all new, since a counter does not tell
 * which entries are in it. Packets go on with the old one meanwhile.
 */
static void grow(struct klb_net *kn, struct klb_sieve_table *old)
{
	u32 bits = order_base_2((u64)old->entries * 2 * SIEVE_SPARSITY);
	struct klb_sieve_table *s;

	s = sieve_alloc(clamp_t(u32, bits, SIEVE_BITS_MIN, SIEVE_BITS_MAX));
	if (!s)
		return;
	recount(kn, s);
	rcu_assign_pointer(kn->sieve, s);
	kvfree_rcu(old, rcu);
}

static bool crowded(const struct klb_sieve_table *s)
{
	u32 slots = 1u << (32 - s->shift);

	return s->entries >= slots / (SIEVE_SPARSITY / 2) &&
	       slots < 1u << SIEVE_BITS_MAX;
}

/**
 * klb_sieve_add() - let packets to or from an address and port through
 * @kn: its lock is held
 * @family: AF_INET or AF_INET6
 * @addr: address of a service or endpoint
 * @port: its port
 *
 * The entry's object is not yet on the lists that a rebuilt filter is filled
 * from.
 * Without memory for a larger filter it gets crowded: then klb is slower, not
 * wrong.
 */
void klb_sieve_add(struct klb_net *kn, u8 family, const union klb_addr *addr,
		   __be16 port)
{
	struct klb_sieve_table *s = sieve_locked(kn);

	if (crowded(s))
		grow(kn, s);
	count_in(sieve_locked(kn), family, addr, port);
}

/**
 * klb_sieve_del() - take back one klb_sieve_add()
 * @kn: its lock is held
 * @family: as it was added
 * @addr: as it was added
 * @port: as it was added
 */
void klb_sieve_del(struct klb_net *kn, u8 family, const union klb_addr *addr,
		   __be16 port)
{
	struct klb_sieve_table *s = sieve_locked(kn);
	u16 *with = slot_of(s, family, addr, port);
	u16 *without = slot_of(s, family, addr, 0);

	if (*with != U16_MAX)
		WRITE_ONCE(*with, *with - 1);
	if (*without != U16_MAX)
		WRITE_ONCE(*without, *without - 1);
	s->entries -= 2;
}

/* Two slots that nothing is in, so that packets need not ask whether there is
 * a filter.
 */
int klb_sieve_init(struct klb_net *kn)
{
	RCU_INIT_POINTER(kn->sieve, sieve_alloc(1));
	return rcu_access_pointer(kn->sieve) ? 0 : -ENOMEM;
}

/* No packet and no configuration any more. */
void klb_sieve_exit(struct klb_net *kn)
{
	kvfree(rcu_dereference_protected(kn->sieve, 1));
}
