/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_POOL_H
#define KLB_POOL_H

#include <linux/klb.h>

#include "attr.h"

struct klb;

#define KLB_POOL_PORT_LOW	1024
#define KLB_POOL_PORT_HIGH	65535

/* Source addresses and ports. */
struct klb_pool {
	char name[KLB_POOL_NAME_MAX + 1];
	struct klb_addr first, last;
	uint16_t port_low, port_high;
};

typedef int (*klb_pool_cb)(const struct klb_pool *pool, void *arg);

int klb_pool_put(struct nl_msg *msg, const struct klb_pool *pool);
void klb_pool_parse(struct klb_attrs attrs, struct klb_pool *pool);

int klb_pool_add(struct klb *k, const struct klb_pool *pool);
int klb_pool_del(struct klb *k, const char *name);
int klb_pool_dump(struct klb *k, klb_pool_cb cb, void *arg);

#endif
