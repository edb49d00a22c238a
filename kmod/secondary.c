// SPDX-License-Identifier: GPL-2.0
#include "secondary.h"

#include <linux/slab.h>

#include "conn_sctp.h"
#include "netns.h"

static struct hlist_head *bucket(struct klb_sctp_table *table,
				 const union klb_addr *addr, u32 rest)
{
	u32 hash = klb_service_hash(addr->w[0], addr->w[1], rest);

	return &table->aliases[hash & ((1 << KLB_SCTP_ALIAS_BITS) - 1)];
}

static struct klb_service *find(struct klb_net *kn, const union klb_addr *addr,
				u32 rest)
{
	struct klb_sctp_table *table =
		rcu_dereference_check(kn->sctp, lockdep_is_held(&kn->lock));
	struct klb_secondary *s;

	if (!table)
		return NULL;
	hlist_for_each_entry_rcu(s, bucket(table, addr, rest), node,
				 lockdep_is_held(&kn->lock))
		if (s->all->svc->key.rest == rest &&
		    s->addr.w[0] == addr->w[0] && s->addr.w[1] == addr->w[1])
			return s->all->svc;
	return NULL;
}

struct klb_service *klb_secondary_lookup(struct klb_net *kn,
					 const struct klb_tuple *t)
{
	union klb_addr addr;

	klb_addr_copy(t->family, &addr, &t->dst);
	return find(kn, &addr, klb_service_rest(t->ports.dst, t->proto,
						t->family));
}

struct klb_service *klb_service_of(struct klb_net *kn,
				   const struct klb_tuple *t)
{
	struct klb_service *svc = klb_service_lookup(kn, t, t->family);

	return svc || t->proto != IPPROTO_SCTP ? svc :
						 klb_secondary_lookup(kn, t);
}

bool klb_secondary_taken(struct klb_net *kn, const struct klb_service_key *key)
{
	return find(kn, &key->addr, key->rest);
}

u8 klb_secondary_list(const struct klb_service *svc, union klb_addr *addrs)
{
	const struct klb_secondaries *s = rcu_dereference(svc->secondaries);
	u8 i;

	if (!s)
		return 0;
	addrs[0] = svc->key.addr;
	for (i = 0; i < s->n; i++)
		addrs[1 + i] = s->each[i].addr;
	return 1 + s->n;
}

static bool other_has(struct klb_service *svc, const union klb_addr *addr)
{
	struct klb_service_key key = svc->key;
	struct klb_service *other;

	key.addr = *addr;
	if (klb_service_find(svc->kn, &key))
		return true;
	other = find(svc->kn, addr, key.rest);
	return other && other != svc;
}

static struct klb_secondaries *locked(struct klb_service *svc)
{
	return rcu_dereference_protected(svc->secondaries,
					 lockdep_is_held(&svc->kn->lock));
}

static struct klb_secondaries *alloc(struct klb_service *svc,
				     const union klb_addr *addrs, u32 n)
{
	struct klb_secondaries *s = kzalloc(struct_size(s, each, n),
					    GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!s)
		return NULL;
	s->svc = svc;
	s->n = n;
	for (i = 0; i < n; i++) {
		s->each[i].all = s;
		s->each[i].addr = addrs[i];
	}
	return s;
}

static void insert(struct klb_service *svc, struct klb_secondaries *s)
{
	struct klb_sctp_table *table =
		rcu_dereference_protected(svc->kn->sctp,
					  lockdep_is_held(&svc->kn->lock));
	u8 i;

	for (i = 0; i < s->n; i++) {
		klb_sieve_add(svc->kn, svc->key.family, &s->each[i].addr,
			      svc->key.port);
		hlist_add_head_rcu(&s->each[i].node,
				   bucket(table, &s->each[i].addr,
					  svc->key.rest));
	}
}

static void remove(struct klb_service *svc, struct klb_secondaries *s)
{
	u8 i;

	for (i = 0; i < s->n; i++) {
		hlist_del_rcu(&s->each[i].node);
		klb_sieve_del(svc->kn, svc->key.family, &s->each[i].addr,
			      svc->key.port);
	}
	kfree_rcu(s, rcu);
}

int klb_secondary_make(struct klb_service *svc, const union klb_addr *addrs,
		       u32 n, struct klb_secondaries **s,
		       struct netlink_ext_ack *extack)
{
	u32 i;

	*s = NULL;
	for (i = 0; i < n; i++) {
		if (!other_has(svc, &addrs[i]))
			continue;
		NL_SET_ERR_MSG(extack,
			       "a secondary address is another service's");
		return -EEXIST;
	}
	if (!n)
		return 0;
	*s = alloc(svc, addrs, n);
	if (!*s)
		NL_SET_ERR_MSG(extack, "no memory for the service");
	return *s ? 0 : -ENOMEM;
}

void klb_secondary_use(struct klb_service *svc, struct klb_secondaries *s)
{
	struct klb_secondaries *old = locked(svc);

	if (s)
		insert(svc, s);
	rcu_assign_pointer(svc->secondaries, s);
	if (old)
		remove(svc, old);
}

void klb_secondary_each(struct klb_net *kn,
			void (*fn)(const struct klb_service_key *key,
				   void *arg), void *arg)
{
	struct klb_sctp_table *table =
		rcu_dereference_protected(kn->sctp,
					  lockdep_is_held(&kn->lock));
	struct klb_service_key key;
	struct klb_secondary *s;
	int i;

	for (i = 0; table && i < ARRAY_SIZE(table->aliases); i++) {
		hlist_for_each_entry(s, &table->aliases[i], node) {
			key = s->all->svc->key;
			key.addr = s->addr;
			fn(&key, arg);
		}
	}
}
