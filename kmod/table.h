/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KLB_TABLE_H
#define KLB_TABLE_H

#include <linux/types.h>

#include "sched.h"

struct klb_endpoint_id;
struct klb_plan;
struct klb_service;

/* What the tables of a service are made by, beside its endpoints. */
struct klb_table_conf {
	u8 scheduler;			/* enum klb_scheduler */
	u32 maglev_size;		/* wanted, 0: automatic */
	u32 seed;
};

/* The tables for a plan of @n endpoints, [KLB_CLIENTS]; those in use where they
 * would be the same. klb_net.lock held. 0 or -ENOMEM.
 *
 * If no endpoint has a scope, or none that has can be chosen, inside clients
 * have no table of their own but that for all.
 */
int klb_tables_build(const struct klb_service *svc, const struct klb_plan *plan,
		     u32 n, const struct klb_table_conf *conf,
		     struct klb_table **tables);
/* Puts them in place of those in use. */
void klb_tables_publish(struct klb_service *svc, struct klb_table **tables);

#endif
