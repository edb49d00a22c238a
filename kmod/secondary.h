/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SECONDARY_H
#define KLB_SECONDARY_H

#include <linux/netlink.h>

#include "tuple.h"

struct klb_net;
struct klb_service;
struct klb_service_key;

/* Further addresses of a service of SCTP, at its port. Found by packets under
 * RCU, replaced as a whole.
 */
struct klb_secondaries {
	struct rcu_head rcu;
	struct klb_service *svc;
	u8 n;
	struct klb_secondary {
		struct hlist_node node;	/* klb_sctp_table.aliases */
		struct klb_secondaries *all;
		union klb_addr addr;
	} each[];
};

/* Addresses that a service is to have, checked but for what it knows itself;
 * n 0: none. 0 or an error with a sentence. klb_net.lock held.
 */
int klb_secondary_make(struct klb_service *svc, const union klb_addr *addrs,
		       u32 n, struct klb_secondaries **s,
		       struct netlink_ext_ack *extack);
/* Gives them to the service instead of what it has. */
void klb_secondary_use(struct klb_service *svc, struct klb_secondaries *s);
/* Whether a service has such an address. klb_net.lock held. */
bool klb_secondary_taken(struct klb_net *kn, const struct klb_service_key *key);

/* Calls @fn for each such address of all services, klb_net.lock held. */
void klb_secondary_each(struct klb_net *kn,
			void (*fn)(const struct klb_service_key *key,
				   void *arg), void *arg);

/* Packets: the service with a secondary address that a packet is for. */
struct klb_service *klb_secondary_lookup(struct klb_net *kn,
					 const struct klb_tuple *t);
/* The service that a packet of whatever protocol is for, by the one address or
 * by another.
 */
struct klb_service *klb_service_of(struct klb_net *kn,
				   const struct klb_tuple *t);
/* All addresses of a service, room for 1 + KLB_SECONDARY_MAX; returns how
 * many, 0 if it has but one.
 */
u8 klb_secondary_list(const struct klb_service *svc, union klb_addr *addrs);

#endif
