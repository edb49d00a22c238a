// SPDX-License-Identifier: GPL-2.0
#include "frag.h"

#include <linux/klb_reason.h>

#include "netns.h"

static enum klb_verdict count(struct klb_net *kn, const struct sk_buff *skb,
			      enum klb_reason reason, enum klb_verdict verdict)
{
	klb_count(kn->stats, skb, reason);
	return verdict;
}

/* Of one that has no ports it is not known whether it is for a service. */
enum klb_verdict klb_frag_in(struct klb_net *kn, struct sk_buff *skb, u8 hook)
{
	struct klb_pkt pkt = { .skb = skb, .hook = hook };

	if (klb_parse(&pkt) &&
	    (klb_conn_lookup(kn, &pkt.t) ||
	     klb_service_lookup(kn, &pkt.t, pkt.t.family)))
		return count(kn, skb, KLB_REASON_FRAGMENT, KLB_DROP);
	return count(kn, skb, KLB_REASON_BYSTANDER, KLB_PASS);
}
