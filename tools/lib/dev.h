/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_DEV_H
#define KLB_DEV_H

#include <net/if.h>
#include <stdint.h>

#include "attr.h"

struct klb;

/* hooks: KLB_DEV_HOOK_INGRESS and KLB_DEV_HOOK_EGRESS or'ed. */
struct klb_dev {
	char name[IF_NAMESIZE];
	uint32_t ifindex;
	uint32_t hooks;
};

typedef int (*klb_dev_cb)(const struct klb_dev *dev, void *arg);

void klb_dev_parse(struct klb_attrs attrs, struct klb_dev *dev);
int klb_dev_dump(struct klb *k, klb_dev_cb cb, void *arg);

/*
 * Puts klb's filter on the hooks of the device, with the clsact qdisc under
 * it if there is none. Where it is already nothing is changed.
 */
int klb_dev_attach(struct klb *k, const char *name, uint32_t hooks);
/*
 * Takes klb's filters, and only those, off all hooks; the clsact qdisc goes
 * with the last filter.
 */
int klb_dev_detach(struct klb *k, const char *name);

#endif
