/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_ONLINK_H
#define LBAGENT_ONLINK_H

#include <stddef.h>
#include <stdint.h>

#include "handle.h"
#include "prefix.h"

/*
 * The networks that this host is in, as its routes say: the kernel takes those
 * away with their device, and in IPv6 the address need not tell the network (it
 * is DHCPv6's, and the prefix the router's).
 */
struct onlinks {
	struct onlink *v;
	size_t n, room;
};

/*
 * Routes of the main table without a gateway that the kernel made or a router
 * announced, but those of @without (NULL: none). 0, or -errno with a sentence in
 * k->err or -ENOMEM; @out is to be freed in either case.
 */
int onlinks_read(struct klb *k, const char *without, struct onlinks *out);
void onlinks_free(struct onlinks *o);

/* The device behind which a packet's receiver is itself; 0: none. */
int onlinks_find(const struct onlinks *o, const struct klb_addr *addr);

#endif
