/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_OUTFIT_H
#define LBAGENT_OUTFIT_H

#include "handle.h"
#include "prefix.h"

/* Addresses and routes that a network device is to have. */
struct outfit {
	struct klb_prefixes routes;	/* what is to go through the device */
	struct klb_addr *addrs;		/* of the device itself */
	size_t n_addrs;
	/* what this host's packets to there come from; length 0: it chooses */
	struct klb_addr src4, src6;
};

/* With lists of its own, and in order. -ENOMEM, and @to is as it was. */
int outfit_copy(struct outfit *to, const struct outfit *from);
void outfit_free(struct outfit *o);
/* Whether a packet to all of @to is to go there. */
bool outfit_has_route(const struct outfit *o, const struct klb_prefix *to);

/*
 * Makes it so, with @o as outfit_copy() leaves it. Of all else, what carries
 * ROUTE_PROTOCOL goes and the rest stays. A route that cannot be is no reason
 * to be without the others. What was done is added to @changes. 0 or -errno
 * with a sentence in k->err.
 */
int outfit_apply(struct klb *k, int ifindex, const struct outfit *o,
		 unsigned int *changes);

#endif
