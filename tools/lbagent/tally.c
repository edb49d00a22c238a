// SPDX-License-Identifier: GPL-2.0
#include "tally.h"

#include <string.h>

void tally_init(struct tally *t, struct metrics *metrics)
{
	memset(t, 0, sizeof(*t));
	t->metrics = metrics;
	triggers_init(&t->triggers);
}

void tally_fini(struct tally *t)
{
	triggers_free(&t->triggers);
}

void tally_change(struct tally *t, int kind, const json_t *object)
{
	if (kind == KUBE_SERVICE) {
		metrics_add(t->metrics, METRIC_SERVICE_CHANGES, 1);
		metrics_set(t->metrics, METRIC_SERVICE_PENDING, ++t->services);
	} else if (kind == KUBE_SLICE) {
		metrics_add(t->metrics, METRIC_ENDPOINT_CHANGES, 1);
		metrics_set(t->metrics, METRIC_ENDPOINT_PENDING, ++t->slices);
		triggers_add(&t->triggers, object);
	}
}

void tally_round(struct tally *t, const struct kube_plan *plan)
{
	const struct kube_no_local *n = kube_plan_no_local(plan);
	struct metrics *m = t->metrics;

	t->services = 0;
	t->slices = 0;
	metrics_set(m, METRIC_SERVICE_PENDING, 0);
	metrics_set(m, METRIC_ENDPOINT_PENDING, 0);
	metrics_set(m, METRIC_CONFLICTS, kube_plan_conflicts(plan));
	metrics_set(m, METRIC_NO_LOCAL_INTERNAL4, n->internal4);
	metrics_set(m, METRIC_NO_LOCAL_INTERNAL6, n->internal6);
	metrics_set(m, METRIC_NO_LOCAL_EXTERNAL4, n->external4);
	metrics_set(m, METRIC_NO_LOCAL_EXTERNAL6, n->external6);
	triggers_done(&t->triggers, m);
}
