// SPDX-License-Identifier: GPL-2.0
#include "reach.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "localnet.h"
#include "object.h"

struct reach {
	const struct klb_prefixes *services, *links;
	struct klb_prefixes *routes;
	bool failed;
};

static bool is_among(const struct klb_prefixes *list, const struct klb_addr *a)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (kube_prefix_has(&list->v[i], a))
			return true;
	}
	return false;
}

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
	if (is_among(r->services, &p.addr) || is_among(r->links, &p.addr))
		return;
	if (r->routes->n &&
	    !klb_prefix_cmp(&r->routes->v[r->routes->n - 1], &p))
		return;
	if (klb_prefixes_add(r->routes, &p))
		r->failed = true;
}

static int find_links(const char *device, struct klb_prefixes *links)
{
	char others[IF_NAMESIZE + 4] = "*";

	if (device)
		snprintf(others, sizeof(others), "!(%s)", device);
	return localnet_find(others, links);
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
	rc = find_links(device, &links);
	if (!rc)
		rc = klb_prefixes_copy(routes, services);
	if (!rc)
		kube_plan_walk(plan, reach_one, &r);
	klb_prefixes_free(&links);
	return r.failed ? -ENOMEM : rc;
}
