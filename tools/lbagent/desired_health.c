// SPDX-License-Identifier: GPL-2.0
/* 1.7: what a load balancer's health check of this node is told. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "desired.h"

static int addr_cmp(const void *a, const void *b)
{
	return klb_addr_cmp(a, b);
}

static size_t room(const struct kube_slice *const *slices, size_t n)
{
	size_t i, sum = 0;

	for (i = 0; i < n; i++)
		sum += slices[i]->n_endpoints;
	return sum;
}

/* Ready ones of this node: terminating ones are not ready. */
static size_t collect(struct klb_addr *v,
		      const struct kube_slice *const *slices, size_t n)
{
	const uint8_t want = KUBE_EP_READY | KUBE_EP_LOCAL;
	const struct kube_endpoint *ep;
	size_t i, k, found = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < slices[i]->n_endpoints; k++) {
			ep = &slices[i]->endpoints[k];
			/* without a port nobody can reach it */
			if ((ep->flags & want) != want || !slices[i]->n_ports)
				continue;
			v[found].len = slices[i]->addr_len;
			memcpy(v[found++].b, ep->addr, slices[i]->addr_len);
		}
	}
	return found;
}

static void count(struct klb_addr *v, size_t n, struct kube_health *health)
{
	size_t i;

	qsort(v, n, sizeof(*v), addr_cmp);
	for (i = 0; i < n; i++) {
		if (i && !klb_addr_cmp(&v[i - 1], &v[i]))
			continue;
		health->local4 += v[i].len == 4;
		health->local6 += v[i].len == 16;
	}
}

static void take_families(const struct kube_service *svc,
			  struct kube_health *health)
{
	size_t i;

	for (i = 0; i < svc->n_cluster; i++) {
		health->ipv4 |= svc->cluster[i].len == 4;
		health->ipv6 |= svc->cluster[i].len == 16;
	}
}

int kube_health_of(const struct kube_service *svc,
		   const struct kube_slice *const *slices, size_t n_slices,
		   const struct kube_settings *settings,
		   struct kube_health *health)
{
	size_t n = room(slices, n_slices);
	struct klb_addr *v;

	memset(health, 0, sizeof(*health));
	if (!kube_is_ours(svc, settings) || !svc->load_balancer ||
	    !svc->external_local || !svc->health_port)
		return 0;
	health->port = svc->health_port;
	take_families(svc, health);
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	count(v, collect(v, slices, n_slices), health);
	free(v);
	return 1;
}
