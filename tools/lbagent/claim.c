// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grow.h"

int kube_claims_add(struct kube_claims *claims, struct kube_claim *claim)
{
	struct kube_claim *v = klb_grow(claims->v, claims->n, &claims->room,
					sizeof(*v));

	if (!v)
		return -ENOMEM;
	claims->v = v;
	v[claims->n++] = *claim;
	return 0;
}

void kube_claims_free(struct kube_claims *claims)
{
	size_t i;

	for (i = 0; i < claims->n; i++)
		klb_service_free(&claims->v[i].svc);
	free(claims->v);
	memset(claims, 0, sizeof(*claims));
}

int kube_claim_cmp(const struct kube_claim *a, const struct kube_claim *b)
{
	int rc = (int)a->rank - (int)b->rank;

	if (!rc)
		rc = (a->created > b->created) - (a->created < b->created);
	return rc ? rc : strcmp(a->svc.name, b->svc.name);
}

static bool is_external(const struct kube_claim *c)
{
	static const struct klb_addr any;

	return c->rank != KUBE_RANK_CLUSTER ||
	       !memcmp(c->svc.ap.addr.b, any.b, sizeof(any.b));
}

static bool is_of_same_port(const struct kube_claim *a,
			    const struct kube_claim *b)
{
	return a->svc.ap.addr.len == b->svc.ap.addr.len &&
	       a->svc.proto == b->svc.proto && !strcmp(a->svc.name, b->svc.name);
}

static unsigned int *count_of(const struct kube_claim *c, bool external,
			      struct kube_no_local *out)
{
	if (c->svc.ap.addr.len == 4)
		return external ? &out->external4 : &out->internal4;
	return external ? &out->external6 : &out->internal6;
}

/* 1.4: nothing else is dropped for want of endpoints. Those of a port follow each other. */
void kube_claims_no_local(const struct kube_claims *claims,
			  struct kube_no_local *out)
{
	bool seen[2] = { 0 };	/* of this port: internal, external */
	const struct kube_claim *c;
	size_t i;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < claims->n; i++) {
		bool external;

		c = &claims->v[i];
		external = is_external(c);
		if (i && !is_of_same_port(c - 1, c))
			memset(seen, 0, sizeof(seen));
		if (c->svc.empty != KLB_EMPTY_DROP || seen[external])
			continue;
		seen[external] = true;
		(*count_of(c, external, out))++;
	}
}
