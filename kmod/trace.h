/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM klb

#if !defined(KLB_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KLB_TRACE_H

#include <linux/skbuff.h>
#include <linux/tracepoint.h>
#include <linux/klb_reason.h>

#ifndef KLB_TRACE_REASONS
#define KLB_TRACE_REASONS
#define KLB_TRACE_REASON(NAME, name, doc) { KLB_REASON_##NAME, #name },
#endif

/* What became of a packet, where it is counted. The skb may be gone by the
 * time that its address is read; it only tells packets apart.
 */
TRACE_EVENT(klb_packet,
	TP_PROTO(const void *skb, unsigned int reason),
	TP_ARGS(skb, reason),
	TP_STRUCT__entry(
		__field(const void *, skb)
		__field(unsigned int, reason)
	),
	TP_fast_assign(
		__entry->skb = skb;
		__entry->reason = reason;
	),
	TP_printk("skb=%p reason=%s", __entry->skb,
		  __print_symbolic(__entry->reason,
				   KLB_REASONS(KLB_TRACE_REASON)
				   { -1, NULL }))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
