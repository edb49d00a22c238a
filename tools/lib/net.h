/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NET_H
#define KLB_NET_H

#include <stdint.h>

#include "attr.h"

struct klb;

/* Which settings are given; a request names only those. */
#define KLB_NET_HAS_CONN_MAX	0x1
#define KLB_NET_HAS_VETH_PEER	0x2

/* Settings and size of the network namespace. */
struct klb_net {
	uint32_t has;
	uint32_t conn_max;
	uint8_t veth_peer;
	uint32_t conns;
	uint32_t buckets;
	uint32_t services;
	char version[64];
};

int klb_net_put(struct nl_msg *msg, const struct klb_net *net);
void klb_net_parse(struct klb_attrs attrs, struct klb_net *net);

int klb_net_get(struct klb *k, struct klb_net *net);
int klb_net_set(struct klb *k, const struct klb_net *net);

#endif
