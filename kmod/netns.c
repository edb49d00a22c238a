// SPDX-License-Identifier: GPL-2.0
#include "netns.h"

#include "conn_sctp.h"
#include <linux/mm.h>

#include "pool.h"
#include "vip.h"

/* Connections a namespace may have unless told otherwise: what fits into a
 * sixteenth of the memory, but enough for a small machine too.
 */
#define CONN_MAX_MIN	65536
#define CONN_BYTES	256

#define GUE_PORT	6080

unsigned int klb_net_id;

static u32 default_conn_max(void)
{
	u64 bytes = (u64)totalram_pages() << PAGE_SHIFT;

	return clamp_t(u64, bytes / 16 / CONN_BYTES, CONN_MAX_MIN, INT_MAX);
}

static int klb_net_init(struct net *net)
{
	struct klb_net *kn = klb_net(net);
	int err;

	kn->net = net;
	kn->veth_peer = true;
	kn->echo = true;
	kn->conn_max = default_conn_max();
	kn->gue_port = htons(GUE_PORT);
	mutex_init(&kn->lock);
	mutex_init(&kn->filter_lock);
	INIT_LIST_HEAD(&kn->filters);
	INIT_LIST_HEAD(&kn->pools);
	klb_conns_init(kn);
	klb_affinity_init(kn);
	klb_routes_init(kn);
	klb_frags_init(kn);
	kn->stats = alloc_percpu(struct klb_stats);
	if (!kn->stats)
		return -ENOMEM;
	err = klb_sieve_init(kn);
	if (err)
		goto err_stats;
	err = klb_vips_init(kn);
	if (err)
		goto err_sieve;
	err = klb_services_init(kn);
	if (err)
		goto err_vips;
	return 0;

err_vips:
	klb_vips_exit(kn);
err_sieve:
	klb_sieve_exit(kn);
err_stats:
	free_percpu(kn->stats);
	return err;
}

static void flush(struct klb_net *kn)
{
	struct klb_service *svc;

	mutex_lock(&kn->lock);
	while ((svc = klb_service_after(kn, NULL)))
		klb_service_del(svc);
	klb_pools_flush(kn);
	mutex_unlock(&kn->lock);
	klb_conns_exit(kn);
	klb_frags_exit(kn);
	klb_sctp_exit_net(kn);
}

/* No device of the namespaces is left, nor a message under way: no packet
 * comes any more. What was in use is freed after a grace period, and drops
 * routes that are freed after another one.
 */
static void __net_exit klb_net_exit_batch(struct list_head *nets)
{
	struct klb_net *kn;
	struct net *net;

	list_for_each_entry(net, nets, exit_list)
		flush(klb_net(net));
	rcu_barrier();
	rcu_barrier();
	list_for_each_entry(net, nets, exit_list) {
		kn = klb_net(net);
		klb_services_exit(kn);
		klb_affinity_exit(kn);
		klb_prefix_set_free(rcu_dereference_protected(kn->pod_set, 1));
		klb_vips_exit(kn);
		klb_sieve_exit(kn);
		free_percpu(kn->stats);
		klb_prefix_set_replace(&kn->guard_set, NULL);
		klb_prefix_set_replace(&kn->nodeport_set, NULL);
		kvfree(kn->pods.v);
		kvfree(kn->nodeports.v);
		kvfree(kn->guard.v);
	}
}

static struct pernet_operations klb_net_ops = {
	.init = klb_net_init,
	.exit_batch = klb_net_exit_batch,
	.id = &klb_net_id,
	.size = sizeof(struct klb_net),
};

static int klb_netdev_event(struct notifier_block *nb, unsigned long event,
			    void *ptr)
{
	const struct net_device *dev = netdev_notifier_info_to_dev(ptr);

	/* IPv6 does not count a new MTU as a change of its routes. */
	if (event == NETDEV_DOWN || event == NETDEV_UNREGISTER ||
	    event == NETDEV_CHANGEMTU)
		klb_routes_forget_dev(klb_net(dev_net(dev)), dev);
	return NOTIFY_DONE;
}

static struct notifier_block klb_netdev_notifier = {
	.notifier_call = klb_netdev_event,
};

int klb_net_register(void)
{
	int err;

	err = register_pernet_subsys(&klb_net_ops);
	if (err)
		return err;
	err = register_netdevice_notifier(&klb_netdev_notifier);
	if (err)
		unregister_pernet_subsys(&klb_net_ops);
	return err;
}

void klb_net_unregister(void)
{
	unregister_netdevice_notifier(&klb_netdev_notifier);
	unregister_pernet_subsys(&klb_net_ops);
}
