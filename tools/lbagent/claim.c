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

/* 1.4: nothing else is dropped for want of endpoints. */
static bool is_of_same_port(const struct kube_claim *a,
			    const struct kube_claim *b)
{
	return b->svc.empty == KLB_EMPTY_DROP &&
	       a->svc.ap.addr.len == b->svc.ap.addr.len &&
	       is_external(a) == is_external(b) &&
	       a->svc.proto == b->svc.proto && !strcmp(a->svc.name, b->svc.name);
}

void kube_claims_no_local(const struct kube_claims *claims,
			  struct kube_no_local *out)
{
	const struct kube_claim *c;
	size_t i, k;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < claims->n; i++) {
		c = &claims->v[i];
		for (k = 0; k < i && !is_of_same_port(c, &claims->v[k]); k++)
			;
		if (c->svc.empty != KLB_EMPTY_DROP || k < i)
			continue;
		if (c->svc.ap.addr.len == 4)
			(*(is_external(c) ? &out->external4 : &out->internal4))++;
		else
			(*(is_external(c) ? &out->external6 : &out->internal6))++;
	}
}
