// SPDX-License-Identifier: GPL-2.0
#include "service_diff.h"

#include <linux/klb.h>
#include <stdlib.h>
#include <string.h>

/* One that nobody has set anything of. */
static const struct klb_service plain = {
	.scheduler = KLB_SCHEDULER_MAGLEV, .forward = KLB_FORWARD_NAT,
};

int klb_service_cmp(const struct klb_service *a, const struct klb_service *b)
{
	int rc = klb_ap_cmp(&a->ap, &b->ap);

	return rc ? rc : a->proto - b->proto;
}

static int endpoint_cmp(const void *a, const void *b)
{
	const struct klb_endpoint *x = a, *y = b;

	return klb_ap_cmp(&x->ap, &y->ap);
}

void klb_service_sort_endpoints(struct klb_service *svc)
{
	if (svc->n_endpoints > 1)	/* an empty list may be NULL */
		qsort(svc->endpoints, svc->n_endpoints,
		      sizeof(*svc->endpoints), endpoint_cmp);
}

static bool same_endpoints(const struct klb_service *a,
			   const struct klb_service *b)
{
	const struct klb_endpoint *x, *y;
	size_t i;

	if (a->n_endpoints != b->n_endpoints)
		return false;
	for (i = 0; i < a->n_endpoints; i++) {
		x = &a->endpoints[i];
		y = &b->endpoints[i];
		if (klb_ap_cmp(&x->ap, &y->ap) || x->weight != y->weight ||
		    x->state != y->state || x->scope != y->scope)
			return false;
	}
	return true;
}

static bool same_secondary(const struct klb_service *a,
			   const struct klb_service *b)
{
	size_t i;

	if (a->n_secondary != b->n_secondary)
		return false;
	for (i = 0; i < a->n_secondary; i++) {
		if (klb_addr_cmp(&a->secondary[i], &b->secondary[i]))
			return false;
	}
	return true;
}

/* Of what matters to clients. */
static uint32_t client_differences(const struct klb_service *a,
				   const struct klb_service *b)
{
	uint32_t has = 0;

	if (a->masquerade != b->masquerade)
		has |= KLB_SERVICE_HAS_MASQUERADE;
	if (a->empty != b->empty)
		has |= KLB_SERVICE_HAS_EMPTY;
	if (a->affinity != b->affinity)
		has |= KLB_SERVICE_HAS_AFFINITY;
	if (strcmp(a->share, b->share))
		has |= KLB_SERVICE_HAS_SHARE;
	if (strcmp(a->pool, b->pool))
		has |= KLB_SERVICE_HAS_POOL;
	if (!klb_prefixes_same(&a->sources, &b->sources))
		has |= KLB_SERVICE_HAS_SOURCES;
	if (!same_secondary(a, b))
		has |= KLB_SERVICE_HAS_SECONDARY;
	return has;
}

uint32_t klb_service_differences(const struct klb_service *is,
				 const struct klb_service *wanted)
{
	const struct klb_service *a = is ? is : &plain, *b = wanted;
	uint32_t has = 0;

	if (strcmp(a->name, b->name))
		has |= KLB_SERVICE_HAS_NAME;
	if (a->scheduler != b->scheduler)
		has |= KLB_SERVICE_HAS_SCHEDULER;
	if (a->forward != b->forward)
		has |= KLB_SERVICE_HAS_FORWARD;
	if (a->timeout != b->timeout)
		has |= KLB_SERVICE_HAS_TIMEOUT;
	if (a->maglev_size != b->maglev_size)
		has |= KLB_SERVICE_HAS_MAGLEV_SIZE;
	if (a->seed != b->seed)
		has |= KLB_SERVICE_HAS_SEED;
	has |= client_differences(a, b);
	if (!same_endpoints(a, b))
		has |= KLB_SERVICE_HAS_ENDPOINTS;
	return has;
}
