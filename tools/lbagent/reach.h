/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_REACH_H
#define LBAGENT_REACH_H

#include "plan.h"

/*
 * What this host is to send through the module: the prefixes of services, and
 * each address of a service outside of them. To be freed, whatever is
 * returned. -ENOMEM.
 */
int reach_routes(const struct kube_plan *plan,
		 const struct klb_prefixes *services,
		 struct klb_prefixes *routes);

#endif
