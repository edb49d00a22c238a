/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_ROUTE_H
#define LBAGENT_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "handle.h"
#include "prefix.h"

/*
 * The number that routes and addresses of lbagent carry, so that they are told
 * from others. /etc/iproute2/rt_protos.d may give it a name.
 */
#define ROUTE_PROTOCOL	107

/* A route of the main table. lbagent's own lead to a device, without a gateway. */
struct route {
	struct klb_prefix to;
	bool direct;		/* without a gateway, to one device; as it was read */
	uint32_t metric;	/* as it was read */
	int ifindex;		/* 0: none, or more than one */
	struct klb_addr src;	/* of packets without one; length 0: none */
	uint8_t protocol;
};

/* What is returned if it is not 0 ends the walk. */
typedef int (*route_cb)(const struct route *route, void *arg);

/* All are 0 or -errno with a sentence in k->err. */

/* Those of both families that carry @protocol (RTPROT_..., ROUTE_PROTOCOL). */
int route_dump(struct klb *k, uint8_t protocol, route_cb cb, void *arg);
/* -EEXIST if there is one to the same prefix, unless it is to be replaced. */
int route_add(struct klb *k, const struct route *route, bool replace);
/* One that is not there is no failure. */
int route_del(struct klb *k, const struct route *route);

/* True if it is about one, of whatever protocol. */
bool route_parse(const struct nlmsghdr *nlh, struct route *route);

#endif
