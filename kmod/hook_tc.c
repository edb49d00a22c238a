// SPDX-License-Identifier: GPL-2.0
/* klb as a tc classifier on clsact: "tc filter add dev X ingress klb". It has
 * no options and no classes; a packet that is not klb's goes on to the next
 * filter.
 */
#include "hook_tc.h"

#include <linux/if_vlan.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/netlink.h>
#include <net/pkt_sched.h>
#include <linux/klb.h>

#include "datapath.h"
#include "forward.h"
#include "netns.h"
#include "parse.h"

struct klb_filter {
	struct klb_net *kn;
	struct net_device *dev;
	u32 handle;
	bool ingress;
	struct list_head node;	/* klb_net.filters, by ifindex */
	struct rcu_work rwork;
};

/* Packets */

/* On the way out a frame begins with its link layer header, and RCU is held
 * only in its BH flavour.
 */
static noinline int egress(struct klb_net *kn, struct sk_buff *skb)
{
	int offset = skb_network_offset(skb);
	enum klb_verdict verdict;

	if (skb_vlan_tag_present(skb))
		return TC_ACT_UNSPEC;
	if (__this_cpu_read(klb_sending) == skb) {
		klb_count(kn->stats, skb, KLB_REASON_OWN);
		return TC_ACT_UNSPEC;
	}
	if (offset < 0 || !pskb_may_pull(skb, offset))
		return TC_ACT_UNSPEC;
	__skb_pull(skb, offset);
	rcu_read_lock();
	verdict = klb_run(kn, skb, KLB_HOOK_EGRESS);
	rcu_read_unlock();
	if (verdict == KLB_TAKEN)
		return KLB_EGRESS_TAKEN;
	__skb_push(skb, offset);
	return verdict;
}

/* A tagged frame is the business of its VLAN's device. VLAN 0 mostly has none:
 * such a tag is a priority, and the stack takes it away and goes on as if it
 * had not been there. A packet that is sent on must not carry it.
 */
static noinline int tagged(struct klb_net *kn, struct sk_buff *skb)
{
	__be16 proto = skb->vlan_proto;
	u16 tci = skb_vlan_tag_get(skb);
	enum klb_verdict verdict;

	if (skb_vlan_tag_get_id(skb) ||
	    __vlan_find_dev_deep_rcu(skb->dev, proto, 0))
		return TC_ACT_UNSPEC;
	__vlan_hwaccel_clear_tag(skb);
	verdict = klb_run_ingress(kn, skb);
	if (verdict == KLB_PASS)
		__vlan_hwaccel_put_tag(skb, proto, tci);
	return verdict;
}

static __always_inline int run(struct klb_net *kn, struct sk_buff *skb)
{
	if (unlikely(skb_vlan_tag_present(skb)))
		return tagged(kn, skb);
	return klb_run_ingress(kn, skb);
}

static __always_inline int run_ip(struct klb_net *kn, struct sk_buff *skb)
{
	if (unlikely(skb_vlan_tag_present(skb)))
		return tagged(kn, skb);
	return klb_run_ip(kn, skb);
}

/* The sieve knows neither of its addresses. */
static __always_inline int unknown(struct klb_net *kn, struct sk_buff *skb)
{
	if (unlikely(klb_glance_icmp(skb)))
		return run(kn, skb);
	klb_count(kn->stats, skb, KLB_REASON_BYSTANDER);
	return TC_ACT_UNSPEC;
}

static noinline int unknown_wide(struct klb_net *kn, struct sk_buff *skb)
{
	return klb_glance_wide(kn, skb) ? run_ip(kn, skb) : unknown(kn, skb);
}

/* What is nobody's of klb's leaves here, before anything is called: all calls
 * are the last thing done, so that no register need be saved, and a VLAN's tag
 * is not asked for.
 */
static int klb_classify(struct sk_buff *skb, const struct tcf_proto *tp,
			struct tcf_result *res)
{
	struct klb_filter *f = rcu_dereference_bh(tp->root);
	struct klb_net *kn = f->kn;

	if (!f->ingress)
		return egress(kn, skb);
	if (unlikely(!klb_glance(skb)))
		return run(kn, skb);
	if (klb_glance_passes(kn, skb))
		return run_ip(kn, skb);
	/* racy, as any setting */
	if (unlikely(data_race(kn->wide)))
		return unknown_wide(kn, skb);
	return unknown(kn, skb);
}

/* Configuration: RTNL held */

static bool at_ingress(const struct tcf_block *block)
{
	const struct Qdisc *q = block->q;

	return q->ops->cl_ops->tcf_block((struct Qdisc *)q, TC_H_MIN_INGRESS,
					 NULL) == block;
}

static int klb_init(struct tcf_proto *tp)
{
	struct tcf_block *block = tp->chain->block;
	struct klb_filter *f;

	if (!block->q)
		return -EOPNOTSUPP; /* a shared block has no device */
	if (!(block->q->flags & TCQ_F_INGRESS))
		return -EOPNOTSUPP; /* on a qdisc there is nothing to pass on */
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	if (!f)
		return -ENOMEM;
	f->dev = qdisc_dev(block->q);
	f->kn = klb_net(dev_net(f->dev));
	f->ingress = at_ingress(block);
	INIT_LIST_HEAD(&f->node);
	rcu_assign_pointer(tp->root, f);
	return 0;
}

