/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_VIP_H
#define KLB_VIP_H

#include "tuple.h"

struct klb_net;

/* The addresses that services have, each once. */
int klb_vips_init(struct klb_net *kn);
void klb_vips_exit(struct klb_net *kn);

/* A service has this address, or has it no more: klb_net.lock held. No address
 * at all is none. -ENOMEM.
 */
int klb_vip_add(struct klb_net *kn, u8 family, const union klb_addr *addr);
void klb_vip_del(struct klb_net *kn, u8 family, const union klb_addr *addr);

/* Whether a service has an address. Packets: under RCU. */
bool klb_vip_has(struct klb_net *kn, u8 family, const union klb_addr *addr);

#endif
