/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_REACH_H
#define LBAGENT_REACH_H

#include "dests.h"
#include "plan.h"

/*
 * What this host is to send through the module: to the prefixes of services,
 * all; to an address of a service outside of them, only what goes to the
 * service's port, as the rest of it may be another host's. Sorted. To be freed,
 * whatever is returned. -ENOMEM.
 */
int reach_dests(const struct kube_plan *plan,
		const struct klb_prefixes *services, struct dests *dests);

#endif
