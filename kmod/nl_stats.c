// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <net/sock.h>

#include "netlink.h"
#include "netns.h"

static int put_counter(struct sk_buff *skb, struct klb_net *kn,
		       enum klb_reason reason)
{
	struct nlattr *nest = nla_nest_start(skb, KLB_A_STATS_COUNTER);

	if (!nest ||
	    nla_put_string(skb, KLB_A_COUNTER_NAME,
			   klb_reason_names[reason]) ||
	    nla_put_u64_64bit(skb, KLB_A_COUNTER_VALUE,
			      klb_stats_sum(kn->stats, reason),
			      KLB_A_COUNTER_PAD) ||
	    nla_put_string(skb, KLB_A_COUNTER_DOC, klb_reason_docs[reason]))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

/* One message, or where that is too small, as many as it takes. */
int klb_nl_stats_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct klb_net *kn = klb_net(sock_net(skb->sk));
	u32 *next = (u32 *)cb->ctx;
	unsigned char *mark;
	void *hdr;

	if (*next == __KLB_REASON_MAX)
		return 0;
	hdr = klb_nl_part(skb, cb, KLB_CMD_STATS_GET);
	if (!hdr)
		return -EMSGSIZE;
	for (; *next < __KLB_REASON_MAX; ++*next) {
		mark = skb_tail_pointer(skb);
		if (put_counter(skb, kn, *next)) {
			nlmsg_trim(skb, mark);
			break;
		}
	}
	genlmsg_end(skb, hdr);
	return skb->len;
}
