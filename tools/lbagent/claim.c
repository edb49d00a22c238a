// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int kube_claims_add(struct kube_claims *claims, struct kube_claim *claim)
{
	size_t room = claims->room;
	struct kube_claim *v = claims->v;

	if (claims->n == room) {
		room = 2 * room + 4;
		v = realloc(v, room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		claims->v = v;
		claims->room = room;
	}
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
