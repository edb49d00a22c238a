/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_PLAN_H
#define LBAGENT_PLAN_H

#include "claim.h"

/*
 * What the Services want, what the module has, and the requests that make the
 * latter the former. Talks to nobody. A service whose name does not begin with
 * the mark is somebody else's and stays as it is.
 */
struct kube_plan;

enum kube_change_type {
	KUBE_CHANGE_DEL,
	KUBE_CHANGE_NEW,
	KUBE_CHANGE_SET,	/* all that differs, in one request */
};

/* One request: that of the service with these of its settings. */
struct kube_change {
	enum kube_change_type type;
	uint32_t has;		/* KLB_SERVICE_HAS_... */
	const struct klb_service *svc;
	/* whose it is; NULL: nobody's, so it is to go */
	const char *ns, *name;
};

/* The Service NS/NAME does not get what another one, or somebody else, has. */
typedef void (*kube_conflict_cb)(const char *ns, const char *name,
				 const char *sentence, void *arg);

/* NULL: no memory. @mark must outlive it. */
struct kube_plan *kube_plan_new(const char *mark, kube_conflict_cb conflict,
				void *arg);
void kube_plan_free(struct kube_plan *plan);

/*
 * This is all now that the Service NS/NAME wants; the claims are taken over,
 * whatever is returned. After -ENOMEM it is to be said again.
 */
int kube_plan_want(struct kube_plan *plan, const char *ns, const char *name,
		   struct kube_claims *claims);

/*
 * What the module has, of which a copy is made. Between begin and end all that
 * it has is told: what is not, it has not. -ENOMEM: begin again.
 */
void kube_plan_begin_dump(struct kube_plan *plan);
int kube_plan_has(struct kube_plan *plan, const struct klb_service *svc);
void kube_plan_end_dump(struct kube_plan *plan);

/*
 * The next request, deletions first. False: there is none. A change is good
 * until kube_plan_done() tells how it went, which must come next: not @done
 * was refused, and comes again if anything changes about it, or with
 * kube_plan_retry(). -ENOMEM: only another dump helps.
 */
bool kube_plan_next(struct kube_plan *plan, struct kube_change *change);
int kube_plan_done(struct kube_plan *plan, const struct kube_change *change,
		   bool done);
/* How many were refused, and are to be tried again. */
size_t kube_plan_retry(struct kube_plan *plan);
size_t kube_plan_refused(const struct kube_plan *plan);
/* Claims that somebody else has what they are for, as of the last look. */
size_t kube_plan_conflicts(const struct kube_plan *plan);
/* Of all Services. */
const struct kube_no_local *kube_plan_no_local(const struct kube_plan *plan);
/* How many wait. */
size_t kube_plan_pending(const struct kube_plan *plan);

/*
 * Tells each service by its key, with what the module has and what is wanted,
 * of which one may be NULL.
 */
typedef void (*kube_plan_cb)(const struct klb_service *is,
			     const struct klb_service *wanted, void *arg);
void kube_plan_walk(const struct kube_plan *plan, kube_plan_cb cb, void *arg);

#endif
