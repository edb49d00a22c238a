// SPDX-License-Identifier: GPL-2.0
#include "reach.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "object.h"
#include "rule.h"

struct reach {
	const struct klb_prefixes *services;
	struct dests *dests;
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
	if (kube_prefixes_have(r->services, &p.addr))
		return;
	if (dests_add(r->dests, rule_table(wanted->proto, wanted->ap.port), &p))
		r->failed = true;
}

int reach_dests(const struct kube_plan *plan,
		const struct klb_prefixes *services, struct dests *dests)
{
	struct reach r = { .services = services, .dests = dests };
	size_t i;

	memset(dests, 0, sizeof(*dests));
	for (i = 0; i < services->n && !r.failed; i++)
		r.failed = dests_add(dests, RT_TABLE_MAIN, &services->v[i]);
	kube_plan_walk(plan, reach_one, &r);
	dests_uniq(dests);
	return r.failed ? -ENOMEM : 0;
}
