/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_STORE_H
#define LBAGENT_STORE_H

#include "object.h"

/*
 * The objects as the watches tell them, by namespace and name, and which
 * Services have to be computed again because of it.
 */
struct kube_store;

enum kube_kind { KUBE_SERVICE, KUBE_SLICE, KUBE_NODE };

/* A Service and its slices; the one may be there without the other. */
struct kube_entry {
	char *ns, *name;
	struct kube_service *svc;	/* NULL if there is none */
	struct kube_slice **slices;	/* by name */
	size_t n_slices;

	/* the store's */
	bool touched;
	struct kube_entry *next;
};

/* @node is this node's name. NULL if there is no memory. */
struct kube_store *kube_store_new(const char *node);
void kube_store_free(struct kube_store *store);

/*
 * Between the two everything of the kind is put that there is; what was not is
 * gone then. A list that ends early is begun again. -ENOMEM.
 */
void kube_store_begin_list(struct kube_store *store, enum kube_kind kind);
int kube_store_end_list(struct kube_store *store, enum kube_kind kind);
/*
 * An object that is new or another one now. -EINVAL and a sentence if it is
 * refused: what was there of its name stays.
 * 0 with one: see kube_service_parse().
 */
int kube_store_put(struct kube_store *store, enum kube_kind kind,
		   const json_t *obj, struct klb_err *err);
int kube_store_gone(struct kube_store *store, enum kube_kind kind,
		    const json_t *obj, struct klb_err *err);

/*
 * The next Service that something was touched of, NULL if there is none. Valid
 * until the next call. It may have ceased to be.
 */
const struct kube_entry *kube_store_next(struct kube_store *store);
/* Whatever depends on more than a Service and its slices has changed. */
void kube_store_touch_all(struct kube_store *store);

/*
 * This node; NULL until it is known. That its object is deleted changes
 * nothing: packets come as before, and the kubelet makes it again.
 */
const struct kube_node *kube_store_node(const struct kube_store *store);
/* Another number: it is another object now. 0: there was none yet. */
unsigned int kube_store_node_changes(const struct kube_store *store);
/* NULL if there is none. Good until the next change. */
const struct kube_service *kube_store_service(const struct kube_store *store,
					      const char *ns, const char *name);
/* True once after the node's addresses or pods have changed. */
bool kube_store_net_touched(struct kube_store *store);

#endif
