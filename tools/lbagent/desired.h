/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LBAGENT_DESIRED_H
#define LBAGENT_DESIRED_H

#include "claim.h"
#include "net.h"
#include "object.h"

/* Begins the names of services that are lbagent's. */
#define KUBE_MARK	"kube/"

/* As kube-proxy's options. */
struct kube_settings {
	const char *proxy_name;	/* NULL: Services without that label */
	bool external_ips;
	bool masquerade_all;
	bool pods_of_node;	/* detect-local-mode NodeCIDR */
	struct klb_prefixes pods;	/* else ClusterCIDR; none: not detected */
	bool nodeports_primary;
	struct klb_prefixes nodeports;	/* none: all */
	struct klb_prefixes services;	/* ServiceCIDRs; none: not guarded */
	/* this host's packets to services come from; length 0: not known */
	struct klb_addr source4, source6;
};

/* For the load balancer's health checks of a Service. */
struct kube_health {
	uint16_t port;
	bool ipv4, ipv6;	/* its families: each has a check of its own */
	size_t local4, local6;	/* ready endpoints of this node, by address */
};

/* Whether there is anything to do for it at all. */
bool kube_is_ours(const struct kube_service *svc,
		  const struct kube_settings *settings);
/*
 * Appends what @svc wants. @slices are those of @svc in the order of their
 * names; @node may be NULL as long as nothing is known of it. -ENOMEM.
 */
int kube_desired(const struct kube_service *svc,
		 const struct kube_slice *const *slices, size_t n_slices,
		 const struct kube_node *node,
		 const struct kube_settings *settings,
		 struct kube_claims *claims);
/* 1 if it has such checks, else 0; -ENOMEM. */
int kube_health_of(const struct kube_service *svc,
		   const struct kube_slice *const *slices, size_t n_slices,
		   const struct kube_settings *settings,
		   struct kube_health *health);
/* Pods, nodeports and guard; to be freed whatever is returned. -ENOMEM. */
int kube_net_desired(const struct kube_settings *settings,
		     const struct kube_node *node, struct klb_net *net);

#endif
