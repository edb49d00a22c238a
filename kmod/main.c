// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "conn.h"
#include "hook_dev.h"
#include "hook_tc.h"
#include "netlink.h"
#include "netns.h"
#include "version.h"

static int __init klb_module_init(void)
{
	int err;

	err = klb_conns_module_init();
	if (err)
		return err;
	err = klb_net_register();
	if (err)
		goto err_conns;
	err = klb_tc_register();
	if (err)
		goto err_net;
	err = klb_dev_register();
	if (err)
		goto err_tc;
	err = klb_netlink_init();
	if (err)
		goto err_dev;
	return 0;

err_dev:
	klb_dev_unregister();
err_tc:
	klb_tc_unregister();
err_net:
	klb_net_unregister();
	rcu_barrier();
err_conns:
	klb_conns_module_exit();
	return err;
}

/* The filters hold references of the module, so none is left here. */
static void __exit klb_module_exit(void)
{
	klb_netlink_exit();
	klb_dev_unregister();
	klb_tc_unregister();
	klb_net_unregister();
	rcu_barrier();
	klb_conns_module_exit();
}

module_init(klb_module_init);
module_exit(klb_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The klb authors");
MODULE_DESCRIPTION("L4 load balancer in the ingress path");
MODULE_VERSION(KLB_VERSION);
MODULE_ALIAS_RTNL_LINK("klb");
MODULE_ALIAS_GENL_FAMILY(KLB_GENL_NAME);
MODULE_ALIAS("cls_klb");	/* up to 6.6 */
MODULE_ALIAS("net-cls-klb");	/* since 6.7 */
