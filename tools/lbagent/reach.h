/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_REACH_H
#define LBAGENT_REACH_H

#include "plan.h"

/*
 * What this host is to send through the module: the prefixes of services, and
 * each address of a service outside of them, but for those in the
 * networks of other devices than @device (NULL: none): there it may be another
 * host's, which a route would cut off. Sorted. To be freed, whatever is returned.
 * -errno.
 */
int reach_routes(const struct kube_plan *plan,
		 const struct klb_prefixes *services, const char *device,
		 struct klb_prefixes *routes);

#endif
