/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_SELECT_H
#define LBAGENT_SELECT_H

#include "object.h"

/* An endpoint of one port of a service, of one family. */
struct kube_pick {
	struct klb_ap ap;
	uint8_t flags;		/* KUBE_EP_... */
	bool zone_hints;
	bool for_zone;		/* one of them is this node's */
	bool cluster, local;	/* in which lists it is */
};

struct kube_picks {
	struct kube_pick *v;
	size_t n, room;
	size_t n_local;
	bool any;		/* somewhere in the cluster is one */
};

/* Which lists the frontends need. */
struct kube_uses {
	bool cluster, local;
};

/*
 * 1.2: the endpoints of the slices' ports of the name and protocol of @port,
 * of the family of @addr_len; sorted, each once. @zone is this node's, or "".
 * -ENOMEM.
 */
int kube_picks_merge(struct kube_picks *picks, const struct kube_port *port,
		     uint8_t addr_len, const char *zone,
		     const struct kube_slice *const *slices, size_t n_slices);
/* 1.3: puts them on the lists. */
void kube_picks_categorize(struct kube_picks *picks,
			   const struct kube_uses *uses);
void kube_picks_free(struct kube_picks *picks);

#endif
