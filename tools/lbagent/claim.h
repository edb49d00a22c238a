/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_CLAIM_H
#define LBAGENT_CLAIM_H

#include "service_diff.h"

/*
 * Whose address it is. Anybody who may make a Service may write any
 * externalIPs, somebody else's ClusterIP included (CVE-2020-8554): what the
 * API server handed out goes before what was only asked for.
 */
enum kube_rank {
	KUBE_RANK_CLUSTER,	/* ClusterIP, NodePort */
	KUBE_RANK_BALANCER,
	KUBE_RANK_EXTERNAL,
};

/* A service of klb that a Service of Kubernetes wants. */
struct kube_claim {
	struct klb_service svc;
	enum kube_rank rank;
	int64_t created;
};

struct kube_claims {
	struct kube_claim *v;
	size_t n, room;
};

/* Takes over what the claim points to, if it can: -ENOMEM. */
int kube_claims_add(struct kube_claims *claims, struct kube_claim *claim);
void kube_claims_free(struct kube_claims *claims);
/*
 * Who gets a service that more than one wants: that of the better rank, then
 * of the older Service, then of the first name. Below 0: @a.
 */
int kube_claim_cmp(const struct kube_claim *a, const struct kube_claim *b);

/* ServicePorts with a policy Local and endpoints, but none here; by family. */
struct kube_no_local {
	unsigned int internal4, internal6, external4, external6;
};

/* Of the claims of one Service; those of a ServicePort count as one. */
void kube_claims_no_local(const struct kube_claims *claims,
			  struct kube_no_local *out);

#endif
