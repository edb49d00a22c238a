/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_DEVADDR_H
#define LBAGENT_DEVADDR_H

#include <stdbool.h>
#include <stdint.h>

#include "addr.h"
#include "handle.h"

/* An address of a device. */
struct devaddr {
	struct klb_addr addr;
	int ifindex;
	uint8_t protocol;	/* ROUTE_PROTOCOL if it is lbagent's */
};

/* What is returned if it is not 0 ends the walk. */
typedef int (*devaddr_cb)(const struct devaddr *devaddr, void *arg);

/* All are 0 or -errno with a sentence in k->err. */

int devaddr_dump(struct klb *k, int ifindex, devaddr_cb cb, void *arg);
/* As one of lbagent's, of all bits. One that is there stays as it is. */
int devaddr_add(struct klb *k, int ifindex, const struct klb_addr *addr);
/* One that is not there is no failure. */
int devaddr_del(struct klb *k, int ifindex, const struct klb_addr *addr);

/* True if it is about one. */
bool devaddr_parse(const struct nlmsghdr *nlh, struct devaddr *devaddr);

#endif
