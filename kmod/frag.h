/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_FRAG_H
#define KLB_FRAG_H

#include "parse.h"

struct klb_net;

/* A fragment, of either family. RCU and BH held, skb->data at its network
 * header. The reason is counted.
 */
enum klb_verdict klb_frag_in(struct klb_net *kn, struct sk_buff *skb, u8 hook);

#endif
