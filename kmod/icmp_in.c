// SPDX-License-Identifier: GPL-2.0
#include "icmp_in.h"

#include <linux/klb_reason.h>

#include "netns.h"

enum klb_verdict klb_icmp_in(struct klb_net *kn, struct sk_buff *skb, u8 hook)
{
	klb_count(kn->stats, skb, KLB_REASON_BYSTANDER);
	return KLB_PASS;
}
