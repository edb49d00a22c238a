/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_HOOK_TC_H
#define KLB_HOOK_TC_H

#include <linux/types.h>
#include <net/pkt_cls.h>
#include <net/sch_generic.h>

struct klb_net;

int klb_tc_register(void);
void klb_tc_unregister(void);

/* Calls @fn for each device that has a filter of ours, in order of ifindex,
 * with the hooks it has (enum klb_dev_hook). Stops when @fn returns
 * non-zero, and returns that. Process context.
 */
int klb_tc_for_each(struct klb_net *kn,
		    int (*fn)(int ifindex, u32 hooks, void *arg), void *arg);

#endif
