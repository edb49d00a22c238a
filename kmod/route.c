// SPDX-License-Identifier: GPL-2.0
#include "route.h"

#include <linux/hash.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/addrconf.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/neighbour.h>
#include <net/route.h>
#include <net/rtnetlink.h>

#include "netns.h"

void klb_routes_init(struct klb_net *kn)
{
	int i;

	spin_lock_init(&kn->routes.lock);
	for (i = 0; i < ARRAY_SIZE(kn->routes.head); i++)
		INIT_HLIST_HEAD(&kn->routes.head[i]);
}

/* A route that the kernel found, before it is known whether klb has it. */
struct found {
	struct dst_entry *dst;
	struct neighbour *neigh;
	union klb_addr source;
	u32 cookie;
	u8 way;
	bool local;
	bool gateway;
};

static bool find_ip(struct klb_net *kn, const union klb_addr *addr,
		    struct found *f)
{
	struct flowi4 fl = { .daddr = addr->ip };
	struct rtable *rt = ip_route_output_key(kn->net, &fl);

	if (IS_ERR(rt))
		return false;
	f->dst = &rt->dst;
	f->source.ip = fl.saddr;
	f->local = rt->rt_type == RTN_LOCAL;
	f->gateway = rt->rt_gw_family;
	return f->local || rt->rt_type == RTN_UNICAST;
}

/* As ip6_route_get_saddr(), whose parameters differ between kernels. */
static void source_ip6(struct klb_net *kn, struct dst_entry *dst,
		       const union klb_addr *addr, union klb_addr *source)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from = rcu_dereference(rt->from);

	if (from && from->fib6_prefsrc.plen)
		source->in6 = from->fib6_prefsrc.addr;
	else
		ipv6_dev_get_saddr(kn->net, ip6_dst_idev(dst)->dev,
				   &addr->in6, 0, &source->in6);
}

static bool find_ip6(struct klb_net *kn, const union klb_addr *addr,
		     struct found *f)
{
	struct flowi6 fl = { .daddr = addr->in6 };
	struct dst_entry *dst = ip6_route_output(kn->net, NULL, &fl);
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);

	f->dst = dst;
	if (dst->error)
		return false;
	f->cookie = rt6_get_cookie(rt);
	f->local = rt->rt6i_flags & RTF_LOCAL;
	f->gateway = rt->rt6i_flags & RTF_GATEWAY;
	source_ip6(kn, dst, addr, &f->source);
	return !(rt->rt6i_flags & RTF_ANYCAST);
}

static void found_drop(struct found *f)
{
	if (f->neigh)
		neigh_release(f->neigh);
	if (f->dst)
		dst_release(f->dst);
}

static bool find(struct klb_net *kn, u8 family, const union klb_addr *addr,
		 struct found *f)
{
	bool ok = family == AF_INET ? find_ip(kn, addr, f) :
				      find_ip6(kn, addr, f);

	if (ok && !f->local) {
		f->neigh = dst_neigh_lookup(f->dst, addr);
		ok = f->neigh;
	}
	if (!ok)
		found_drop(f);
	return ok;
}

static struct hlist_head *head_of(struct klb_net *kn, const struct found *f)
{
	return &kn->routes.head[hash_ptr((void *)((unsigned long)f->dst ^
						  (unsigned long)f->neigh),
					 KLB_ROUTE_BITS)];
}

static struct klb_route *known(struct klb_net *kn, const struct found *f)
{
	struct klb_route *rt;

	hlist_for_each_entry(rt, head_of(kn, f), node)
		if (rt->dst == f->dst && rt->neigh == f->neigh &&
		    rt->cookie == f->cookie && rt->way == f->way &&
		    klb_addr_equal(rt->family, &rt->source, &f->source) &&
		    refcount_inc_not_zero(&rt->refs))
			return rt;
	return NULL;
}

/* Not every device that has a peer may be passed by: netkit runs its policy
 * in its transmit function.
 */
static bool is_veth(const struct net_device *dev)
{
	return dev->netdev_ops->ndo_get_peer_dev && dev->rtnl_link_ops &&
	       !strcmp(dev->rtnl_link_ops->kind, "veth");
}

