/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_NEIGH_H
#define LBAGENT_NEIGH_H

#include <linux/netlink.h>
#include <stdbool.h>

#include "attr.h"
#include "handle.h"

/* What this host knows of an address in one of its own networks. */
struct neigh {
	int ifindex;
	struct klb_addr addr;
	enum {
		NEIGH_UNKNOWN,	/* it is asked for, or was forgotten */
		NEIGH_THERE,	/* somebody has it, or had it a moment ago */
		NEIGH_SILENT,	/* it was asked for, and nobody answered */
		NEIGH_PINNED,	/* permanent, by an administrator's will */
	} is;
};

/* What is returned if it is not 0 ends the walk. */
typedef int (*neigh_cb)(const struct neigh *neigh, void *arg);

/* False: the message is about something else. */
bool neigh_parse(const struct nlmsghdr *nlh, struct neigh *neigh);

/* All are 0 or -errno with a sentence in k->err. */

int neigh_dump(struct klb *k, neigh_cb cb, void *arg);
/*
 * Has the kernel ask, as if a packet were to go there: by ARP (RFC 826) or
 * neighbour solicitations (RFC 4861), three within three seconds by default. What
 * comes of it is told to RTNLGRP_NEIGH, unless it is known and as it was. What is
 * NEIGH_PINNED is so no longer then.
 */
int neigh_ask(struct klb *k, int ifindex, const struct klb_addr *addr);

#endif
