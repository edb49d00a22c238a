// SPDX-License-Identifier: GPL-2.0
#include "reach.h"

#include <errno.h>
#include <string.h>

#include "object.h"
#include "ownaddr.h"

struct reach {
	const struct klb_prefixes *services, *links;
	struct klb_prefixes *routes;
	bool failed;
};

/* Sorted by address, so that one follows itself. */
static void reach_one(const struct klb_service *is,
		      const struct klb_service *wanted, void *arg)
{
	static const struct klb_addr any;
	struct reach *r = arg;
	struct klb_prefix p;

	if (!wanted || !memcmp(wanted->ap.addr.b, any.b, sizeof(any.b)))
		return;		/* any address: NodePorts */
	p = (struct klb_prefix){
		.addr = wanted->ap.addr, .len = wanted->ap.addr.len * 8,
	};
	if (kube_prefixes_have(r->services, &p.addr) ||
	    kube_prefixes_have(r->links, &p.addr))
		return;
	if (r->routes->n &&
	    !klb_prefix_cmp(&r->routes->v[r->routes->n - 1], &p))
		return;
	if (klb_prefixes_add(r->routes, &p))
		r->failed = true;
}

int reach_routes(const struct kube_plan *plan,
		 const struct klb_prefixes *services, const char *device,
		 struct klb_prefixes *routes)
{
	struct klb_prefixes links = { 0 };
	struct reach r = {
		.services = services, .links = &links, .routes = routes,
	};
	int rc;

	memset(routes, 0, sizeof(*routes));
	rc = ownaddr_networks(device, &links);
	if (!rc)
		rc = klb_prefixes_copy(routes, services);
	if (!rc)
		kube_plan_walk(plan, reach_one, &r);
	klb_prefixes_free(&links);
	klb_prefixes_uniq(routes);
	return r.failed ? -ENOMEM : rc;
}