static struct klb_route *route_new(struct klb_net *kn, u8 family,
				   const struct found *f)
{
	struct klb_route *rt = kzalloc(sizeof(*rt), GFP_ATOMIC | __GFP_NOWARN);

	if (!rt)
		return NULL;
	rt->dst = f->dst;
	rt->neigh = f->neigh;
	rt->dev = f->neigh ? f->neigh->dev : f->dst->dev;
	rt->cookie = f->cookie;
	/* see klb_route_good() */
	rt->genid = family == AF_INET ?
		    container_of(f->dst, struct rtable, dst)->rt_genid :
		    rt_genid_ipv4(kn->net) - 1;
	rt->mtu = dst_mtu(f->dst);
	rt->headroom = LL_RESERVED_SPACE(rt->dev);
	rt->family = family;
	rt->way = f->way;
	rt->local = f->local;
	rt->gateway = f->gateway;
	rt->foreign_hop = f->neigh && f->neigh->tbl->family != family;
	rt->veth = is_veth(rt->dev);
	rt->source = f->source;
	refcount_set(&rt->refs, 1);
	rt->kn = kn;
	return rt;
}

static struct klb_route *route_get(struct klb_net *kn, u8 family, u8 way,
				   const union klb_addr *addr)
{
	struct found f = {};
	struct klb_route *rt;

	if (!find(kn, family, addr, &f))
		return NULL;
	f.way = way == KLB_WAY_PLAIN && f.local ? KLB_WAY_LOCAL : way;
	spin_lock_bh(&kn->routes.lock);
	rt = known(kn, &f);
	if (!rt) {
		rt = route_new(kn, family, &f);
		if (rt) {
			hlist_add_head(&rt->node, head_of(kn, &f));
			f = (struct found){}; /* its references are the route's */
		}
	}
	spin_unlock_bh(&kn->routes.lock);
	found_drop(&f);
	return rt;
}

static void route_free(struct rcu_head *rcu)
{
	struct klb_route *rt = container_of(rcu, struct klb_route, rcu);

	if (rt->neigh)
		neigh_release(rt->neigh);
	if (rt->dst)
		dst_release(rt->dst);
	kfree(rt);
}

/**
 * klb_route_put() - give a reference back
 * @rt: packets under way may go on using it for a grace period
 */
void klb_route_put(struct klb_route *rt)
{
	struct klb_net *kn = rt->kn;

	if (!refcount_dec_and_test(&rt->refs))
		return;
	spin_lock_bh(&kn->routes.lock);
	hlist_del_init(&rt->node);
	spin_unlock_bh(&kn->routes.lock);
	call_rcu(&rt->rcu, route_free);
}

struct klb_route *klb_route_renew(struct klb_net *kn,
				  struct klb_route __rcu **slot, u8 family,
				  u8 way, const union klb_addr *addr)
{
	struct klb_route *old = rcu_dereference(*slot), *new, *now;

	if (old && klb_route_good(kn->net, old, old->family))
		return old;
	new = route_get(kn, family, way, addr);
	if (!new)
		return NULL;
	do {
		now = unrcu_pointer(cmpxchg(slot, RCU_INITIALIZER(old),
					    RCU_INITIALIZER(new)));
		if (now == old) {
			if (old)
				klb_route_put(old);
			return new;
		}
		old = NULL;
	} while (!now);
	/* Another packet was quicker. This one is freed a grace period later. */
	klb_route_put(new);
	return new;
}

/* Collects the routes by @dev, each with a reference. */
static void collect(struct klb_net *kn, const struct net_device *dev,
		    struct hlist_head *gone)
{
	struct klb_route *rt;
	struct hlist_node *n;
	int i;

	spin_lock_bh(&kn->routes.lock);
	for (i = 0; i < ARRAY_SIZE(kn->routes.head); i++) {
		hlist_for_each_entry_safe(rt, n, &kn->routes.head[i], node) {
			if (rt->dev != dev || !refcount_inc_not_zero(&rt->refs))
				continue;
			WRITE_ONCE(rt->dead, true);
			hlist_del_init(&rt->node);
			hlist_add_head(&rt->node, gone);
		}
	}
	spin_unlock_bh(&kn->routes.lock);
}

/**
 * klb_routes_forget_dev() - let go of a device that is to be removed or changed
 * @kn: namespace
 * @dev: the device; RTNL is held
 *
 * A neighbour keeps its device, and nothing in the kernel makes us drop it.
 */
void klb_routes_forget_dev(struct klb_net *kn, const struct net_device *dev)
{
	HLIST_HEAD(gone);
	struct klb_route *rt;
	struct hlist_node *n;

	collect(kn, dev, &gone);
	if (hlist_empty(&gone))
		return;
	synchronize_net(); /* RTNL is held: all wait for this */
	hlist_for_each_entry_safe(rt, n, &gone, node) {
		hlist_del_init(&rt->node);
		if (rt->neigh)
			neigh_release(rt->neigh);
		dst_release(rt->dst);
		rt->neigh = NULL;
		rt->dst = NULL;
		klb_route_put(rt);
	}
}