static void filter_free(struct work_struct *work)
{
	struct klb_filter *f = container_of(to_rcu_work(work),
					    struct klb_filter, rwork);

	kfree(f);
}

static void filter_unlist(struct klb_filter *f)
{
	mutex_lock(&f->kn->filter_lock);
	list_del_init(&f->node);
	mutex_unlock(&f->kn->filter_lock);
}

static void klb_destroy(struct tcf_proto *tp, bool rtnl_held,
			struct netlink_ext_ack *extack)
{
	struct klb_filter *f = rtnl_dereference(tp->root);

	filter_unlist(f);
	tcf_queue_work(&f->rwork, filter_free);
}

static void *klb_get(struct tcf_proto *tp, u32 handle)
{
	struct klb_filter *f = rtnl_dereference(tp->root);

	return f->handle && f->handle == handle ? f : NULL;
}

/* Under filter_lock. */
static bool attached(const struct klb_filter *f)
{
	const struct klb_filter *other;

	list_for_each_entry(other, &f->kn->filters, node)
		if (other->dev == f->dev && other->ingress == f->ingress)
			return true;
	return false;
}

/* Under filter_lock: keeps the list in order of ifindex. */
static void list_in(struct klb_filter *f)
{
	struct klb_filter *at;

	list_for_each_entry(at, &f->kn->filters, node)
		if (at->dev->ifindex > f->dev->ifindex)
			break;
	list_add_tail(&f->node, &at->node);
}

/* One that is there has nothing to change, which is what "tc filter replace"
 * asks for. tc itself sees that of "add" only if a handle is given.
 */
static int replace(struct klb_filter *f, const struct sk_buff *request,
		   u32 handle, void **arg, struct netlink_ext_ack *extack)
{
	if (nlmsg_hdr(request)->nlmsg_flags & NLM_F_EXCL) {
		NL_SET_ERR_MSG_MOD(extack, "the filter exists already");
		return -EEXIST;
	}
	if (handle && handle != f->handle) {
		NL_SET_ERR_MSG_MOD(extack, "there is one filter, which has another handle");
		return -EEXIST;
	}
	*arg = f;
	return 0;
}

static int klb_change(struct net *net, struct sk_buff *in_skb,
		      struct tcf_proto *tp, unsigned long base, u32 handle,
		      struct nlattr **tca, void **arg, u32 flags,
		      struct netlink_ext_ack *extack)
{
	struct klb_filter *f = rtnl_dereference(tp->root);
	int err = -EEXIST;

	if (f->handle)
		return replace(f, in_skb, handle, arg, extack);
	mutex_lock(&f->kn->filter_lock);
	if (attached(f)) {
		NL_SET_ERR_MSG_MOD(extack, "klb is attached to this side of the device already");
	} else {
		f->handle = handle ?: 1;
		list_in(f);
		*arg = f;
		err = 0;
	}
	mutex_unlock(&f->kn->filter_lock);
	return err;
}

static int klb_delete(struct tcf_proto *tp, void *arg, bool *last,
		      bool rtnl_held, struct netlink_ext_ack *extack)
{
	struct klb_filter *f = arg;

	filter_unlist(f);
	f->handle = 0;
	*last = true;
	return 0;
}

static void klb_walk(struct tcf_proto *tp, struct tcf_walker *arg,
		     bool rtnl_held)
{
	struct klb_filter *f = rtnl_dereference(tp->root);

	if (arg->count >= arg->skip && f->handle && arg->fn(tp, f, arg) < 0)
		arg->stop = 1;
	arg->count++;
}

static int klb_dump(struct net *net, struct tcf_proto *tp, void *fh,
		    struct sk_buff *skb, struct tcmsg *t, bool rtnl_held)
{
	struct klb_filter *f = fh;

	if (f)
		t->tcm_handle = f->handle;
	return skb->len;
}

static struct tcf_proto_ops klb_tc_ops __read_mostly = {
	.kind		= "klb",
	.classify	= klb_classify,
	.init		= klb_init,
	.destroy	= klb_destroy,
	.get		= klb_get,
	.change		= klb_change,
	.delete		= klb_delete,
	.walk		= klb_walk,
	.dump		= klb_dump,
	.owner		= THIS_MODULE,
};

int klb_tc_register(void)
{
	return register_tcf_proto_ops(&klb_tc_ops);
}

void klb_tc_unregister(void)
{
	unregister_tcf_proto_ops(&klb_tc_ops);
}

int klb_tc_for_each(struct klb_net *kn,
		    int (*fn)(int ifindex, u32 hooks, void *arg), void *arg)
{
	struct klb_filter *f, *next;
	u32 hooks = 0;
	int ret = 0;

	mutex_lock(&kn->filter_lock);
	list_for_each_entry(f, &kn->filters, node) {
		hooks |= f->ingress ? KLB_DEV_HOOK_INGRESS :
				      KLB_DEV_HOOK_EGRESS;
		next = list_next_entry(f, node);
		if (!list_entry_is_head(next, &kn->filters, node) &&
		    next->dev == f->dev)
			continue;
		ret = fn(f->dev->ifindex, hooks, arg);
		if (ret)
			break;
		hooks = 0;
	}
	mutex_unlock(&kn->filter_lock);
	return ret;
}
