/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_SCHED_H
#define KLB_SCHED_H

#include <linux/klb.h>
#include <linux/types.h>

struct klb_endpoint;
struct klb_service;
struct klb_steps;
struct klb_table;
struct klb_tuple;

/* Which endpoint a new connection gets, where that takes more than Maglev.
 *
 * rr and wrr count turns (turns.h), lc and wlc know the number of connections
 * of each endpoint and who has the fewest (least.h), random compares the
 * numbers of two. Numbers are klb_endpoint.active, of connections with
 * KLB_CONN_COUNTED: what is counted when it is chosen, and given back when it
 * is over or did not come about.
 */

/* Clients that may get different endpoints. */
enum klb_client {
	KLB_CLIENT_OUTSIDE,
	KLB_CLIENT_INSIDE,
	KLB_CLIENTS
};

/* What was chosen. */
struct klb_pick {
	struct klb_endpoint *ep;	/* NULL: nobody to choose from */
	bool counted;	/* to be given back by klb_sched_end() */
};

static inline bool klb_sched_counts(u8 scheduler)
{
	return scheduler == KLB_SCHEDULER_LC ||
	       scheduler == KLB_SCHEDULER_WLC ||
	       scheduler == KLB_SCHEDULER_RANDOM;
}

/* Packets: RCU and BH held. @peek: see struct klb_steps. */
struct klb_pick klb_sched_pick(struct klb_service *svc,
			       const struct klb_tuple *t,
			       enum klb_client client, struct klb_steps *peek);
/* The same with an endpoint that is known. */
struct klb_pick klb_sched_pick_this(struct klb_endpoint *ep,
				    struct klb_steps *peek);
/* The table for a client, NULL: nobody to choose from. */
const struct klb_table *klb_sched_table(const struct klb_service *svc,
					enum klb_client client);

/* One connection more, or less. Any context with RCU or a reference of @ep. */
void klb_sched_begin(struct klb_endpoint *ep);
void klb_sched_end(struct klb_endpoint *ep);

/* Puts tables in place of those of the service, which are left in @tables.
 * They go on where the old ones were. klb_net.lock held.
 */
void klb_sched_publish(struct klb_service *svc, struct klb_table **tables);

#endif
