/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_NET_H
#define KLB_NET_H

#include <stdint.h>

#include "attr.h"
#include "prefix.h"

struct klb;

/* Which settings are given; a request names only those. */
#define KLB_NET_HAS_CONN_MAX	0x01
#define KLB_NET_HAS_VETH_PEER	0x02
#define KLB_NET_HAS_PODS	0x04	/* the list, even if empty */
#define KLB_NET_HAS_NODEPORTS	0x08
#define KLB_NET_HAS_GUARD	0x10
#define KLB_NET_HAS_ECHO	0x20
#define KLB_NET_HAS_GUE_PORT	0x40

/* Settings and size of the network namespace. */
struct klb_net {
	uint32_t has;
	uint32_t conn_max;
	uint8_t veth_peer;
	uint8_t echo;
	uint16_t gue_port;
	struct klb_prefixes pods, nodeports, guard;
	uint32_t conns;
	uint32_t buckets;
	uint32_t services;
	uint64_t events_lost;
	uint32_t chain_max;
	uint64_t evicted;
	char version[64];
};

void klb_net_free(struct klb_net *net);
/* KLB_NET_HAS_... of the settings that differ, lists being sorted. */
uint32_t klb_net_differences(const struct klb_net *a, const struct klb_net *b);
size_t klb_net_room(const struct klb_net *net);
int klb_net_put(struct nl_msg *msg, const struct klb_net *net);
/* What the kernel tells has all settings. 0 or -ENOMEM; to be freed. */
int klb_net_parse(struct klb_attrs attrs, struct klb_net *net);

/* To be freed, whether it was got or not. */
int klb_net_get(struct klb *k, struct klb_net *net);
int klb_net_set(struct klb *k, const struct klb_net *net);

#endif
