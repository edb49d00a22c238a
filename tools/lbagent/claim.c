// SPDX-License-Identifier: GPL-2.0
#include "claim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

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

static int claim_cmp(const void *a, const void *b)
{
	const struct kube_claim *x = a, *y = b;
	int rc = klb_service_cmp(&x->svc, &y->svc);

	if (!rc)
		rc = (int)x->rank - (int)y->rank;
	if (!rc)
		rc = (x->created > y->created) - (x->created < y->created);
	return rc ? rc : strcmp(x->svc.name, y->svc.name);
}

static void tell(const struct klb_service *winner,
		 const struct klb_service *loser, kube_conflict_cb conflict,
		 void *arg)
{
	char sentence[2 * sizeof(winner->name) + KLB_ADDR_TEXT + 64];
	char text[KLB_ADDR_TEXT];

	if (!conflict || !strcmp(winner->name, loser->name))
		return;
	snprintf(sentence, sizeof(sentence),
		 "%s does not get %s %s, which %s has", loser->name,
		 klb_proto_name(loser->proto), klb_ap_format(&loser->ap, text),
		 winner->name);
	conflict(sentence, arg);
}

void kube_claims_resolve(struct kube_claims *claims, kube_conflict_cb conflict,
			 void *arg)
{
	struct kube_claim *v = claims->v;
	size_t i, n = 0;

	if (claims->n)
		qsort(v, claims->n, sizeof(*v), claim_cmp);
	for (i = 0; i < claims->n; i++) {
		if (!n || !klb_service_same_key(&v[n - 1].svc, &v[i].svc)) {
			v[n++] = v[i];
			continue;
		}
		tell(&v[n - 1].svc, &v[i].svc, conflict, arg);
		klb_service_free(&v[i].svc);
	}
	claims->n = n;
}
