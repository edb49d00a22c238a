/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_HOOK_DEV_H
#define KLB_HOOK_DEV_H

#include <linux/types.h>

struct net;

/* The klb device with the lowest index above @ifindex, 0: there is none. */
int klb_dev_after(struct net *net, int ifindex);

int klb_dev_register(void);
void klb_dev_unregister(void);

#endif
