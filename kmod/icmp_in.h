/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_ICMP_IN_H
#define KLB_ICMP_IN_H

#include "parse.h"

struct klb_net;

/* ICMP of either family, no fragment. RCU and BH held, skb->data at its network
 * header. The reason is counted.
 */
enum klb_verdict klb_icmp_in(struct klb_net *kn, struct sk_buff *skb, u8 hook);

#endif
