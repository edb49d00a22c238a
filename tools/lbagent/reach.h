/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_REACH_H
#define LBAGENT_REACH_H

#include "plan.h"

/*
 * The addresses of services outside of @services, the prefixes that are all
 * services': balancers' and externalIPs. Sorted, each once. To be freed, whatever is
 * returned. -ENOMEM.
 */
int reach_vips(const struct kube_plan *plan,
	       const struct klb_prefixes *services, struct klb_prefixes *vips);

#endif
