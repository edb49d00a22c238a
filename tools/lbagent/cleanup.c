// SPDX-License-Identifier: GPL-2.0
/* lbagent --cleanup */
#include <errno.h>
#include <string.h>

#include "agent.h"
#include "host.h"
#include "klb.h"
#include "plan.h"

static int take_service(const struct klb_service *svc, void *arg)
{
	return kube_plan_has(arg, svc);
}

/* A plan in which nobody wants anything deletes what bears the mark. */
static int remove_services(struct klb *k, struct kube_plan *plan)
{
	struct kube_change c;
	int rc = klb_service_dump(k, take_service, plan), one;

	while (!rc && kube_plan_next(plan, &c)) {
		one = klb_service_del(k, c.svc);
		if (kube_plan_done(plan, &c, true) || (one && one != -ENOENT))
			rc = one ? one : -ENOMEM;
	}
	return rc;
}

/* Those that say where this node's pods and services are. */
static int reset_net(struct klb *k)
{
	const struct klb_net none = {
		.has = KLB_NET_HAS_PODS | KLB_NET_HAS_NODEPORTS |
		       KLB_NET_HAS_GUARD,
	};

	return klb_net_set(k, &none);
}

static int clean_module(struct klb *k)
{
	struct kube_plan *plan = kube_plan_new(KUBE_MARK, NULL, NULL);
	int rc, end;

	if (!plan)
		return klb_err_set(&k->err, -ENOMEM, "out of memory");
	/* guard first: without services it rejects what others might serve */
	rc = reset_net(k);
	end = remove_services(k, plan);
	kube_plan_free(plan);
	return rc ? rc : end;
}

int agent_cleanup(sd_event *event, const struct conf *conf,
		  struct klb_err *err)
{
	struct klb k;
	int rc, end;

	rc = klb_open(&k, NULL);
	/* without the module there is nothing of that to take away */
	if (!rc && !klb_family(&k)) {
		rc = clean_module(&k);
		if (rc)
			*err = k.err;
	}
	klb_close(&k);
	end = host_cleanup(event, conf, rc ? &k.err : err);
	return rc ? rc : end;
}
