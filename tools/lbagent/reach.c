// SPDX-License-Identifier: GPL-2.0
#include "reach.h"

#include <errno.h>
#include <string.h>

#include "object.h"

struct reach {
	const struct klb_prefixes *services;
	struct klb_prefixes *vips;
	bool failed;
};

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
	if (!kube_prefixes_have(r->services, &p.addr) &&
	    klb_prefixes_add(r->vips, &p))
		r->failed = true;
}

int reach_vips(const struct kube_plan *plan,
	       const struct klb_prefixes *services, struct klb_prefixes *vips)
{
	struct reach r = { .services = services, .vips = vips };

	memset(vips, 0, sizeof(*vips));
	kube_plan_walk(plan, reach_one, &r);
	klb_prefixes_uniq(vips);
	return r.failed ? -ENOMEM : 0;
}
