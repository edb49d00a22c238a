// SPDX-License-Identifier: GPL-2.0
#define CREATE_TRACE_POINTS
#include "stats.h"

const char *const klb_reason_names[__KLB_REASON_MAX] = {
#define NAME_OF(NAME, name, doc) [KLB_REASON_##NAME] = #name,
	KLB_REASONS(NAME_OF)
};

const char *const klb_reason_docs[__KLB_REASON_MAX] = {
#define DOC_OF(NAME, name, doc) [KLB_REASON_##NAME] = doc,
	KLB_REASONS(DOC_OF)
};

/**
 * klb_stats_sum() - packets of all CPUs that met a reason
 * @stats: of a namespace
 * @reason: which
 *
 * Return: their number since the namespace was made.
 */
u64 klb_stats_sum(struct klb_stats __percpu *stats, enum klb_reason reason)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(stats, cpu)->packets[reason]);
	return sum;
}
