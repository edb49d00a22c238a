/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_PLAN_H
#define KLB_PLAN_H

#include <linux/netlink.h>
#include <linux/types.h>

struct klb_endpoint;
struct klb_endpoint_conf;
struct klb_service;
struct klb_service_conf;
struct klb_table_conf;

/* The endpoints of a service as they are about to be: an array in order of
 * family, address and port, which makes the Maglev table independent of the order
 * they came in. A plan either becomes true as a whole or leaves everything
 * as it was. klb_net.lock is held throughout.
 */
struct klb_plan {
	struct klb_endpoint *ep;	/* removed: made for this plan */
	u16 weight;
	u8 state;
	u8 scope;
};

/* What is now, with room for one more; counts in *@n. NULL: no memory. */
struct klb_plan *klb_plan_current(const struct klb_service *svc, u32 *n);
/* The same if the service is to be @forward. */
struct klb_plan *klb_plan_again(struct klb_service *svc, u8 forward, u32 *n);
/* What @conf, sorted and without doubles, wants. NULL: no memory. */
struct klb_plan *klb_plan_replace(struct klb_service *svc,
				  const struct klb_service_conf *conf);
/* Fills one place; an endpoint that is there keeps what @conf leaves out. */
int klb_plan_one(struct klb_plan *p, struct klb_service *svc, u8 forward,
		 const struct klb_endpoint_conf *conf);
/* What @conf names of weight, state and scope. */
void klb_plan_change(struct klb_plan *p, const struct klb_endpoint_conf *conf);
/* The place of an endpoint in a plan that has it. */
struct klb_plan *klb_plan_find(struct klb_plan *plan,
			       const struct klb_endpoint *ep);
/* Builds the tables and makes the plan true. Frees the plan, which may be
 * NULL: then, as without memory, -ENOMEM.
 */
int klb_plan_run(struct klb_service *svc, struct klb_plan *plan, u32 n,
		 const struct klb_table_conf *conf,
		 struct netlink_ext_ack *extack);
/* Takes all endpoints out of a service that nobody finds any more. */
void klb_plan_clear(struct klb_service *svc);

#endif
