/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_DIFF_H
#define LBAGENT_DIFF_H

#include "claim.h"

enum kube_change_type {
	KUBE_CHANGE_DEL,
	KUBE_CHANGE_NEW,
	KUBE_CHANGE_SET,	/* all that differs, in one request */
};

/* One request: that of the service with these of its settings. */
struct kube_change {
	enum kube_change_type type;
	uint32_t has;		/* KLB_SERVICE_HAS_... */
	const struct klb_service *svc;	/* of one of the two lists */
};

struct kube_changes {
	struct kube_change *v;
	size_t n, room;
};

/*
 * What makes the module's services @is those that are @wanted, deletions
 * first. Both are sorted by klb_service_cmp(), endpoints and sources too, and
 * have to outlive the changes. Services whose name does not begin with @mark
 * are somebody else's and stay; one that is in the way is told of. -ENOMEM.
 */
int kube_diff(const struct klb_service *is, size_t n_is,
	      const struct kube_claims *wanted, const char *mark,
	      kube_conflict_cb conflict, void *arg,
	      struct kube_changes *changes);
void kube_changes_free(struct kube_changes *changes);

#endif
