/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_STATS_H
#define KLB_STATS_H

#include <linux/percpu.h>
#include <linux/types.h>
#include <linux/klb_reason.h>

#include "trace.h"

/* Packets by what became of them; each CPU counts its own. */
struct klb_stats {
	u64 packets[__KLB_REASON_MAX];
};

extern const char *const klb_reason_names[__KLB_REASON_MAX];
extern const char *const klb_reason_docs[__KLB_REASON_MAX];

/* Counts a packet; BH off. */
static __always_inline void klb_count(struct klb_stats __percpu *stats,
				      const void *skb, enum klb_reason reason)
{
	__this_cpu_inc(stats->packets[reason]);
	trace_klb_packet(skb, reason);
}

u64 klb_stats_sum(struct klb_stats __percpu *stats, enum klb_reason reason);

#endif
